"""MOFY: a camera box that shows enrolled faces and covers every other one before a frame leaves it."""

__version__ = "0.1.0"
