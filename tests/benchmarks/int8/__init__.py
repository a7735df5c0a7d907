"""What whole numbers cost the detector: the files of every runtime against the float network they were made of."""
