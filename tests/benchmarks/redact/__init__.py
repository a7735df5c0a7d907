"""How fast films are redacted."""
