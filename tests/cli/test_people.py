import json
import math
import os
import pty
import re
import subprocess
import sys
import time
import unicodedata
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from appliance import enrolment
from appliance.cli import cli
from appliance.errors import MofyError
from appliance.files.pictures import load
from appliance.store import Store, gallery_or_nobody
from tests.make_clips import Clip, make
from tests.painted import MODELS, photo, saved, scene
from tests.test_selfie import film, stay

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _painted(monkeypatch):
    """Photos of painted people, told apart without a network."""
    monkeypatch.setattr(enrolment, "models", lambda config: MODELS)
    monkeypatch.setattr(enrolment, "model_id", lambda config: MODELS.id)


class Ran:
    """What a command did."""

    def __init__(self, result):
        self.out, self.told, self.code = result.stdout, result.stderr, result.exit_code
        if isinstance(result.exception, MofyError):
            # What main() prints; CliRunner stops one step before it.
            self.told += f"mofy: {result.exception}\n"
        elif result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception


@pytest.fixture
def people(data_folder):
    def run(*words, **environment):
        return Ran(CliRunner(env=environment).invoke(cli, ["people", *map(str, words)]))

    run.data = data_folder
    return run


@pytest.fixture
def ann(people, tmp_path):
    """Ann is enrolled from two photos."""
    assert people("add", "Ann", photo(tmp_path / "1.png", "ann", 1), photo(tmp_path / "2.png", "ann", 2)).code == 0
    return people


def listed(people):
    return json.loads(people("list", "--json").out)


def test_adding_tells_how_good_the_set_is(people, tmp_path):
    ran = people("add", "Ann", *(photo(tmp_path / f"{i}.png", "ann", i) for i in range(3)))
    assert (ran.code, ran.out, ran.told) == (0, "Ann: 3 photos: good; add a side view\n", "")


def test_refused_photos_are_told_and_the_others_are_stored(people, tmp_path):
    empty = saved(tmp_path / "empty.png", scene())
    ran = people("add", "Ann", empty, photo(tmp_path / "good.png", "ann"), tmp_path / "missing.jpg")
    assert ran.code == 0
    assert f"{empty}: not used: no face was found" in ran.told
    assert "missing.jpg: not used: cannot be read (no such file or directory)" in ran.told
    assert listed(people)[0]["photos"] == 1


def test_nothing_is_stored_when_no_photo_can_be_used(people, tmp_path):
    ran = people("add", "Ann", saved(tmp_path / "empty.png", scene()))
    assert ran.code == 1
    assert "nothing was stored" in ran.told
    assert not people.data.exists(), "not even a folder"


def test_adding_again_adds(ann, tmp_path):
    assert ann("add", "ANN", photo(tmp_path / "3.png", "ann", 3)).out == "Ann: 3 photos: good; add a side view\n"
    assert [person["name"] for person in listed(ann)] == ["Ann"]


def test_a_stranger_is_refused_unless_forced(ann, tmp_path):
    ben = photo(tmp_path / "ben.png", "ben")
    ran = ann("add", "Ann", ben)
    assert ran.code == 1
    assert "does not look like" in ran.told
    assert "--force" in ran.told
    assert ann("add", "Ann", ben, "--force").code == 0


def test_one_person_under_two_names_is_told(ann, tmp_path):
    ran = ann("add", "Annabel", photo(tmp_path / "3.png", "ann", 3))
    assert ran.code == 0
    assert re.search(r"warning: Annabel and Ann look alike \(0\.[89]\d\): probably one person", ran.told)


def test_a_group_needs_a_choice(people, tmp_path):
    group = saved(tmp_path / "group.png", scene(("ann", 60, (160, 200)), ("ben", 400, (160, 200))))
    assert "--face 1 (leftmost) to --face 2 (rightmost)" in people("add", "Ben", group).told
    assert people("add", "Ben", group, "--face", 2).code == 0
    assert people("add", "Ben", photo(tmp_path / "ben.png", "ben", 4)).code == 0, "it was Ben who was taken"


