"""What masking costs live."""

from __future__ import annotations


def options(film: str, port: str) -> list[str]:
    """Of the engine, masked or bare: a film, to this machine alone."""
    words = ["run", "--source", film, "--loop", "--port", port, "--address", "127.0.0.1"]
    return [*words, "--no-page", "--hdmi", "off", "--quiet"]
