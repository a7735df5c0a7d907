"""The options that name a fleet's broker, and where it is if they do not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from appliance.cli._options import BOX_CONFIG

if TYPE_CHECKING:
    from appliance.store.membership import BrokerPlace


@dataclass(frozen=True, slots=True)
class Given:
    """What was given on the command line."""

    broker: str | None
    user: str | None
    password_file: Path | None
    tls: bool
    ca: Path | None
    file: Path | None


def broker_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that name a broker; the command is called with given: Given."""

    @wraps(command)
    def collected(**options: Any) -> Any:
        given = Given(**{one.name: options.pop(one.name) for one in fields(Given)})
        return command(given=given, **options)

    file = click.Path(path_type=Path, dir_okay=False)
    for option in (
        click.option("--config", "file", type=file, metavar="FILE", help="Options as the control process's."),
        click.option("--ca", type=file, metavar="FILE", help="PEM of who signs the broker's certificate."),
        click.option("--tls", is_flag=True, help="Encrypt the connection."),
        click.option("--password-file", type=file, metavar="FILE", help="One line: the password there."),
        click.option("--user", metavar="NAME", help="Who we are there."),
        click.option("--broker", metavar="HOST[:PORT]", help="The MQTT broker. [default: as configured]"),
    ):
        collected = option(collected)
    return collected


def place(data: Path, given: Given) -> BrokerPlace:
    """The broker that the options name, else the configured one; raises UsageError when there is none."""
    from appliance.store.membership import BrokerPlace

    if not given.broker:
        return _configured(data, given)
    tls = given.tls or given.ca is not None
    host, port = host_port(given.broker, "--broker", _default_port(tls))
    return BrokerPlace(host, port, tls, _text(given.ca), given.user or "", _text(given.password_file).strip())


def for_others(place: BrokerPlace, address: str | None, given: Given) -> BrokerPlace:
    """The same broker as another machine reaches it, which may be on another port, and encrypted there only."""
    from appliance.fleet.joining import reachable

    tls = place.tls or given.tls or given.ca is not None
    port = place.port if tls == place.tls else _default_port(tls)
    host = None
    if address is not None:
        host, port = host_port(address, "--address", port)
    ca = _text(given.ca) or place.ca
    return replace(place, host=host or reachable(place.host), port=port, tls=tls, ca=ca)


def host_port(text: str, option: str, default: int) -> tuple[str, int]:
    """HOST, HOST:PORT or [ADDRESS]:PORT; raises UsageError."""
    head, colon, tail = text.rpartition(":")
    host, port = (head, tail) if colon and tail.isdigit() and not (":" in head and "]" not in head) else (text, "")
    number = int(port) if port else default
    host = host.strip().strip("[]")
    if not host or any(sign.isspace() for sign in host) or not 0 < number < 65536:
        raise click.UsageError(f"{option} {text}: HOST or HOST:PORT was expected")
    return host, number


def _configured(data: Path, given: Given) -> BrokerPlace:
    from appliance import config
    from appliance.mqtt import agent
    from appliance.store.membership import BrokerPlace

    options = config.load(given.file or (BOX_CONFIG if BOX_CONFIG.is_file() else None)).mqtt
    if not options.broker:
        raise click.UsageError("which broker? give --broker HOST[:PORT], or name one in the configuration's [mqtt]")
    broker = agent.broker(options, data)
    return BrokerPlace(
        broker.host, broker.port, broker.tls, _text(broker.ca), broker.user or "", broker.password() or ""
    )


def _default_port(tls: bool) -> int:
    from appliance.mqtt.broker import PLAIN_PORT, TLS_PORT

    return TLS_PORT if tls else PLAIN_PORT


def _text(path: Path | None) -> str:
    """Raises UsageError for a file that cannot be read."""
    try:
        return path.read_text(encoding="utf-8") if path else ""
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or 'no text'})") from None
