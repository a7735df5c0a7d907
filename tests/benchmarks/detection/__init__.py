"""Which faces are found? Recall by size and false boxes, for each way the product looks at a picture."""
