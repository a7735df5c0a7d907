import json
import re

from appliance.store import gallery_or_nobody
from tests.painted import photo


def test_rejecting_is_counted_shown_and_taken_back(ann, tmp_path):
    ran = ann("reject", "ann", photo(tmp_path / "ben.png", "ben"), tmp_path / "missing.png")
    assert (ran.code, ran.out) == (0, "Ann: 1 photo rejected; `mofy people unreject` takes it back\n")
    assert "missing.png: not used: cannot be read" in ran.told
    assert re.search(r"not this person +1 photo\n", ann("show", "Ann").out)
    assert json.loads(ann("show", "Ann", "--json").out)["rejected"] == 1
    (known,) = gallery_or_nobody(ann.data, "painted")[0].people
    assert len(known.rejected) == 1
    assert "was rejected as somebody else" in ann("add", "Ann", tmp_path / "ben.png", "--force").told
    assert ann("unreject", "Ann").out == "Ann: 1 photo forgotten\n"
    assert ann("unreject", "Ann").out == "Ann: 0 photos forgotten\n"
    assert "not this person" not in ann("show", "Ann").out


def test_nothing_is_rejected_when_no_photo_can_be_used(ann, tmp_path):
    ran = ann("reject", "Ann", tmp_path / "1.png")
    assert ran.code == 1
    assert "stored as a photo of the person" in ran.told
    assert "nothing was stored" in ran.told
    assert ann.listed()[0]["rejected"] == 0
