"""Tokens: seen once, kept as hashes, ended by name."""

from __future__ import annotations

import pytest

from appliance.errors import InputError
from appliance.store import DATABASE, Desired
from appliance.store.tokens import MOST, Tokens


def test_a_token_is_known_until_it_is_revoked(tmp_path):
    tokens = Tokens(tmp_path / "data")
    assert tokens.known("mofy_nothing") is None
    secret = tokens.make(" OBS   script ", "test")
    assert tokens.known(secret).name == "OBS script"
    assert tokens.known(secret[:-1]) is None
    assert tokens.known(secret.removeprefix("mofy_")) is None
    assert [token.name for token in tokens.all()] == ["OBS script"]
    assert tokens.revoke("OBS script", "test")
    assert not tokens.revoke("OBS script", "test")
    assert tokens.known(secret) is None


def test_only_its_hash_is_kept(tmp_path):
    secret = Tokens(tmp_path).make("x", "test")
    for path in tmp_path.iterdir():
        if path.is_file():
            assert secret.encode() not in path.read_bytes()
    assert (tmp_path / DATABASE).exists()
    assert all(secret not in what for _, _, what in Desired(tmp_path).audit())


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "a\nb\x00"])
def test_a_token_has_a_name_for_people(tmp_path, name):
    with pytest.raises(InputError, match="name"):
        Tokens(tmp_path).make(name, "test")


def test_there_are_not_two_of_a_name_and_not_too_many(tmp_path):
    tokens = Tokens(tmp_path)
    for number in range(MOST):
        tokens.make(f"program {number}", "test")
    with pytest.raises(InputError, match="already"):
        tokens.make("program 1", "test")
    with pytest.raises(InputError, match=f"{MOST} tokens"):
        tokens.make("one more", "test")
