"""Releases that come from elsewhere: only what the publisher signed, and what was signed."""

from __future__ import annotations

import shutil
import subprocess
import tarfile

import pytest

from appliance.box import incoming, releases, update
from appliance.errors import InputError, MofyError
from tests.box.machine import Manager, made, noted, said

pytestmark = pytest.mark.skipif(shutil.which("minisign") is None, reason="minisign is not installed")


@pytest.fixture
def publisher(tmp_path):
    """A key pair without passphrase."""
    public, secret = tmp_path / "publisher.pub", tmp_path / "publisher.key"
    subprocess.run(["minisign", "-GWf", "-p", public, "-s", secret], check=True, capture_output=True)
    return public, secret


def packed(tmp_path, version, secret=None, works=True):
    """A release whose install.sh makes it by copying: what the real one does takes minutes."""
    tree = tmp_path / f"mofy-{version}"
    (tree / "systemd").mkdir(parents=True)
    script = f"""#!/bin/bash
set -e
folder="$MOFY_HOME/releases/{version}-cc"
mkdir -p "$folder/.venv/bin" "$folder/systemd" "$folder/appliance"
printf '__version__ = "{version}"\\n' >"$folder/appliance/__init__.py"
printf '#!/bin/sh\\nexit {0 if works else 1}\\n' >"$folder/.venv/bin/mofy"
chmod +x "$folder/.venv/bin/mofy"
touch "$folder/.whole"
echo {version}-cc
"""
    (tree / "install.sh").write_text(script)
    (tree / "appliance").mkdir()
    (tree / "appliance/__init__.py").write_text(f'__version__ = "{version}"\n')
    file = tmp_path / f"mofy-{version}.tar.gz"
    with tarfile.open(file, "w:gz") as archive:
        archive.add(tree, tree.name)
    if secret:
        subprocess.run(["minisign", "-Sm", file, "-s", secret], check=True, capture_output=True)
    return file


def test_what_was_checked_is_what_is_made(places, publisher, tmp_path, monkeypatch):
    """Whoever may write where the file lies must not get another one past the signature."""
    update.activate(places, made(places, "1.0-aa"), Manager(places), said())
    shutil.copy(publisher[0], places.publisher)
    file, evil = packed(tmp_path, "3.0", publisher[1]), packed(tmp_path, "6.6")
    check = incoming.signature.check

    def slowly(*given):
        check(*given)
        shutil.copy(evil, file)

    monkeypatch.setattr(incoming.signature, "check", slowly)
    assert update.upgrade(places, str(file), Manager(places), said()).label == "3.0-cc"


def test_a_signed_release_is_made_tried_and_run(places, publisher, tmp_path):
    update.activate(places, made(places, "1.0-aa"), Manager(places), said())
    shutil.copy(publisher[0], places.publisher)
    file = packed(tmp_path, "3.0", publisher[1])
    assert update.upgrade(places, str(file), Manager(places), said()).label == "3.0-cc"
    assert releases.current(places).label == "3.0-cc"
    assert list(places.home.glob("incoming-*")) == []


def test_what_is_not_the_publishers_changes_nothing(places, publisher, tmp_path):
    before = made(places, "1.0-aa")
    update.activate(places, before, Manager(places), said())
    unsigned, signed = packed(tmp_path, "3.0"), packed(tmp_path, "3.1", publisher[1])
    with pytest.raises(InputError, match="no publisher is trusted yet"):
        update.upgrade(places, str(signed), Manager(places), said())
    shutil.copy(publisher[0], places.publisher)
    with pytest.raises(InputError, match=r"minisig: is missing"):
        update.upgrade(places, str(unsigned), Manager(places), said())
    signed.write_bytes(signed.read_bytes() + b"\0")
    with pytest.raises(InputError, match="not signed by the publisher"):
        update.upgrade(places, str(signed), Manager(places), said())
    with pytest.raises(InputError, match="only https://"):
        update.upgrade(places, "http://x/y.tar.gz", Manager(places), said())
    assert releases.current(places) == before
    assert [one.label for one in releases.releases(places)] == ["1.0-aa"]


def test_an_older_release_is_no_upgrade(places, publisher, tmp_path):
    """It was signed once, too; and it could not read people whose tables have changed since."""
    before = made(places, "3.10-aa", "3.10")
    update.activate(places, before, Manager(places), said())
    shutil.copy(publisher[0], places.publisher)
    with pytest.raises(InputError, match=r"is 3\.9, older than 3\.10, which runs.*rollback"):
        update.upgrade(places, str(packed(tmp_path, "3.9", publisher[1])), Manager(places), said())
    assert [one.label for one in releases.releases(places)] == ["3.10-aa"]


def test_a_release_that_fails_its_self_test_never_runs(places, publisher, tmp_path):
    update.activate(places, made(places, "1.0-aa"), Manager(places), said())
    shutil.copy(publisher[0], places.publisher)
    manager = Manager(places)
    with pytest.raises(MofyError, match="failed its self-test"):
        update.upgrade(places, str(packed(tmp_path, "3.0", publisher[1], works=False)), manager, said())
    assert manager.calls == []
    assert releases.current(places).label == "1.0-aa"
    assert noted(places)["state"] == "refused"
