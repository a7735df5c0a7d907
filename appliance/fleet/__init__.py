"""Boxes that know the same people: told over a broker that reads nothing of it."""
