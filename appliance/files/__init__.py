"""Photos and videos as files: read with care, written whole or not at all."""
