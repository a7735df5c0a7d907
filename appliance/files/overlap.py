"""Work that goes on beside the pipeline: reading ahead of it and writing behind it, never more than a few items."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from queue import Full, Queue
from threading import Event, Thread
from typing import Generic, TypeVar

T = TypeVar("T")

TOGETHER = 2
"""How many pictures go from thread to thread at once, with what lies between them: each hand-over costs two threads
their turn at the interpreter, and the sound of a film would double them."""

WAITING = 2
"""How many such batches wait at most on each side: enough to keep both cores busy, little memory."""

POLL_S = 0.1
"""How often a thread that waits for room asks whether it is still wanted."""


class _End:
    """Marks the end of the items, with what ended them."""

    def __init__(self, failure: BaseException | None = None) -> None:
        self.failure = failure


def batched(items: Iterable[T], is_picture: Callable[[T], bool]) -> Iterator[list[T]]:
    """All the items in order, in lists that end with every TOGETHER-th picture."""
    batch: list[T] = []
    pictures = 0
    for item in items:
        batch.append(item)
        pictures += is_picture(item)
        if pictures == TOGETHER:
            yield batch
            batch, pictures = [], 0
    if batch:
        yield batch


class Ahead(Generic[T]):
    """Draws items in a thread, at most `depth` before they are asked for; what the source raises is raised here."""

    def __init__(self, items: Iterable[T], depth: int) -> None:
        self._queue: Queue[T | _End] = Queue(depth)
        self._unwanted = Event()
        self._thread = Thread(target=self._draw, args=(items,), daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[T]:
        while True:
            item = self._queue.get()
            if not isinstance(item, _End):
                yield item
            elif item.failure is None:
                return
            else:
                raise item.failure

    def stop(self) -> None:
        """Draw no more; the source is idle when this returns."""
        self._unwanted.set()
        self._thread.join()

    def _draw(self, items: Iterable[T]) -> None:
        try:
            for item in items:
                if not self._offer(item):
                    return
            self._offer(_End())
        except BaseException as failure:
            self._offer(_End(failure))

    def _offer(self, item: T | _End) -> bool:
        while not self._unwanted.is_set():
            try:
                self._queue.put(item, timeout=POLL_S)
                return True
            except Full:
                continue
        return False


class Behind(Generic[T]):
    """Acts on items in a thread, in order; what the action raises is raised by the next `put` or by `finish`."""

    def __init__(self, act: Callable[[T], None], depth: int) -> None:
        self._act = act
        self._queue: Queue[T | _End] = Queue(depth)
        self._failure: BaseException | None = None
        self._unwanted = Event()
        self._thread = Thread(target=self._work, daemon=True)
        self._thread.start()

    def put(self, item: T) -> None:
        """Hand over one item; waits while `depth` are still to be done."""
        self._raise_failure()
        self._queue.put(item)

    def finish(self) -> None:
        """Return when everything handed over is done."""
        self._queue.put(_End())
        self._thread.join()
        self._raise_failure()

    def abandon(self) -> None:
        """Leave the rest undone; the thread is gone when this returns."""
        self._unwanted.set()
        self._queue.put(_End())
        self._thread.join()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _work(self) -> None:
        while True:
            item = self._queue.get()
            if isinstance(item, _End):
                return
            # After a failure items are still taken, so that nobody waits for room in vain.
            if self._failure is None and not self._unwanted.is_set():
                try:
                    self._act(item)
                except BaseException as failure:
                    self._failure = failure
