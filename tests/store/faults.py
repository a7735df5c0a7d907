"""What can be wrong with a folder of people, made so; and what must be so then."""

import os
import resource
from contextlib import contextmanager

import pytest

from appliance.core.identity import NOBODY
from appliance.errors import StoreError
from appliance.store import Store, gallery_or_nobody
from tests.store.stored import MODEL

NOBODY_ID = 65534


def nobody_is_shown(folder, sign):
    people, fault = gallery_or_nobody(folder, MODEL)
    assert people is NOBODY
    assert fault is not None
    assert sign in fault
    assert fault.isprintable(), "one line"
    with pytest.raises(StoreError, match=sign):
        Store.open(folder)


@contextmanager
def without_privilege():
    """As a user who may not write everywhere; tests may run as root, who may."""
    mine = os.geteuid()
    if mine == 0:
        os.seteuid(NOBODY_ID)
    try:
        yield
    finally:
        os.seteuid(mine)


@contextmanager
def disk_of(size):
    """No file may grow beyond so many bytes: what a full disk does to a writer."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
