import os
import secrets
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.errors import StoreError
from appliance.store.vault import Vault, make_key, read_key

KEY = bytes(range(32))


@given(st.binary(), st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_locked_opens_at_its_place(plain, place):
    vault = Vault(KEY)
    assert vault.open(vault.lock(plain, place), place) == plain


@given(st.binary(min_size=1), st.data())
def test_a_changed_bit_does_not_open(plain, data):
    vault = Vault(KEY)
    locked = bytearray(vault.lock(plain, "here"))
    locked[data.draw(st.integers(0, len(locked) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(StoreError, match="here"):
        vault.open(bytes(locked), "here")


def test_nothing_opens_at_another_place_or_with_another_key():
    locked = Vault(KEY).lock(b"secret", "people/1/name")
    with pytest.raises(StoreError):
        Vault(KEY).open(locked, "people/2/name")
    with pytest.raises(StoreError):
        Vault(secrets.token_bytes(32)).open(locked, "people/1/name")


@pytest.mark.parametrize("junk", [None, 7, "text", b"", b"short"])
def test_what_was_never_locked_does_not_open(junk):
    with pytest.raises(StoreError):
        Vault(KEY).open(junk, "here")


def test_the_same_piece_never_looks_the_same():
    assert Vault(KEY).lock(b"secret", "here") != Vault(KEY).lock(b"secret", "here")


def test_a_key_is_for_its_owner_alone_and_is_never_overwritten(tmp_path):
    key = make_key(tmp_path / "key")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert make_key(tmp_path / "key") == key
    assert read_key(tmp_path / "key") == key
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_a_key_that_others_could_read_is_closed_to_them(tmp_path):
    make_key(tmp_path / "key")
    (tmp_path / "key").chmod(0o644)
    read_key(tmp_path / "key")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"", b"x" * 31, b"x" * 33])
def test_half_a_key_is_none(tmp_path, content):
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(StoreError, match="32 bytes"):
        read_key(tmp_path / "key")


def test_a_folder_is_no_key(tmp_path):
    (tmp_path / "key").mkdir()
    with pytest.raises(StoreError, match="key"):
        read_key(tmp_path / "key")


def test_makers_at_the_same_time_get_one_key(tmp_path):
    code = (
        "import sys, pathlib; from appliance.store.vault import make_key; "
        "print(make_key(pathlib.Path(sys.argv[1])).hex())"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "key")]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ}) for _ in range(4)]
    keys = {run.communicate()[0] for run in runs}
    assert len(keys) == 1
    assert bytes.fromhex(keys.pop().decode()) == read_key(tmp_path / "key")
