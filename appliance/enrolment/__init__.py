"""From a person's photos and clips to checked templates in the store."""

from appliance.enrolment.likeness import LOOK_ALIKE, SAME_PERSON, SAME_PHOTO, TWIN, Resemblance, resemblances
from appliance.enrolment.sifting import Refusal, sifted
from appliance.enrolment.sitting import Footage, Sitting, is_clip, look, reason
from appliance.enrolment.standing import ADVICE, FAIR_CLIP, GOOD_CLIP, footage_verdict, standing, verdict
from appliance.enrolment.templates import Models, embed, models, refresh, template

__all__ = [
    "ADVICE",
    "FAIR_CLIP",
    "GOOD_CLIP",
    "LOOK_ALIKE",
    "SAME_PERSON",
    "SAME_PHOTO",
    "TWIN",
    "Footage",
    "Models",
    "Refusal",
    "Resemblance",
    "Sitting",
    "embed",
    "footage_verdict",
    "is_clip",
    "look",
    "models",
    "reason",
    "refresh",
    "resemblances",
    "sifted",
    "standing",
    "template",
    "verdict",
]
