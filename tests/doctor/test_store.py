"""People, their key and what is wrong with either."""

from __future__ import annotations

import os

from tests.doctor.conftest import enrol, found, only, site_of


def test_nobody_is_a_warning(box):
    assert only(site_of(box), "store").level == "warning"


def test_people_are_counted_and_photos_of_another_model_told(box):
    site = site_of(box)
    enrol(site)
    assert "1 enrolled, 1 of them to be shown" in only(site, "store").says
    enrol(site, "an-older-model")
    assert [finding.level for finding in found(site, "store")] == ["ok", "warning"]
    assert "mofy people refresh" in found(site, "store")[1].do


def test_a_damaged_store(box):
    site = site_of(box)
    enrol(site)
    path = site.data / "people.db"
    body = path.read_bytes()
    path.write_bytes(body[:4096] + b"\xa5" * (len(body) - 4096))
    assert only(site, "store").level == "wrong"
    path.write_bytes(b"no database at all" * 100)
    assert only(site, "store").level == "wrong"


def test_a_key_that_is_lost_cut_or_anothers(box):
    site = site_of(box)
    enrol(site)
    key = site.data / "key"
    for body in (None, b"short", os.urandom(32)):
        key.unlink() if body is None else key.write_bytes(body)
        finding = only(site, "store")
        assert finding.level == "wrong"
        assert "key" in finding.says
