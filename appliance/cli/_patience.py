"""A service that cannot begin: an option is wrong, its port is another program's. It will not mend within a second."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import ParamSpec

from appliance.errors import MofyError
from appliance.supervision import notify, supervised

Given = ParamSpec("Given")

AGAIN_S = 15.0
"""So long such a service stays before it ends; shorter than its unit's TimeoutStartSec."""


def patient(command: Callable[Given, None]) -> Callable[Given, None]:
    """Let it end a while after a MofyError, and its status say why: systemd would start it anew at once, for ever."""

    @functools.wraps(command)
    def begun(*given: Given.args, **named: Given.kwargs) -> None:
        try:
            command(*given, **named)
        except MofyError as error:
            if supervised():
                notify(f"STATUS={error}")
                time.sleep(AGAIN_S)
            raise

    return begun
