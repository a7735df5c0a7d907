"""What x264 costs live, by preset and threads."""
