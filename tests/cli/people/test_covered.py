"""`mofy people list` beside `mofy cover`: who is covered by a wish is not called shown."""

from appliance.store import Desired, Store
from tests.painted import photo


def test_who_is_covered_by_wish_is_not_called_shown(people, tmp_path):
    people("add", "Bo", photo(tmp_path / "1.png", "ben"))
    (bo,) = Store.open(people.data).people()
    wish = Desired(people.data).cover_person(bo.id, None, "test")
    assert "covered by wish, until taken back" in people("list").out
    Desired(people.data).withdraw(wish, "test")
    assert "shown" in people("list").out
