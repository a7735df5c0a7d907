"""A Jetson's camera service that begins anew, by real sockets: a link to the old one is what a unit has of it."""

from __future__ import annotations

import os
import socket

import pytest

from appliance.capture import NewStartError, _argus, _returning, auto, jetson
from appliance.options import Camera

CAMERA = Camera(width=320, height=240, fps=30)


class Service:
    """Listens at a path, as the board's does."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(str(path))
        self._socket.listen()

    def end(self, path=None):
        self._socket.close()
        if path is not None:
            path.unlink()


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Where the service listens; what this process sees of it is `way` beside it."""
    place, way = tmp_path / "argus_socket", tmp_path / "way"
    monkeypatch.setattr(_argus.began_anew, "__defaults__", (way, place))
    return place


@pytest.fixture
def way(place):
    return place.with_name("way")


def test_the_service_that_was_there_at_the_start_is_found(place, way):
    service = Service(place)
    os.link(place, way)
    assert not _argus.began_anew()
    service.end()


def test_while_the_service_is_gone_nothing_would_be_won(place, way):
    service = Service(place)
    os.link(place, way)
    service.end()
    assert not _argus.began_anew(), "it was killed, and its socket is still there"
    place.unlink()
    assert not _argus.began_anew()


@pytest.mark.parametrize("was_there", [True, False])
def test_a_service_that_began_after_us_is_not_to_be_found(place, way, was_there):
    if was_there:
        first = Service(place)
        os.link(place, way)
        first.end(place)
    second = Service(place)
    assert _argus.began_anew()
    second.end()


def test_the_name_alone_is_no_service(place):
    """Bound and not listening: it is about to begin."""
    half = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    half.bind(str(place))
    assert not _argus.began_anew()
    half.close()


@pytest.mark.parametrize("part", [jetson, auto])
def test_whoever_waits_for_a_camera_ends_for_a_service_that_began_anew(place, part, monkeypatch):
    """The engine's supervisor starts it anew; in this process no try would ever find it."""
    monkeypatch.setattr(_returning, "BACK_OFF_S", (0.0,))
    source = part.build(part.__name__.rpartition(".")[2], CAMERA, patient=True)
    assert source.read(0.01) is None
    service = Service(place)
    with pytest.raises(NewStartError, match="camera service was started anew"):
        source.read(0.01)
    service.end()
