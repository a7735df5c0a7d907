"""Whether the MQTT broker that is configured lets the box in."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable

from appliance.doctor import Finding, Site, ok, wrong
from appliance.errors import ConfigError
from appliance.mqtt.agent import broker
from appliance.mqtt.connection import Connection

ANSWER_S, AGAIN_S = 8.0, 2.5
"""So long for an answer; and for another after a first failure, which may be of a version that the broker lacks."""


def check(site: Site) -> Iterable[Finding]:
    """One finding; connects once, under a name of its own, and leaves nothing there."""
    if not site.config.mqtt.broker:
        return [ok("none is configured")]
    wanted = broker(site.config.mqtt, site.data)
    try:
        wanted.context()
        wanted.password()
    except ConfigError as error:
        return [wrong(str(error), "")]
    connection = Connection(wanted, f"mofy-doctor-{secrets.token_hex(4)}", (), lambda message: None, keep=False)
    connection.start()
    try:
        if _waited(connection):
            return [ok(f"{wanted} lets the box in{', encrypted' if wanted.tls else ''}")]
        fault = connection.fault or f"{wanted}: does not answer"
        return [wrong(fault, "check [mqtt] of the configuration, the broker and the network")]
    finally:
        connection.close()


def _waited(connection: Connection) -> bool:
    end_at, failed = time.monotonic() + ANSWER_S, False
    while time.monotonic() < end_at and not connection.refused:
        if connection.wait(0.1):
            return True
        if connection.fault and not failed:
            end_at, failed = min(end_at, time.monotonic() + AGAIN_S), True
    return False
