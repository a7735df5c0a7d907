"""Little memory left is told."""

from __future__ import annotations

from tests.doctor.conftest import engine, only, site_of


def test_little_memory(box):
    for available_kb, level in ((3_000_000, "ok"), (250_000, "warning"), (50_000, "wrong")):
        (box / "root/proc/meminfo").write_text(f"MemTotal: 4000000 kB\nMemAvailable: {available_kb} kB\n")
        assert only(site_of(box), "memory").level == level
    engine(site_of(box))
    (box / "root/proc/meminfo").write_text("MemTotal: 4000000 kB\nMemAvailable: 250000 kB\n")
    assert only(site_of(box), "memory").level == "ok", "what the engine took already needs not be free"
