"""The judgement as one self-contained HTML file; its pictures are of the masked recording."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from typing import Any

import cv2

from appliance.auditing.figures import Figures
from appliance.auditing.record import Span, many
from appliance.core.frames import RgbImage

STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:84em;padding:0 1em;color:#222;background:#fff}
table{border-collapse:collapse;margin:1em 0}td,th{padding:.25em .9em;text-align:right;border-bottom:1px solid #ddd}
td:first-child,th:first-child{text-align:left}.bad{color:#b00020;font-weight:600}.good{color:#176b34;font-weight:600}
img{max-width:100%;image-rendering:pixelated}svg{width:100%;height:120px;background:#f6f6f6}
.wide{overflow-x:auto}td,th{white-space:nowrap}
"""
SPAN_WIDTH, TALL = 10, 100
JPEG_QUALITY = 88


def page(
    title: str, told: Sequence[str], figures: Figures, spans: Sequence[Span], tracks: Sequence[dict[str, Any]],
    sheet: RgbImage | None,
) -> str:  # fmt: skip
    """The whole file as text; told: sentences about what was judged and how."""
    parts = [
        f"<!doctype html><html lang=en><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width,initial-scale=1'>"
        f"<title>{escape(title)}</title><style>{STYLE}</style>",
        f"<h1>{escape(title)}</h1>",
        _verdict(figures),
        *(f"<p>{escape(sentence)}</p>" for sentence in told),
        _sizes(figures),
        "<h2>Timeline</h2><p>Face-frames by time: bare strangers red, covered grey, known people shown green.</p>",
        _timeline(spans),
        _tracks(tracks),
        _sheet(sheet),
    ]
    return "\n".join(parts) + "</html>\n"


def _verdict(figures: Figures) -> str:
    bare = figures.all_sizes.bare_strangers
    if not figures.all_sizes.faces:
        return "<p>Nothing was judged.</p>"
    if not bare:
        return '<p class="good">No stranger is bare.</p>'
    who = many(figures.stranger_tracks_bare, "stranger")
    verb = "is" if figures.stranger_tracks_bare == 1 else "are"
    return f'<p class="bad">{who} {verb} bare in {many(bare, "face-frame")}.</p>'


def _sizes(figures: Figures) -> str:
    rows = [(r.label, r.faces, r.bare, r.strangers, r.bare_strangers, f"{r.percent:.2f} %") for r in figures.sizes]
    whole = figures.all_sizes
    rows.append(("all", whole.faces, whole.bare, whole.strangers, whole.bare_strangers, f"{whole.percent:.2f} %"))
    return _table(("face size", "face-frames", "bare", "strangers", "bare strangers", "of strangers"), rows)


def _tracks(tracks: Sequence[dict[str, Any]]) -> str:
    rows = [
        (
            f"#{track['track']}",
            track["person"] or "stranger",
            track["face_px"],
            f"{track['bare_face_frames']} of {track['face_frames']}",
            f"{track['first_bare_s']:.2f} to {track['last_bare_s']:.2f} s",
            f"{track['score']:.2f}",
            f"{track['similarity']:.2f}",
        )
        for track in tracks
    ]
    if not rows:
        return ""
    return "<h2>Bare faces</h2>" + _table(("track", "who", "px", "frames bare", "when", "score", "similarity"), rows)


def _table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    head = "".join(f"<th>{escape(word)}</th>" for word in headings)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table><tr>{head}</tr>{body}</table></div>'


def _timeline(spans: Sequence[Span]) -> str:
    most = max((span.bare_strangers + span.covered + span.bare_known for span in spans), default=0) or 1
    bars = []
    for at, span in enumerate(spans):
        top = float(TALL)
        for colour, value in (("#c00", span.bare_strangers), ("#2a8a4a", span.bare_known), ("#aaa", span.covered)):
            # A single bare face must be seen beside thousands that are covered.
            height = max(value / most * TALL, 2.0 if value and colour == "#c00" else 0.0)
            top -= height
            place = f'x="{at * SPAN_WIDTH}" y="{top:.1f}" width="{SPAN_WIDTH - 1}" height="{height:.1f}"'
            bars.append(f'<rect {place} fill="{colour}"><title>{span.begins_s:.1f} s: {value}</title></rect>')
    view = f"0 -4 {max(len(spans), 1) * SPAN_WIDTH} {TALL + 4}"
    return f'<svg viewBox="{view}" preserveAspectRatio="none">{"".join(bars)}</svg>'


def _sheet(sheet: RgbImage | None) -> str:
    if sheet is None:
        return ""
    encoded, data = cv2.imencode(".jpg", sheet[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    assert encoded, "JPEG takes any picture of bytes"
    source = base64.b64encode(data.tobytes()).decode()
    words = "What the masked recording shows of each bare stranger at the worst moment; dark pictures are brightened."
    return f'<h2>The worst</h2><p>{words}</p><img alt="contact sheet" src="data:image/jpeg;base64,{source}">'
