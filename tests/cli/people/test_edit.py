import time

import pytest

from appliance.store import Store


def test_expiry(ann, tmp_path):
    assert ann("edit", "Ann", "--expires", "7d").code == 0
    expires_at = Store.open(ann.data).known("Ann").expires_at
    assert expires_at == pytest.approx(time.time() + 7 * 86400, abs=60)
    assert ann("edit", "Ann", "--expires", "never").out == "Ann: shown\n"
    for wrong in ("2020-01-01", "soon", "0d", "2026-13-01", "-1d", ""):
        ran = ann("edit", "Ann", "--expires", wrong)
        assert ran.code == 2, wrong
    assert ann("edit", "Ann").code == 2
    Store.open(ann.data).change("Ann", "test", expires_at=time.time() - 1)
    assert "covered, expired" in ann("list").out
    assert ann.listed()[0]["shown"] is False
