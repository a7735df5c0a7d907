"""What slates and sign say, in the languages the box speaks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from appliance.core.slate import Words
from appliance.options import Language

Situation = Literal["starting", "measuring", "building", "by-request", "camera-lost", "stalled", "failed"]
"""Why there is no picture."""

SPOKEN: Mapping[Language, tuple[str, ...]] = {"en": ("en",), "ko": ("ko",), "both": ("ko", "en")}

ALERTS: frozenset[Situation] = frozenset({"camera-lost", "stalled", "failed"})
"""Situations in which somebody should look after the box."""

SITUATIONS: Mapping[Situation, Mapping[str, Words]] = {
    "starting": {
        "en": Words("Starting", "The picture comes in a moment."),
        "ko": Words("시작하는 중", "잠시 후 화면이 나옵니다."),
    },
    "measuring": {
        "en": Words("Setting up", "This once, the box measures what it can do. The picture follows by itself."),
        "ko": Words("준비 중", "처음 한 번, 이 장비의 성능을 재고 있습니다. 끝나면 화면이 저절로 나옵니다."),
    },
    "building": {
        "en": Words(
            "Setting up", "The box builds its networks for this board, some minutes. The picture follows by itself."
        ),
        "ko": Words("준비 중", "이 보드에 맞게 신경망을 만드는 중이며 몇 분 걸립니다. 끝나면 화면이 저절로 나옵니다."),
    },
    "by-request": {
        "en": Words(
            "No picture", "Switched off on request. Nothing of the camera is seen until it is switched on again."
        ),
        "ko": Words("화면 끔", "요청에 따라 화면을 껐습니다. 다시 켤 때까지 카메라 영상은 나가지 않습니다."),
    },
    "camera-lost": {
        "en": Words("Camera lost", "Check the camera and its cable. The picture comes back by itself."),
        "ko": Words("카메라 연결 끊김", "카메라와 케이블을 확인하세요. 연결되면 화면이 저절로 돌아옵니다."),
    },
    "stalled": {
        "en": Words("One moment", "The box is still working on the last picture."),
        "ko": Words("잠시만요", "아직 이전 화면을 처리하고 있습니다."),
    },
    "failed": {
        "en": Words("Stopped", "A part has failed; no picture leaves the box. It starts again by itself."),
        "ko": Words("멈춤", "문제가 생겨 화면을 내보내지 않습니다. 저절로 다시 시작합니다."),
    },
}

SIGN: Mapping[str, str] = {"en": "Filming · faces are protected", "ko": "촬영 중 · 얼굴을 가려 보호합니다"}

LABELS: Mapping[str, Mapping[str, str]] = {
    "page": {"en": "Page", "ko": "페이지"},
    "stream": {"en": "Stream", "ko": "영상"},
    "network": {"en": "Network", "ko": "네트워크"},
    "none": {"en": "not connected", "ko": "연결 안 됨"},
    "pin": {"en": "PIN", "ko": "PIN"},
    "open page": {"en": "Open the page", "ko": "페이지 열기"},
    "own wifi": {"en": "Wi-Fi", "ko": "와이파이"},
    "join": {"en": "Join the Wi-Fi", "ko": "와이파이 연결"},
    "watch": {"en": "Watch the stream", "ko": "영상 보기"},
}


def situation(which: Situation, language: Language) -> tuple[Words, ...]:
    """Title and detail, once for each language."""
    return tuple(SITUATIONS[which][one] for one in SPOKEN[language])


def sign(language: Language) -> tuple[str, ...]:
    """The sign's lines, one for each language."""
    return tuple(SIGN[one] for one in SPOKEN[language])


def label(which: str, language: Language) -> str:
    """A word or two, in all languages at once."""
    return " · ".join(dict.fromkeys(LABELS[which][one] for one in SPOKEN[language]))
