"""Beginning a fleet, inviting into it, and coming in by an invitation."""

from __future__ import annotations

import ipaddress
import queue
import secrets
import socket
import time
from pathlib import Path

from appliance.errors import InputError
from appliance.fleet import invitation, keys
from appliance.fleet.agent import broker
from appliance.fleet.invitation import Code
from appliance.fleet.topics import Topics
from appliance.mqtt.box_id import box_id
from appliance.mqtt.broker import Broker
from appliance.mqtt.connection import Connection
from appliance.mqtt.message import Message
from appliance.store import Store
from appliance.store.membership import BrokerPlace, Fleet, Invitation, Member

CONNECT_S = 10.0
"""So long for the broker to answer."""

ASK_EVERY_S = 3.0
"""The question may come before the answering box is there."""


def begin(store: Store, data: Path, place: BrokerPlace, name: str, who: str) -> Fleet:
    """A new fleet of this box alone; raises InputError when the broker does not let us in."""
    _try(broker(place, data))
    private = keys.new_private()
    fleet = Fleet(secrets.token_hex(8), box_id(data), name, 1, secrets.token_bytes(32), private, place)
    member = Member(fleet.box, name, keys.public_of(private))
    store.membership().enter(fleet, {fleet.box: member}, who)
    return fleet


def invite(store: Store, fleet: Fleet, lasts_s: float, place: BrokerPlace) -> Code:
    """A new invitation, kept in the store; whichever process has a session with the fleet answers who brings it.

    place: the broker as other machines reach it, see `reachable`.
    """
    code = Code(fleet.id, place, time.time() + lasts_s, invitation.new_secret())
    store.membership().invite(Invitation(code.invitation, code.secret, code.expires_at))
    return code


def join(store: Store, data: Path, code: Code, name: str, who: str, timeout_s: float = 30.0) -> Fleet:
    """Come in by an invitation; raises InputError when the broker or the fleet does not let us."""
    if store.membership().fleet() is not None:
        raise InputError("this box is in a fleet already; `mofy fleet leave` takes it out first")
    private = keys.new_private()
    newcomer = Member(box_id(data), name, keys.public_of(private))
    topics, answers = Topics(code.fleet), queue.Queue[bytes]()
    connection = Connection(
        broker(code.broker, data),
        f"mofy-join-{secrets.token_hex(4)}",
        [topics.answer(code.invitation)],
        lambda message: answers.put(message.payload),
        keep=False,
    )
    connection.start()
    try:
        if not connection.wait(CONNECT_S):
            raise InputError(f"the fleet's broker: {connection.fault or f'{connection.broker}: does not answer'}")
        fleet, members = _let_in(connection, answers, code, newcomer, private, timeout_s)
    finally:
        connection.close()
    store.membership().enter(fleet, members, who)
    return fleet


def _let_in(
    connection: Connection,
    answers: queue.Queue[bytes],
    code: Code,
    newcomer: Member,
    private: bytes,
    timeout_s: float,
) -> tuple[Fleet, dict[str, Member]]:
    question = Message(Topics(code.fleet).ask(code.invitation), invitation.ask(code, newcomer))
    end_at = time.monotonic() + timeout_s
    while time.monotonic() < end_at:
        connection.send(question)
        try:
            return invitation.answered(code, newcomer, private, answers.get(timeout=ASK_EVERY_S))
        except (queue.Empty, ValueError):
            continue
    late = " by this box's clock it has expired;" if code.expires_at < time.time() else ""
    raise InputError(
        f"nobody lets this box in:{late} an invitation is good for one box and some minutes, and the box that gave it "
        "must be running; ask for a new one with `mofy fleet invite`"
    )


def _try(place: Broker) -> None:
    connection = Connection(place, f"mofy-try-{secrets.token_hex(4)}", [], lambda _: None, keep=False)
    connection.start()
    try:
        if not connection.wait(CONNECT_S):
            raise InputError(f"the broker {connection.fault or f'{place}: does not answer'}")
    finally:
        connection.close()


def reachable(host: str) -> str:
    """The same host as other machines see it; raises InputError when that is not known."""
    try:
        alone = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        alone = False
    if not alone:
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # nothing is sent: it only asks the routes
            found = str(probe.getsockname()[0])
        except OSError:
            found = "127.0.0.1"
    if ipaddress.ip_address(found).is_loopback:
        raise InputError("this machine has no address that others could reach; give the broker's with --address")
    return found
