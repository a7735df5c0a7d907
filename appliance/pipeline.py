"""One frame, in a straight line: find, follow, verify, wait, judge, veil."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, replace

from appliance.core.drawing import outline
from appliance.core.faces import Embedding, Face
from appliance.core.frames import Frame
from appliance.core.identity import NOBODY, VEIL, Gallery, Levels
from appliance.core.lookahead import Placed, Reach, awaiting, placed
from appliance.core.scheduling import due, leaving, may_be_looked_at
from appliance.core.shots import Shots
from appliance.core.tracking import Tracker
from appliance.core.tracks import SURE, Track
from appliance.core.veiling import Mask, MaskedFrame, Shown, veil
from appliance.faces import Embedder
from appliance.finding import Finder
from appliance.recognition import Look, Recogniser, look


@dataclass(frozen=True, slots=True)
class Settings:
    """How a pipeline works; every field may be changed while it runs."""

    window: int = 10
    """Frames the output lags behind the newest one."""
    reach: int = 10
    """Frames that a cover reaches beyond a face's first and last sighting, and that it may be lost and found again."""
    sure: float = SURE
    """Probability from which something found is taken for a face, and covered."""
    margin: float = 0.25
    """Share of a face's size that its cover reaches beyond it on each side."""
    verifications: int = 3
    """Faces looked at in one frame, at most."""
    min_face_px: float = 28.0
    """Faces smaller than this are never recognised, hence always covered."""
    levels: Levels = Levels()
    cover_everyone: bool = False
    outline: bool = False
    """Draw the box and name of shown people."""
    crossings: bool = False
    """Mind who may be mixed up with whom even while nobody is enrolled: somebody may be revealed at any moment."""


def _memory(settings: Settings, waiting: int) -> int:
    """Frames a track must be remembered for: the window, what reaches into it, and what brackets it."""
    # A window made shorter is as long as before until what waits in it has left.
    return 2 * max(settings.window, waiting) + settings.reach + 3


@dataclass(frozen=True, slots=True, eq=False)
class Searched:
    """A frame with its number and its shot, and the faces found in it."""

    frame: Frame
    faces: Sequence[Face]
    turn_frames: int
    """Frames until every place has been looked at as sharply again."""
    late: Sequence[Face]
    """Faces of the frame before, where it was looked at once more for what this one tells of it."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was done to one emitted frame."""

    index: int
    faces: tuple[Placed, ...]


