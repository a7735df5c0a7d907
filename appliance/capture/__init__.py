"""capture parts, one file each."""
