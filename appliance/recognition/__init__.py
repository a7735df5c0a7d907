"""Whose a face is: cut out, judged for quality, embedded, and taken down as evidence."""

from appliance.recognition.recogniser import Embedder, Look, Recogniser, look

__all__ = ["Embedder", "Look", "Recogniser", "look"]