def test_list_shows_hangul_in_line(people, tmp_path):
    people("add", "김민수", photo(tmp_path / "1.png", "ann"), "--note", "이웃")
    people("add", "Bo", photo(tmp_path / "2.png", "ben"))
    head, bo, kim = people("list").out.splitlines()
    assert head.split() == ["name", "photos", "state", "note"]
    assert bo.index("1") == head.index("photos")
    assert kim.index("1") == head.index("photos") - 3, "each of three letters is two cells wide"
    assert "이웃" in kim


def test_list_of_nobody(people):
    ran = people("list")
    assert (ran.code, listed(people)) == (0, [])
    assert "nobody is enrolled" in ran.out
    assert not people.data.exists()


def test_show_and_its_json(ann):
    shown = ann("show", "ann").out
    assert "2 photos: fair" in shown
    assert "front view" in shown
    told = json.loads(ann("show", "ann", "--json").out)
    assert (told["name"], told["enabled"], told["shown"], told["expires_at"]) == ("Ann", True, True, None)
    assert [set(entry) for entry in told["photos"]] == [{"quality", "turn", "model"}] * 2


def test_rename_and_its_conflict(ann, tmp_path):
    ann("add", "Ben", photo(tmp_path / "ben.png", "ben"))
    assert ann("rename", "Ann", "Anna").code == 0
    ran = ann("rename", "Anna", "BEN")
    assert ran.code == 1
    assert "'Ben' already" in ran.told
    assert [person["name"] for person in listed(ann)] == ["Anna", "Ben"]


def test_disable_and_enable(ann):
    assert ann("disable", "Ann").out == "Ann: covered, disabled\n"
    assert gallery_or_nobody(ann.data, "painted")[0].people == ()
    assert listed(ann)[0]["shown"] is False
    assert ann("enable", "Ann").out == "Ann: shown\n"
    assert len(gallery_or_nobody(ann.data, "painted")[0].people) == 1


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
    assert listed(ann)[0]["shown"] is False


def test_remove_takes_all_or_none(ann, tmp_path):
    ann("add", "Ben", photo(tmp_path / "ben.png", "ben"))
    assert ann("remove", "Ann", "Nobody").code == 1
    assert len(listed(ann)) == 2
    assert ann("remove", "ann", "Ben").code == 0
    assert listed(ann) == []


def test_an_export_moves_everybody_to_another_box(ann, tmp_path):
    ann("disable", "Ann")
    secret = {"MOFY_PASSPHRASE": "long enough"}
    assert ann("export", tmp_path / "all.mofy", **secret).out.endswith("all.mofy: 1 person\n")
    elsewhere = tmp_path / "elsewhere"
    assert ann("import", tmp_path / "all.mofy", "--data", elsewhere, **secret).out == "1 person imported\n"
    (person,) = Store.open(elsewhere).people()
    assert (person.name, person.photos, person.enabled) == ("Ann", 2, False)


def test_an_import_leaves_who_is_there_unless_told(ann, tmp_path):
    secret = {"MOFY_PASSPHRASE": "long enough"}
    ann("export", tmp_path / "all.mofy", **secret)
    ann("add", "Ann", photo(tmp_path / "3.png", "ann", 3))
    ran = ann("import", tmp_path / "all.mofy", **secret)
    assert (ran.code, ran.out) == (0, "0 people imported\n")
    assert "Ann: is enrolled already" in ran.told
    assert listed(ann)[0]["photos"] == 3
    assert ann("import", tmp_path / "all.mofy", "--replace", **secret).code == 0
    assert listed(ann)[0]["photos"] == 2


def test_a_passphrase_is_never_guessed(ann, tmp_path):
    ran = ann("export", tmp_path / "all.mofy")
    assert ran.code == 1
    assert "set MOFY_PASSPHRASE" in ran.told
    assert ann("export", tmp_path / "all.mofy", MOFY_PASSPHRASE="short").code == 1
    assert not (tmp_path / "all.mofy").exists()
    ann("export", tmp_path / "all.mofy", MOFY_PASSPHRASE="long enough")
    assert ann("export", tmp_path / "all.mofy", MOFY_PASSPHRASE="long enough").code == 1, "the file is there"
    ran = ann("import", tmp_path / "all.mofy", MOFY_PASSPHRASE="another one")
    assert ran.code == 1
    assert "passphrase is wrong" in ran.told


