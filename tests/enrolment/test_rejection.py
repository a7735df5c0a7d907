import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance import enrolment
from appliance.core.identity import Person, gallery, unit
from appliance.enrolment import look, rejection
from appliance.enrolment.rejection import MOST_COVERED, covered
from appliance.store.people import Dossier, Enrolled
from tests.painted import MODELS, photo, saved, scene
from tests.scripted import identity

ANN = Enrolled("1", "Ann", "", True, 0.0, None, 3)


@pytest.fixture
def ann(tmp_path):
    paths = [photo(tmp_path / f"ann {i}.png", "ann", seed=i) for i in range(3)]
    return Dossier(ANN, look(paths, MODELS, []).templates)


def reasons(sitting):
    return {refusal.photo.stem: refusal.reason for refusal in sitting.refused}


def test_somebody_else_is_taken_and_each_bad_photo_is_told(ann, tmp_path):
    (tmp_path / "text.jpg").write_text("no photo")
    paths = [photo(tmp_path / "ben.png", "ben"), tmp_path / "text.jpg", saved(tmp_path / "empty.png", scene())]
    sitting = rejection.look(paths, MODELS, ann)
    assert [path.stem for path, _ in sitting.accepted] == ["ben"]
    assert reasons(sitting).keys() == {"text", "empty"}
    assert not any(str(tmp_path) in reason for reason in reasons(sitting).values())


def test_the_persons_own_photo_is_never_rejected(ann, tmp_path):
    again = photo(tmp_path / "again.png", "ann", seed=1)
    for force in (False, True):
        assert (
            "is stored as a photo of the person" in reasons(rejection.look([again], MODELS, ann, force=force))["again"]
        )


def test_a_photo_is_rejected_once(ann, tmp_path):
    first, second = photo(tmp_path / "1.png", "ben"), photo(tmp_path / "2.png", "ben")
    sitting = rejection.look([first, second], MODELS, ann)
    assert "rejected already" in reasons(sitting)["2"]
    before = Dossier(ANN, ann.templates, sitting.templates)
    assert "rejected already" in reasons(rejection.look([first], MODELS, before))["1"]


def test_who_would_cover_the_person_needs_force(tmp_path):
    """One photo of Ann, and another: to the numbers they are one person."""
    own = Dossier(ANN, look([photo(tmp_path / "own.png", "ann", seed=1)], MODELS, []).templates)
    other = photo(tmp_path / "other.png", "ann", seed=2)
    assert "--force" in reasons(rejection.look([other], MODELS, own))["other"]
    assert len(rejection.look([other], MODELS, own, force=True).accepted) == 1


def test_for_a_person_without_photos_anybody_can_be_rejected(tmp_path):
    assert rejection.look([photo(tmp_path / "a.png", "ann")], MODELS, Dossier(ANN, [])).accepted


def test_a_choice_is_counted_from_the_left(ann, tmp_path):
    pair = saved(tmp_path / "pair.png", scene(("ann", 60, (160, 200)), ("ben", 400, (160, 200))))
    assert "choose with --face" in reasons(rejection.look([pair], MODELS, ann))["pair"]
    (taken,) = rejection.look([pair], MODELS, ann, choice=2).templates
    assert float(taken.embedding @ identity("ben")) > 0.5


vectors = st.lists(
    st.lists(st.floats(-1, 1), min_size=6, max_size=6).filter(lambda v: np.linalg.norm(v) > 0.1), min_size=3
)


@given(vectors)
def test_what_is_not_refused_leaves_most_of_the_persons_photos_nearer_to_the_person(rows):
    """What `reject` checks is what `core.identity` decides by."""
    *own, other = (unit(np.array(row, np.float32)) for row in rows)
    share = covered(np.stack(own), other)
    assert 0 <= share <= 1
    if share > MOST_COVERED:
        return
    left = 0
    for i in range(len(own)):
        rest = np.delete(np.stack(own), i, axis=0)
        person = Person("a", "A", rest, None, other[None])
        centre = gallery([person]).centres[0]
        left += not person.mistaken(own[i], float(centre @ own[i]))
    assert left >= (1 - MOST_COVERED) * len(own)


def test_photos_are_counted_in_words():
    assert (rejection.count(0), rejection.count(1), rejection.count(2)) == ("0 photos", "1 photo", "2 photos")


def test_real_men_are_rejected_for_each_other_and_nobody_for_himself(photos):
    from appliance import config

    real = enrolment.models(config.load())
    own = look([photos / f"{name}.jpg" for name in ("obama", "obama2")], real, []).templates
    obama = Dossier(ANN, own)
    assert rejection.look([photos / "biden.jpg"], real, obama).accepted
    twin = Dossier(ANN, own[:1])
    assert "--force" in reasons(rejection.look([photos / "obama3.jpg"], real, twin))["obama3"]
