"""What waits to be worked on: huey, over SQLite on one machine, over Redis where several share the work."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from appliance.errors import ConfigError, MofyError
from appliance.jobs.shelf import Shelf
from appliance.options import JobOptions

if TYPE_CHECKING:
    from huey import Huey

NAME = "mofy"
DATABASE = "queue.db"
TASK = "redact"
REDIS_PATIENCE_S = 3.0


class Queue:
    """Ids of jobs, in order. A queue that is lost is made anew from the records: it holds nothing else."""

    def __init__(self, shelf: Shelf, options: JobOptions, work: Callable[[str], None] = lambda job: None) -> None:
        """work: what a consumer calls for each id."""
        logging.getLogger("huey").setLevel(logging.CRITICAL)
        self._shelf = shelf
        self._options = options
        self.huey = _built(shelf, options)
        self._task = self.huey.task(name=TASK)(work)

    @property
    def told(self) -> str:
        """Where it is, for a person; without a password."""
        place = urlsplit(self._options.redis)
        return f"{place.scheme}://{place.hostname or ''}" if place.scheme else str(self._shelf.folder / DATABASE)

    def put(self, job: str) -> None:
        """Add an id to the end; raises MofyError when the queue cannot be reached (it will be filled again later)."""
        try:
            self._task(job)
        except Exception as error:
            raise self._unreachable(error) from None

    def waiting(self) -> set[str]:
        """Ids that nobody has taken yet; raises MofyError."""
        try:
            return {str(task.args[0]) for task in self.huey.pending() if task.args}
        except Exception as error:
            raise self._unreachable(error) from None

    def close(self) -> None:
        """Let go of what is open."""
        self.huey.storage.close()

    def _unreachable(self, error: Exception) -> MofyError:
        return MofyError(f"{self.told}: the queue of jobs cannot be reached ({type(error).__name__}); trying again")


def _built(shelf: Shelf, options: JobOptions) -> Huey:
    from huey import RedisHuey, SqliteHuey

    if options.redis:
        try:
            return RedisHuey(NAME, results=False, serializer=_plain(), connection_pool=_pool(options.redis))
        except ValueError as error:
            raise ConfigError(f"jobs.redis: is no address of a Redis server ({error})") from None
    # Makes the folder, private, before SQLite needs it.
    assert shelf.vault is not None
    return SqliteHuey(NAME, results=False, serializer=_plain(), filename=str(shelf.folder / DATABASE), fsync=True)


def _pool(address: str) -> Any:
    from redis import ConnectionPool

    patience = {"socket_connect_timeout": REDIS_PATIENCE_S, "socket_timeout": REDIS_PATIENCE_S}
    return ConnectionPool.from_url(address, **patience)


def _plain() -> Any:
    """JSON in place of huey's pickles: whoever can write into the queue must not be able to run code here."""
    from huey.registry import Message
    from huey.serializer import Serializer

    class Plain(Serializer):  # type: ignore[misc]
        def _serialize(self, data: Any) -> bytes:
            return json.dumps([data.id, data.name, data.args]).encode()

        def _deserialize(self, data: bytes) -> Any:
            task, name, arguments = json.loads(data)
            return Message(id=str(task), name=str(name), retries=0, retry_delay=0, args=tuple(arguments), kwargs={})

    return Plain()