class Pipeline:
    """Frames in, masked frames out, `window` frames later. One thread, but `search` may run ahead in one of its own."""

    def __init__(
        self,
        finder: Finder,
        embedder: Embedder,
        mask: Mask,
        people: Gallery = NOBODY,
        settings: Settings = Settings(),
        now: Callable[[], float] = time.time,
    ) -> None:
        """now: epoch seconds, for people who expire."""
        self._finder = finder
        self._recogniser = Recogniser(embedder)
        self._mask = mask
        self._people = people
        self._settings = settings
        self._now = now
        self._shots = Shots()
        self._shot = -1
        self._tracker = Tracker(_memory(settings, 0), settings.reach)
        self._waiting: deque[Frame] = deque()
        self._index = self._searched = 0
        self._turn_frames = 1
        self._owed = (0, 0)
        """Frames before this index are owed a reach of so many."""
        self._attended: tuple[int, ...] = ()
        self._covered: tuple[Set[int], Set[str]] = (frozenset(), frozenset())
        self.last_report: Report | None = None
        self.studied: tuple[tuple[Look, Embedding], ...] = ()
        """Looks at attended tracks in the newest frame, with their embeddings."""

    @property
    def settings(self) -> Settings:
        """What is in force."""
        return self._settings

    @property
    def people(self) -> Gallery:
        """With whom faces are compared."""
        return self._people

    @property
    def tracks(self) -> tuple[Track, ...]:
        """Every track that may still matter to a frame in the window, as of the newest frame."""
        return self._tracker.tracks

    @property
    def newest(self) -> int:
        """Index of the newest frame; -1 before the first."""
        return self._index - 1

    def attend(self, tracks: Sequence[int]) -> None:
        """From now on look at these tracks, one in each frame, whoever they are: `studied` has the looks."""
        self._attended = tuple(tracks)

    def keep_covered(self, tracks: Set[int], people: Set[str]) -> None:
        """Cover these tracks, and these people (by id) whatever track they are; frames still waiting obey as well."""
        self._covered = (tracks, people)

    def learned(self, track: int) -> None:
        """The track's face is no stranger's any more."""
        self._recogniser.learned(track)

    def enrol(self, people: Gallery) -> None:
        """Compare with these people from now on; frames still waiting obey as well."""
        before, self._people = self._people, people
        self._tracker.break_evidence(self._index, before.unchanged(people))

    def adjust(self, settings: Settings, mask: Mask | None = None, finder: Finder | None = None) -> None:
        """Work with these settings, and what else is given, from now on; frames still waiting obey as well."""
        if settings.reach < self._settings.reach and self._waiting:
            self._owed = (self._index, max(self._settings.reach, self._reach_of(self._waiting[0])))
        self._settings = settings
        self._mask = mask or self._mask
        self._finder = finder or self._finder

    def step(self, frame: Frame) -> list[MaskedFrame]:
        """Take the next frame; return those that have waited long enough (usually one), oldest first."""
        return self.take(self.search(frame))

    def search(self, frame: Frame) -> Searched:
        """The next frame with its faces: what needs none of the frames before it, and nothing that `take` touches."""
        frame = replace(frame, index=self._searched)
        before, self._shot = self._shot, self._shots.of(frame)
        frame = replace(frame, shot=self._shot, cut=self._shot != before)
        self._searched += 1
        late = self._finder.rest() if frame.cut else self._finder.again() if self._shots.blinked else []
        faces = self._finder.find(frame)
        return Searched(frame, faces, self._finder.turn_frames, late)

    def take(self, searched: Searched) -> list[MaskedFrame]:
        """The rest of `step`, once for each searched frame in order."""
        frame, self._turn_frames = searched.frame, searched.turn_frames
        self._index += 1
        turn = searched.turn_frames
        self._tracker.resize(_memory(self._settings, len(self._waiting)), self._settings.reach)
        self._tracker.complete(frame.index - 1, searched.late)
        self._tracker.follow(frame.index, searched.faces, frame.cut, self._crossings, turn, frame.shot)
        self._verify(frame)
        self._waiting.append(frame)
        ready = []
        while len(self._waiting) > self._settings.window:
            ready.append(self._emit())
        return ready

    def flush(self) -> Iterator[MaskedFrame]:
        """The frames still waiting, one by one, when no more will come; last_report speaks of the one just given."""
        self._tracker.complete(self.newest, self._finder.rest())
        if self._people.people and not self._settings.cover_everyone:
            frames = {frame.index: frame for frame in self._waiting}
            self._look_at(leaving(self._tracker.tracks, self._index, len(self._tracker.tracks), at_once=True), frames)
        self._tracker.finish(self._index)
        while self._waiting:
            yield self._emit()

    @property
    def _crossings(self) -> bool:
        return self._settings.crossings or bool(self._people.people)

    def _verify(self, frame: Frame) -> None:
        """Look at the faces that are due: in this frame, or where one was last seen before it went."""
        settings = self._settings
        self.studied = () if settings.cover_everyone else self._study(frame)
        if not self._people.people or settings.cover_everyone:
            return
        tracks = [track for track in self._tracker.tracks if track.id not in self._attended]
        # Who is shown must be looked at again in time, whoever else is being learned.
        budget = max(settings.verifications - len(self.studied), 1)
        going = leaving(tracks, frame.index, budget)
        staying = due(tracks, frame.index, budget - len(going), settings.reach, settings.min_face_px)
        self._look_at([*going, *staying], {waiting.index: waiting for waiting in (*self._waiting, frame)})

    def _study(self, frame: Frame) -> tuple[tuple[Look, Embedding], ...]:
        """One attended face a frame, in turn: those who are shown must not wait for it."""
        smallest = self._settings.min_face_px
        attended = [track for track in self._tracker.tracks if track.id in self._attended]
        seen = [track for track in attended if may_be_looked_at(track, frame.index, smallest)]
        turn = seen[frame.index % len(seen)] if seen else None
        return self._recogniser.study([look(turn, turn.last, frame)]) if turn else ()

    def _look_at(self, tracks: Sequence[Track], frames: dict[int, Frame]) -> None:
        looks = [look(track, track.last, frames[track.last.frame]) for track in tracks if track.last.frame in frames]
        oldest = self._index - _memory(self._settings, len(self._waiting))
        self._tracker.update(self._recogniser.examine(looks, self._people, self._settings.levels, oldest))

    def _emit(self) -> MaskedFrame:
        frame = self._waiting.popleft()
        settings = self._settings
        turn = self._turn_frames
        reach = Reach(self._reach_of(frame), settings.margin, settings.sure, awaiting(self.newest, turn), turn)
        faces = placed(self._tracker.tracks, frame.index, reach)
        faces = [face if face.verdict.person is None else self._obeying(face, face.verdict.person) for face in faces]
        covers = [face.cover for face in faces if not face.verdict.shows]
        shown = [Shown(face.box, self._people.name(face.verdict.person)) for face in faces if face.verdict.person]
        self.last_report = Report(frame.index, tuple(faces))
        if settings.outline:
            for face in shown:
                outline(frame, face.box, face.name)
        return veil(frame, covers, self._mask, shown)

    def _reach_of(self, frame: Frame) -> int:
        """The reach by the settings that this frame came in with, if that was the longer one."""
        before, reach = self._owed
        return max(reach, self._settings.reach) if frame.index < before else self._settings.reach

    def _obeying(self, face: Placed, person: str) -> Placed:
        """The verdict by the wishes of this very moment: deleted, expired or panicking means covered."""
        tracks, people = self._covered
        wished = self._settings.cover_everyone or face.track in tracks or person in people
        return face._replace(verdict=VEIL) if wished or not self._people.has(person, self._now()) else face
