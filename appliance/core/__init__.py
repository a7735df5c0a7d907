"""The pure heart: arithmetic on frames and faces. No clock, no log, no thread, no file."""
