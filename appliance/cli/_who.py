"""Who wishes what is wished here, as the journal tells it."""

WHO = "command line"
