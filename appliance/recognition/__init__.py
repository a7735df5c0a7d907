"""Whose a face is: cut out, judged for quality, embedded, and taken down as evidence."""

from appliance.recognition.recogniser import Look, Recogniser, look

__all__ = ["Look", "Recogniser", "look"]
