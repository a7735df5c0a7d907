"""What is told of keys that lie sealed, or could."""

from __future__ import annotations

import pytest

from appliance.store import KEY
from appliance.store.vault import make_key
from tests.doctor.conftest import found, site_of
from tests.sealer import Machine


@pytest.fixture
def machine(tmp_path_factory, monkeypatch):
    return Machine(tmp_path_factory.mktemp("machine"), monkeypatch)


@pytest.fixture
def site(box):
    """A box's folder, which its services share."""
    site = site_of(box)
    site.data.chmod(0o2770)
    make_key(site.data / KEY)
    return site


def of_keys(site):
    findings = found(site, "secrets")
    return [(one.level, one.says, one.do) for one in findings if one.says.startswith(str(site.data / KEY))]


def test_a_key_that_could_be_sealed(site, machine):
    ((level, says, do),) = of_keys(site)
    assert (level, do) == ("warning", "sudo mofy box seal")
    assert "is a file; this system could seal it" in says


def test_where_systemd_cannot_seal_a_file_is_as_it_should_be(site, machine):
    machine.too_old()
    assert of_keys(site) == []


def test_a_folder_of_ones_own_is_not_a_box(site, machine):
    site.data.chmod(0o700)
    (site.data / KEY).chmod(0o600)
    assert of_keys(site) == []


def test_one_that_opens(site, machine):
    machine.seal(site.data / KEY)
    ((level, says, _),) = of_keys(site)
    assert (level, "and opens" in says) == ("ok", True)


def test_one_that_does_not_open_here(site, machine):
    machine.seal(site.data / KEY)
    machine.replace()
    ((level, says, do),) = of_keys(site)
    assert (level, "this machine cannot decrypt the key" in says) == ("wrong", True)
    assert "mofy help backup" in do


def test_who_is_not_root_cannot_tell(site, machine):
    machine.seal(site.data / KEY)
    machine.not_as_root()
    ((level, says, _),) = of_keys(site)
    assert (level, "only root" in says) == ("ok", True)


def test_a_file_beside_a_sealed_one(site, machine):
    machine.seal(site.data / KEY)
    make_key(site.data / KEY)
    ((level, says, do),) = of_keys(site)
    assert (level, do) == ("warning", "sudo mofy box seal")
    assert "beside a sealed one that it goes before" in says