def test_refresh_says_when_there_is_nothing_to_do(ann):
    assert ann("refresh").out == "nothing to do: every photo is up to date\n"


def test_a_clip_is_taken_beside_photos_and_told(people, tmp_path):
    clip = film(tmp_path / "ann.mp4", stay("ann", 50, step=1))
    ran = people("add", "Ann", clip, photo(tmp_path / "1.png", "ann", 1))
    assert (ran.code, ran.told) == (0, "")
    told, verdict = ran.out.splitlines()
    taken = int(re.search(r"ann\.mp4: (\d+) of \d+ frames taken: frontal \d+; ", told)[1])
    assert listed(people)[0]["photos"] == taken + 1
    assert verdict.startswith(f"Ann: {taken + 1} photos")


def test_a_clip_of_two_needs_a_choice(people, tmp_path):
    pair = [scene(("ann", 60 + i, (160, 200)), ("ben", 400, (160, 200))) for i in range(20)]
    clip = film(tmp_path / "pair.mp4", pair)
    ran = people("add", "Ben", clip)
    assert ran.code == 1
    assert "pair.mp4: not used: shows 2 faces and none is clearly the largest; choose with --face 1" in ran.told
    assert people("add", "Ben", clip, "--face", 2).code == 0
    assert people("add", "Ben", photo(tmp_path / "ben.png", "ben", 4)).code == 0, "it was Ben who was taken"


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
    assert listed(ann)[0]["rejected"] == 0


def test_the_rejected_move_to_another_box_too(ann, tmp_path):
    ann("reject", "Ann", photo(tmp_path / "ben.png", "ben"))
    secret = {"MOFY_PASSPHRASE": "long enough"}
    ann("export", tmp_path / "all.mofy", **secret)
    elsewhere = tmp_path / "elsewhere"
    assert ann("import", tmp_path / "all.mofy", "--data", elsewhere, **secret).code == 0
    (here,) = gallery_or_nobody(ann.data, "painted")[0].people
    (there,) = gallery_or_nobody(elsewhere, "painted")[0].people
    assert (there.rejected == here.rejected).all()


def test_check_of_nobody(people):
    ran = people("check")
    assert (ran.code, ran.told) == (0, "")
    assert "nobody is enrolled" in ran.out
    assert people("check", "--json").out == "[]\n"
    assert not people.data.exists()


def test_check_says_what_a_layman_understands(ann, tmp_path):
    ran = ann("check")
    assert ran.code == 0
    assert ran.out.startswith("Ann: 2 photos, too few: will often be covered\n")
    assert "-> add one more photo" in ran.out
    ann("add", "Ann", *(photo(tmp_path / f"{i}.png", "ann", i) for i in range(3, 8)))
    shown = ann("check").out
    assert shown.startswith("Ann: 7 photos, good\n")
    assert "7 of 7 recognised at once, 7 stay shown once recognised" in shown
    ann("add", "Annabel", photo(tmp_path / "twin.png", "ann", 9), photo(tmp_path / "twin 2.png", "ann", 10))
    shown = ann("check", "ANN").out
    assert shown.startswith("Ann: 7 photos, but not safely told from others\n")
    assert re.search(r"looks like Annabel \(0\.\d\d\): one may be shown as the other", shown)
    assert "Annabel:" not in shown
    assert "Annabel:" in ann("check").out


def test_check_for_programs(ann):
    (told,) = json.loads(ann("check", "Ann", "--json").out)
    assert set(told) == {"name", "thin", "photos", "outdated", "rejected", "alike", "advice"}
    assert (told["name"], told["thin"], len(told["photos"])) == ("Ann", True, 2)
    assert told["photos"][0]["recognised"] is True


