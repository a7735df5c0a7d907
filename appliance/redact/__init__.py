"""Photos and videos through the same pipeline as the live picture; each file whole and masked, or not there at all."""

from appliance.redact.outcome import Outcome
from appliance.redact.redactor import Choices, Parts, Progress, Redactor

__all__ = ["Choices", "Outcome", "Parts", "Progress", "Redactor"]
