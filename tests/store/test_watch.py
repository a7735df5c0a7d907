import subprocess
import sys
from pathlib import Path

import pytest

from appliance.errors import StoreError
from appliance.store import database
from appliance.store.watch import Watch


@pytest.fixture
def watch(tmp_path):
    database.prepare(tmp_path / "people.db")
    (tmp_path / "key").write_bytes(b"x" * 32)
    watch = Watch(tmp_path / "people.db", tmp_path / "key")
    yield watch
    watch.close()


def write(folder, key="a"):
    with database.writing(folder / "people.db") as db:
        db.table("settings").insert({"key": key, "value": "b"})


def test_nothing_changes_by_asking(watch):
    assert len({watch.version() for _ in range(50)}) == 1


def test_each_commit_is_seen(watch, tmp_path):
    seen = [watch.version()]
    for i in range(5):
        write(tmp_path, f"{i}")
        seen.append(watch.version())
    assert seen == sorted(set(seen)), "it rises every time"


def test_what_was_undone_is_not_seen(watch, tmp_path):
    before = watch.version()
    write(tmp_path)
    seen = watch.version()
    with pytest.raises(StoreError, match="unique"):
        write(tmp_path)
    assert seen > before
    assert watch.version() == seen


def test_a_restored_backup_is_seen_and_then_followed(watch, tmp_path):
    backup = tmp_path / "backup.db"
    database.prepare(backup)
    before = watch.version()
    backup.replace(tmp_path / "people.db")
    after = watch.version()
    write(tmp_path)
    assert before < after < watch.version()


def test_a_lost_key_is_seen(watch, tmp_path):
    before = watch.version()
    (tmp_path / "key").unlink()
    assert watch.version() > before


def test_a_lost_database_is_told(watch, tmp_path):
    watch.version()
    (tmp_path / "people.db").unlink()
    with pytest.raises(StoreError, match=r"people\.db"):
        watch.version()


ELSEWHERE = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("INSERT INTO settings (key, value) VALUES (?, 'b')", [sys.argv[2]])
db.commit()
db.close()
"""


def elsewhere(folder, key):
    """Another process writes, and is the last one to close the database as far as it can know."""
    subprocess.run([sys.executable, "-I", "-c", ELSEWHERE, str(folder / "people.db"), key], check=True)


def test_who_prepares_the_database_again_goes_on_hearing_what_others_write(watch, tmp_path):
    seen = [watch.version()]
    elsewhere(tmp_path, "first")
    seen.append(watch.version())
    database.prepare(tmp_path / "people.db")
    for key in ("second", "third", "fourth"):
        elsewhere(tmp_path, key)
        seen.append(watch.version())
    assert seen == sorted(set(seen)), "it rises every time"
    assert index_is_in_use(tmp_path)


def test_a_log_that_is_taken_from_under_it_is_no_end_of_hearing(watch, tmp_path):
    elsewhere(tmp_path, "first")
    seen = [watch.version()]
    # What any program does that reads the file by itself: all locks of this process are gone afterwards.
    (tmp_path / "people.db").read_bytes()
    for key in ("second", "third", "fourth"):
        elsewhere(tmp_path, key)
        seen.append(watch.version())
    assert seen == sorted(set(seen)), "it rises every time"


def index_is_in_use(folder):
    """True while the log's index that this process has open is the one that others find."""
    names = [str(handle.readlink()) for handle in Path("/proc/self/fd").iterdir() if handle.is_symlink()]
    return not [name for name in names if name.startswith(str(folder)) and name.endswith("(deleted)")]