@pytest.mark.parametrize("name", ["", " ", "a\nb", "a\u202eb", "x" * 10_000, "\x1b[31m"])
def test_hostile_names_are_refused_before_anything_happens(people, tmp_path, name):
    ran = people("add", name, photo(tmp_path / "1.png", "ann"))
    assert ran.code == 1
    assert len(ran.told.splitlines()) == 1
    assert not people.data.exists()


@pytest.mark.parametrize(
    "name", ["Robert'); DROP TABLE people;--", "👩‍👧", "[red]x[/red]", "%s", "{0}", "김 민 수", "مريم"]
)
def test_odd_names_are_names(people, tmp_path, name):
    assert people("add", name, photo(tmp_path / "1.png", "ann")).code == 0
    assert name in people("list").out
    assert people("show", name).code == 0
    assert people("remove", name).code == 0


def test_a_name_that_begins_with_a_dash(people, tmp_path):
    assert people("add", "--", "-rf", photo(tmp_path / "1.png", "ann")).code == 0
    assert people("remove", "--", "-rf").code == 0


@pytest.mark.parametrize(
    "words",
    [
        ["show"],
        ["rename"],
        ["reject"],
        ["reject", "Ann"],
        ["unreject"],
        ["remove"],
        ["enable"],
        ["disable"],
        ["edit"],
        ["export"],
        ["add"],
        ["nonsense"],
    ],
)
def test_missing_words_are_told(people, words):
    ran = people(*words)
    assert ran.code == 2
    assert "Usage" in ran.told


@pytest.mark.parametrize(
    "command",
    [
        "show Eve",
        "rename Eve Ann",
        "remove Eve",
        "enable Eve",
        "disable Eve",
        "edit Eve --note x",
        "check Eve",
        "reject Eve x.jpg",
        "unreject Eve",
    ],
)
def test_who_is_not_enrolled_is_told(ann, command):
    ran = ann(*command.split())
    assert ran.code == 1
    assert "'Eve'" in ran.told


# The real program


def mofy(*words, **options):
    code = "from appliance.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *map(str, words)],
        cwd=CHECKOUT,
        capture_output=True,
        check=False,
        **options,
    )


def one_line(run, code=1):
    told = run.stderr.decode()
    assert run.returncode == code, told
    assert "Traceback" not in told
    assert told.count("\n") == 1, told
    assert told.startswith("mofy: ")
    return told


def test_the_real_program_enrols_real_photos(photos, data_folder):
    run = mofy("people", "add", "오바마", *(photos / f"{name}.jpg" for name in ("obama", "obama2", "obama3")))
    assert (run.returncode, run.stderr) == (0, b"")
    assert run.stdout.decode() == "오바마: 3 photos: good\n"
    run = mofy("people", "add", "오바마", photos / "biden.jpg")
    assert run.returncode == 1
    assert b"does not look like" in run.stderr
    run = mofy("people", "show", unicodedata.normalize("NFD", "오바마"), "--json")
    assert json.loads(run.stdout)["verdict"] == "3 photos: good"


