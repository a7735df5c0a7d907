"""What is missing is named."""

from __future__ import annotations

from tests.doctor.conftest import found, site_of
from tests.mofy_process import needs_gstreamer

pytestmark = needs_gstreamer


def test_what_is_missing_is_named(box, monkeypatch):
    from appliance.doctor import packages

    monkeypatch.setattr(packages, "NEEDED", ("appsrc", "nothingsrc"))
    assert "nothingsrc" in found(site_of(box), "packages")[0].says
    monkeypatch.setattr(
        packages.metadata, "requires", lambda name: ["numpy>=2", "nothing-at-all>=1", "x>1; extra == 'y'"]
    )
    (python,) = found(site_of(box), "packages")[1:]
    assert (python.level, "nothing-at-all" in python.says, " x" in python.says) == ("wrong", True, False)
