"""Many at once, and the plug pulled."""

import itertools
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from appliance.store import DATABASE, Store, gallery_or_nobody
from tests.store.stored import MODEL, template

CHECKOUT = Path(__file__).resolve().parents[2]


# Many at once, and the plug pulled

WRITER = """
import itertools, pathlib, sys
from appliance.store import Store
from tests.store.stored import template
folder, who, most = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
for i in itertools.count() if most < 0 else range(most):
    store = Store.open(folder, create=True)
    store.enrol(f"{who} {i}", [template(seed=i), template(seed=i + 1)], "test")
    print("+", who, i, flush=True)
    if i % 3 == 2:
        store.remove(f"{who} {i - 1}", "test")
        print("-", who, i - 1, flush=True)
"""


def writer(folder, who, most):
    command = [sys.executable, "-c", WRITER, str(folder), who, str(most)]
    return subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)


def test_several_writers_wait_for_each_other(folder):
    runs = [writer(folder, who, 8) for who in ("a", "b", "c")]
    assert [run.wait() for run in runs] == [0, 0, 0]
    for run in runs:
        run.stdout.close()
    names = {person.name for person in Store.open(folder).people()}
    assert names == {f"{who} {i}" for who in "abc" for i in (0, 2, 3, 5, 6, 7)}


@pytest.mark.parametrize("seed", range(6))
def test_a_kill_in_mid_write_loses_nothing_that_was_confirmed(folder, seed):
    dice = np.random.default_rng(seed)
    confirmed, gone = set(), set()
    for round_ in range(3):
        run = writer(folder, f"round {round_}", -1)
        lines = list(itertools.islice(run.stdout, int(dice.integers(1, 8))))
        time.sleep(float(dice.uniform(0, 0.02)))
        run.send_signal(signal.SIGKILL)
        lines += run.stdout.readlines()
        assert run.wait() == -signal.SIGKILL
        run.stdout.close()
        for line in (line for line in lines if line.endswith("\n")):
            sign, name = line[0], line[2:].strip()
            (confirmed if sign == "+" else gone).add(name)
        store = Store.open(folder, create=True)
        people = {person.name: person for person in store.people()}
        assert gone.isdisjoint(people), "what was removed stays removed"
        # The one being removed when the plug was pulled may be gone, and the one being added may be there.
        assert len(confirmed - gone - set(people)) <= round_ + 1
        removable = {f"round {r} {i}" for r in range(round_ + 1) for i in range(1, 100, 3)}
        assert confirmed - gone - set(people) <= removable
        assert {person.photos for person in people.values()} <= {2}, "nobody is half there"
        for person in people.values():
            assert len(store.templates(person.id)) == 2
        with closing(sqlite3.connect(folder / DATABASE)) as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert confirmed


@pytest.mark.parametrize("delay_ms", [0, 5, 10, 20, 40])
def test_a_kill_while_the_store_is_made_leaves_a_box_that_starts(folder, delay_ms):
    code = (
        "import pathlib, sys; from appliance.store import Store; print('ready', flush=True); "
        "Store.open(pathlib.Path(sys.argv[1]), create=True)"
    )
    run = subprocess.Popen([sys.executable, "-c", code, str(folder)], cwd=CHECKOUT, stdout=subprocess.PIPE)
    run.stdout.readline()
    time.sleep(delay_ms / 1000)
    run.kill()
    run.communicate()
    Store.open(folder, create=True).enrol("Ann", [template()], "test")
    assert [person.name for person in gallery_or_nobody(folder, MODEL)[0].people] == ["Ann"]
