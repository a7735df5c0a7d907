"""Whether the MQTT broker that is configured lets the box in."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from appliance.doctor import Finding, Site, ok, wrong
from appliance.errors import ConfigError
from appliance.mqtt.agent import broker
from appliance.mqtt.connection import Connection

ANSWER_S = 8.0


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
        if connection.wait(ANSWER_S):
            return [ok(f"{wanted} lets the box in{', encrypted' if wanted.tls else ''}")]
        fault = connection.fault or f"{wanted}: does not answer"
        return [wrong(fault, "check [mqtt] of the configuration, the broker and the network")]
    finally:
        connection.close()
