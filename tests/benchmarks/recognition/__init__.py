"""Who is shown? The product's own decision over labelled faces, beside the raw similarity's operating points."""