def test_the_real_program_enrols_a_clip_checks_and_rejects(photos, data_folder, tmp_path):
    still = load(photos / "obama.jpg").rgb
    still = cv2.resize(still, (720, still.shape[0] * 720 // still.shape[1] // 2 * 2), interpolation=cv2.INTER_AREA)
    clip = film(tmp_path / "clip.mov", [np.roll(still, i, axis=1) for i in range(20)])
    run = mofy("people", "add", "오바마", clip, photos / "obama2.jpg", photos / "obama3.jpg")
    assert (run.returncode, run.stderr) == (0, b"")
    assert "frames taken: frontal" in run.stdout.decode()
    run = mofy("people", "reject", "오바마", photos / "biden.jpg")
    assert (run.returncode, run.stderr) == (0, b"")
    run = mofy("people", "check", "오바마", "--json")
    assert (run.returncode, run.stderr) == (0, b"")
    (told,) = json.loads(run.stdout)
    assert told["rejected"] == 1
    assert all(one["recognised"] for one in told["photos"])
    run = mofy("people", "check")
    assert (run.returncode, run.stderr) == (0, b"")


def test_the_real_program_tells_a_bad_clip_in_a_line_and_stores_nothing(data_folder, tmp_path):
    (tmp_path / "bad.mp4").write_bytes(b"\0\0\0\x20ftypisom" + b"\xff" * 5000)
    clips = [tmp_path / "bad.mp4", make(tmp_path / "nobody.mp4", Clip((320, 240))), tmp_path]
    run = mofy("people", "add", "Ann", *clips)
    assert (run.returncode, b"Traceback" in run.stderr) == (1, False)
    lines = run.stderr.decode().splitlines()
    assert len(lines) == 4
    assert [": not used: " in line for line in lines] == [True, True, True, False]
    assert not data_folder.exists()


def test_the_real_program_tells_faults_in_one_line(data_folder, tmp_path):
    assert "nobody is enrolled" in one_line(mofy("people", "show", "Ann"))
    assert "nobody is enrolled" in one_line(mofy("people", "export", tmp_path / "x"))
    run = mofy("people", "add", "Ann", tmp_path / "missing.jpg")
    assert (run.returncode, b"Traceback" in run.stderr) == (1, False)
    data_folder.mkdir()
    (data_folder / "people.db").write_bytes(b"garbage" * 1000)
    for words in (
        ["list"],
        ["check"],
        ["check", "A"],
        ["unreject", "A"],
        ["reject", "A", "x.jpg"],
        ["show", "A"],
        ["remove", "A"],
        ["rename", "A", "B"],
        ["refresh"],
    ):
        assert "damaged" in one_line(mofy("people", *words))
    assert "not a directory" in one_line(mofy("people", "list", "--data", "/dev/null"))
    assert (data_folder / "people.db").read_bytes() == b"garbage" * 1000, "nothing was touched"


def test_a_terminal_that_knows_only_ascii_is_no_reason_to_fail(data_folder):
    Store.open(data_folder, create=True).enrol("김민수", [], "test")
    run = mofy("people", "list", env={**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"})
    assert b"Traceback" not in run.stderr
    assert run.returncode == 0


def test_a_reader_that_leaves_is_no_reason_for_a_traceback(data_folder):
    store = Store.open(data_folder, create=True)
    for i in range(50):
        store.enrol(f"{i} " + "x" * 90, [], "test", note="y" * 900)
    code = f"{sys.executable} -c 'from appliance.cli import main; main()' people list | head -c 100 >/dev/null"
    run = subprocess.run(["bash", "-c", code], cwd=CHECKOUT, capture_output=True, check=False)
    assert b"Traceback" not in run.stderr


def test_a_passphrase_is_asked_for_in_a_terminal_and_not_shown(data_folder, tmp_path):
    Store.open(data_folder, create=True).enrol("Ann", [], "test")
    code = "from appliance.cli import main; main()"
    try:
        child, terminal = pty.fork()
    except OSError as error:
        pytest.skip(f"this machine has no terminals to give ({error})")
    if child == 0:
        os.chdir(CHECKOUT)
        os.execv(sys.executable, [sys.executable, "-c", code, "people", "export", str(tmp_path / "all.mofy")])
    seen = b""
    for prompt in (b"Passphrase:", b"confirmation:"):
        while prompt not in seen:
            seen += os.read(terminal, 1000)
        time.sleep(0.1)
        os.write(terminal, b"typed in secret\n")
        seen = b"" if prompt == b"Passphrase:" else seen
    while True:
        try:
            piece = os.read(terminal, 1000)
        except OSError:
            break
        if not piece:
            break
        seen += piece
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0, seen
    assert b"secret" not in seen
    assert (tmp_path / "all.mofy").stat().st_size > 100


def test_never_is_later_than_any_day():
    from datetime import datetime

    from appliance.cli._when import parsed

    assert parsed("never", datetime.now()) == math.inf
