"""The camera process from within: the line, what leaves it, what it obeys and how fast it is."""
