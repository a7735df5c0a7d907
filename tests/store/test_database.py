import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from appliance.errors import StoreError
from appliance.store import database


@pytest.fixture
def path(tmp_path):
    database.prepare(tmp_path / "people.db")
    return tmp_path / "people.db"


def test_what_is_written_is_durable_and_logged_ahead(path):
    with database.writing(path) as db:
        assert db.journal_mode == "wal"
        assert db.execute("PRAGMA synchronous").fetchone() == (2,), "FULL"
        assert db.execute("PRAGMA secure_delete").fetchone() == (1,)
        assert db.execute("PRAGMA foreign_keys").fetchone() == (1,)
    assert path.stat().st_mode & 0o777 == 0o600


def test_preparing_again_changes_nothing(path):
    before = path.read_bytes()
    database.prepare(path)
    assert path.read_bytes() == before
    assert not database.pending(path)


def test_an_error_undoes_everything(path):
    def write_and_fail():
        with database.writing(path) as db:
            db.table("settings").insert({"key": "a", "value": "b"})
            raise KeyError("midway")

    with pytest.raises(KeyError):
        write_and_fail()
    with database.reading(path) as db:
        assert db.table("settings").count == 0


def test_a_failing_migration_leaves_nothing_and_no_record(tmp_path, monkeypatch):
    path = tmp_path / "people.db"
    good = dict(database.MIGRATIONS)
    monkeypatch.setattr(database, "MIGRATIONS", {**good, "0002_bad": "CREATE TABLE extra (a); NONSENSE"})
    with pytest.raises(StoreError):
        database.prepare(path)
    monkeypatch.setattr(database, "MIGRATIONS", good)
    database.prepare(path)
    with database.reading(path) as db:
        assert "extra" not in db.table_names()
        assert "people" in db.table_names()


def test_an_older_file_is_brought_up_to_date(path, monkeypatch):
    newer = {**database.MIGRATIONS, "0002_more": "CREATE TABLE extra (a)"}
    monkeypatch.setattr(database, "MIGRATIONS", newer)
    assert database.pending(path)
    database.prepare(path)
    with database.reading(path) as db:
        assert "extra" in db.table_names()


def test_a_newer_file_is_left_alone(path, monkeypatch):
    with monkeypatch.context() as later:
        later.setattr(database, "MIGRATIONS", {**database.MIGRATIONS, "0002_more": "CREATE TABLE extra (a)"})
        database.prepare(path)
    with pytest.raises(StoreError, match="newer MOFY"):
        database.prepare(path)


def test_another_programs_database_is_left_alone(tmp_path):
    with closing(sqlite3.connect(tmp_path / "people.db")) as other:
        other.execute("CREATE TABLE bookmarks (url)")
    with pytest.raises(StoreError, match="another program"):
        database.prepare(tmp_path / "people.db")


@pytest.mark.parametrize("content", [b"not a database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 4000])
def test_a_damaged_file_is_told(tmp_path, content):
    (tmp_path / "people.db").write_bytes(content)
    with pytest.raises(StoreError, match="damaged"):
        database.prepare(tmp_path / "people.db")


def test_a_folder_under_its_name_is_told(tmp_path):
    (tmp_path / "people.db").mkdir()
    with pytest.raises(StoreError, match=r"people\.db"):
        database.prepare(tmp_path / "people.db")


def test_a_writer_waits_for_another_and_says_so_when_it_takes_too_long(path, monkeypatch):
    monkeypatch.setattr(database, "BUSY_MS", 100)

    def write_within_a_write():
        with database.writing(path), database.writing(path):
            pass

    with pytest.raises(StoreError, match="in use by another program"):
        write_within_a_write()


def test_odd_characters_in_the_folders_name_do_no_harm(tmp_path):
    folder = tmp_path / "a?mode=memory#%20 ö김"
    folder.mkdir()
    database.prepare(folder / "people.db")
    assert (folder / "people.db").stat().st_size > 0


def test_many_may_prepare_at_the_same_time(tmp_path):
    code = "import sys, pathlib; from appliance.store import database; database.prepare(pathlib.Path(sys.argv[1]))"
    runs = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "people.db")]) for _ in range(5)]
    assert [run.wait() for run in runs] == [0] * 5
    assert not database.pending(tmp_path / "people.db")
