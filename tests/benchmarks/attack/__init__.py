"""Does a mask hide who is under it? Networks and a colour meter try to tell covered faces apart."""
