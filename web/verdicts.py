"""Verdicts on photos in plain words, for people who look at a phone in the sun."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from web.drafts import Purpose
from web.enrolling import Entry


def verdict(entry: Entry, purpose: Purpose = "enrol") -> str:
    """What to think of one photo or clip, in the reader's language."""
    if entry.kind == "clip" and entry.used:
        return _clip(entry)
    if entry.code == "unlike" and entry.kind == "clip":
        return str(_("This clip shows somebody else than the other photos."))
    if purpose == "reject" and entry.used:
        return str(_("Found: this is who is not meant."))
    return _photo(entry.code)


def _photo(code: str) -> str:
    words = {
        "good": _("Sharp, frontal: good"),
        "side": _("Sharp, from the side: good"),
        "many": _("Several faces: tap the right one"),
        "none": _("No face found. Come closer, face the light."),
        "small": _("The face is too small. Come closer."),
        "turned": _("Turn the head less: both eyes must be seen."),
        "dark": _("Too dark. Turn towards the light."),
        "bright": _("Too bright. Step out of the glare."),
        "flat": _("Too little contrast: mist, glass or backlight."),
        "blurred": _("Blurred. Hold still and try again."),
        "unusable": _("The face cannot be used. Take another photo."),
        "large": _("Too large. Up to 50 megapixels are taken."),
        "moving": _("This is an animation. Send a photo or a video."),
        "others": _("The clip shows several people one after the other. Film one person only."),
        "unreadable": _("Cannot be opened: damaged, or not JPEG, PNG, WebP, HEIC, MP4 or MOV."),
        "slow": _("Looking at it took too long. Send a smaller photo or a shorter clip."),
        "double": _("Nearly the same as another one: not needed."),
        "stored": _("Is stored already, or nearly the same."),
        "rejected": _("Was marked as somebody else before."),
        "unlike": _("Does not look like the other photos. Is it the same person?"),
    }
    return str(words.get(code, code))


def _clip(entry: Entry) -> str:
    words = {"good": _("Clip: good"), "fair": _("Clip: fair"), "weak": _("Clip: weak")}
    parts: list[str] = [next((words[note] for note in entry.notes if note in words), words["fair"])]
    parts.append(str(ngettext("%(num)s look taken", "%(num)s looks taken", entry.taken)))
    if "turn" in entry.notes:
        parts.append(_("turn the head slowly to both sides"))
    if "short" in entry.notes:
        parts.append(_("only the first minute was looked at"))
    return ", ".join(parts)


def standing(word: str) -> str:
    """How good a set of photos is."""
    words = {
        "nothing": _("Nothing to use yet"),
        "weak": _("Weak: will often be covered"),
        "fair": _("Fair"),
        "good": _("Good"),
        "very good": _("Very good"),
    }
    return str(words.get(word, word))


def advice(code: str) -> str:
    """What would make it better: words of enrolment.ADVICE and inspection.ADVICE."""
    words = {
        "one-light": _("Add a photo or a clip in other light."),
        "light": _("Add photos in other light."),
        "side": _("Add a photo from the side."),
        "refresh": _("Some photos do not count: an older model looked at them. On the box: mofy people refresh"),
        "one-more": _("Add one more photo in ordinary light."),
        "two-more": _("Add two more photos in ordinary light."),
        "like-the-weak": _("Add two more photos like the weak ones, or a clip in which the head turns slowly."),
        "twin": _("Probably one person under two names: delete one of them."),
        "alike": _("Give both who look alike more photos, or mark the one as not being the other."),
    }
    return str(words.get(code, code))
