"""Who does which tests when several workers share them (pytest-xdist): a file is one worker's, and what runs whole
boxes is one worker's altogether, for such tests look at the clock and would starve each other."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import pytest

ONE_AT_A_TIME = "tests/e2e"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """What xdist asks for; without xdist nobody asks."""
    from xdist.scheduler import LoadFileScheduling

    class Shares(LoadFileScheduling):
        """In the order of collection, whose first share goes to one worker and the next to the other."""

        def _split_scope(self, nodeid: str) -> str:
            return share(nodeid)

    config.option.loadscopereorder = False
    return Shares(config, log)


def share(nodeid: str) -> str:
    """What this test is done together with."""
    path = nodeid.partition("::")[0]
    return ONE_AT_A_TIME if PurePosixPath(path).is_relative_to(ONE_AT_A_TIME) else path


def is_shared(config: pytest.Config) -> bool:
    """True in a worker."""
    return hasattr(config, "workerinput")
