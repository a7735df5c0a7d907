"""sinks parts, one file each."""
