"""Running a scene: the rehearsal, in which nothing is drawn, and the drawing of pieces.

Manim's ``config`` is set here and nowhere else, for the time of one run.
"""

from __future__ import annotations

import os
import sys
import time
import zipfile
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from manim import Mobject, Scene, logger, tempconfig

from . import report
from .colours import straight
from .encoder import CODECS, Encoder
from .errors import RenderError
from .filming import FilmRenderer, Rehearsal, Taker
from .fingerprint import Look
from .settings import Settings
from .shots import Shot
from .tiles import Box

LONGEST = 4 * 3600  # seconds; a longer film is a mistake
SHORTEST_PIECE = 1.0  # seconds
LONG_BEAT, LONGEST_PIECE = 15, 10  # seconds: a beat longer than the one is cut into pieces of the other


class Unsteady(RenderError):
    """A scene that does not show the same twice: its pieces cannot be drawn apart, nor kept."""


class Enough(BaseException):
    """All wanted pieces are drawn; what the scene would play after them is no concern."""


@dataclass(frozen=True)
class Sight:
    """Frames ``first`` … ``last``-1 show what ``digest`` says; with ``own`` the digest alone does not say it all."""

    first: int
    last: int
    digest: bytes
    own: bool


@dataclass
class Score:
    """What a run of a scene tells besides its pictures: plain values, as they go into the manifest."""

    frames: int = 0
    beats: list[dict[str, Any]] = field(default_factory=list)
    numbers: list[dict[str, Any]] = field(default_factory=list)
    sources: dict[str, Any] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)  # of the beats, as recordings have them
    claims: list[str] = field(default_factory=list)  # of others, whose source stood on screen: ids of engine.claims
    questions: list[tuple[float, float]] = field(default_factory=list)  # from when to when a "?" stood, in seconds
    ticks: list[float] = field(default_factory=list)  # seconds at which something lands that is heard
    descriptions: list[tuple[float, str]] = field(default_factory=list)  # what appears when, for those who cannot see
    meetings: list[dict[str, Any]] = field(default_factory=list)  # pictures set to meet words
    poster_frame: int = 0
    alt: str = ""
    asked: dict[str, Any] = field(default_factory=dict)
    theme: str = ""
    seed: int = 0
    # What the run itself was like: for the cache, for sharing the work, for messages.
    moments: list[str] = field(default_factory=list)  # what the scene held when each play began
    plays: list[tuple[int, int, float]] = field(default_factory=list)  # first frame, last + 1, cost of drawing
    sights: list[Sight] = field(default_factory=list)  # what the frames showed, where somebody looked
    lines: dict[int, str] = field(default_factory=dict)  # the user's line at which a beat begins to move
    seconds: dict[str, float] = field(default_factory=dict)  # where the time went


@contextmanager
def manim_config(settings: Settings, folder: Path, scene_class: type | None = None) -> Iterator[None]:
    """Manim set up for one run; its own files (letters as SVG) go to ``folder``."""
    width, height = settings.frame_of(scene_class)
    level = logger.level
    with tempconfig(
        {
            "pixel_width": settings.width,
            "pixel_height": settings.height,
            "frame_rate": settings.fps,
            "frame_width": width,
            "frame_height": height,
            "background_opacity": 0.0 if settings.transparent else 1.0,
            "dry_run": True,  # manim itself writes nothing
            "disable_caching": True,
            "progress_bar": "none",
            "verbosity": "ERROR",
            "media_dir": str(folder),
            "preview": False,
            "write_to_movie": False,
            "seed": settings.seed or 0,  # what a plain manim scene draws at random is the same each time
        }
    ):
        logger.setLevel("ERROR")
        try:
            yield
        finally:
            logger.setLevel(level)


def make_scene(shot: Shot, settings: Settings, voice: Any = None) -> Scene:
    """The scene, ready to be constructed. Inside ``manim_config`` only."""
    scene_class = shot.load()
    asked = {"theme": settings.theme, "seed": settings.seed, "voice": voice}
    extra = {name: value for name, value in asked.items() if value is not None and hasattr(scene_class, name)}
    if extra:
        extra["__module__"] = scene_class.__module__
        extra["__qualname__"] = scene_class.__qualname__
        if hasattr(scene_class, "spec"):
            extra["spec"] = scene_class.spec  # said again, or a clip's subclass takes its parameters' defaults
        scene_class = type(scene_class.__name__, (scene_class,), extra)
    return scene_class()


class WatchedRenderer(FilmRenderer):
    """FilmRenderer that notes what each play begins with and what each wanted frame shows; ``blind`` draws nothing.

    With ``expected`` (the moments of the rehearsal) it stops where the scene is another than it was then.
    """

    def __init__(self, scene: Scene, taker: Taker, score: Score, blind: bool, expected: Sequence[str] | None = None):
        super().__init__(scene, taker)
        self.score, self.blind, self.expected = score, blind, expected
        self.look = Look()
        self._still: list[Mobject] = []  # what stands still during this play
        self._seen_still: tuple[bytes, bool] | None = None
        self._saving = False

    def play(self, scene: Scene, *args: Any, **kwargs: Any) -> None:
        """As FilmRenderer's, with notes."""
        first, play = self.frame, len(self.score.plays)
        if self.expected is None:
            self.score.moments.append(self._moment(scene))
            beat = len(getattr(scene, "beats", ())) - 1
            if beat >= 0 and beat not in self.score.lines:
                self.score.lines[beat] = users_place()
        elif first >= getattr(self.taker, "enough", LONGEST * self.fps):
            raise Enough
        elif self.taker.wants(first, first + 1) and (
            play >= len(self.expected) or self.expected[play] != self._moment(scene)
        ):
            raise Unsteady(f"at {first / self.fps:.1f} s the scene is not what it was in its rehearsal")
        super().play(scene, *args, **kwargs)
        moves = not scene.is_current_animation_frozen_frame()
        parts = sum(len(mobject.get_family()) for mobject in scene.moving_mobjects) if moves else 0
        cost = (self.frame - first) * (1 + parts / 50) if moves else 1.0
        self.score.plays.append((first, self.frame, cost))

    def save_static_frame_data(self, scene: Scene, static_mobjects: Iterable[Mobject]) -> Any:
        """What stands still is painted once; it is looked at with the play's first frame."""
        self._still = list(static_mobjects)
        self._seen_still = None
        if self.blind:
            return None
        self._saving = True
        try:
            with self._timed("drawing"):
                return super().save_static_frame_data(scene, self._still)
        finally:
            self._saving = False

    def update_frame(self, scene: Scene, mobjects: Iterable[Mobject] | None = None, *args: Any, **kwargs: Any) -> None:
        """One frame: drawn, and looked at."""
        if self._saving:
            super().update_frame(scene, mobjects, *args, **kwargs)
            return
        shown = list(mobjects or ()) or [*scene.mobjects, *scene.foreground_mobjects]
        records: Any = None
        if not self.blind:
            with self._timed("drawing"):
                super().update_frame(scene, mobjects, *args, **kwargs)
                records = self.painter._drawn
        with self._timed("looking"):
            if records is not None:  # the painter has found out already what is new
                seen, own = self.look.records(records)
            else:
                if self._seen_still is None:
                    self._seen_still = self.look.mobjects(self._still, self.camera)
                seen, own = self.look.mobjects(shown, self.camera)
                seen, own = self._seen_still[0] + seen, own or self._seen_still[1]
            view, strange = self.look.camera(self.camera)
            first, last = getattr(self.taker, "asked", (self.frame, self.frame + 1))
            digest = blake2b(view + seen, digest_size=20).digest()
            self.score.sights.append(Sight(first, last, digest, own or strange))

    def get_frame(self) -> np.ndarray:
        """The picture; a blind one has none."""
        return np.empty((0, 0, 4), np.uint8) if self.blind else super().get_frame()

    def _moment(self, scene: Scene) -> str:
        with self._timed("looking"):
            seen = self.look.camera(self.camera)[0] + self.look.mobjects(scene.mobjects, self.camera)[0]
            return blake2b(seen, digest_size=20).hexdigest()

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self.score.seconds[what] = self.score.seconds.get(what, 0.0) + time.perf_counter() - began


class Looking:
    """A taker that has every frame looked at and none drawn."""

    every: int | None = None

    def __init__(self) -> None:
        self.asked = (0, 1)

    def wants(self, first: int, last: int) -> bool:
        """Yes."""
        self.asked = (first, last)
        return True

    def take(self, first: int, pixels: np.ndarray, repeat: int) -> None:
        """There is no picture."""


def users_place() -> str:
    """The line of the user's own file that is running now, as "file.py, line 12"; empty inside chainreel's scenes."""
    frame = sys._getframe(1)
    while frame is not None:
        if report.is_users(frame.f_code.co_filename):
            return f"{report.shorten(frame.f_code.co_filename)}, line {frame.f_lineno}"
        frame = frame.f_back  # type: ignore[assignment]
    return ""


def run(
    scene: Scene,
    taker: Taker,
    *,
    score: Score | None = None,
    blind: bool = False,
    expected: Sequence[str] | None = None,
) -> Score:
    """Construct the scene with its frames going to ``taker``."""
    score = score if score is not None else Score()
    began, busy = time.perf_counter(), time.process_time()
    renderer = WatchedRenderer(scene, taker, score, blind, expected)
    try:
        scene.render()
    finally:
        score.seconds.update(whole=time.perf_counter() - began, busy=time.process_time() - busy)
    score.frames = renderer.frame
    if score.frames > LONGEST * renderer.fps:
        raise RenderError(f"the film would be {score.frames / renderer.fps / 3600:.0f} hours long")
    score.beats = [asdict(beat) for beat in getattr(scene, "beats", [])]
    named = getattr(scene, "beat_name", lambda index: f"{index + 1:02d}")
    score.names = [named(index) for index in range(len(score.beats))]
    score.descriptions = list(getattr(scene, "descriptions", ()))
    score.questions = [(since, until) for since, until in getattr(scene, "questions", ()) if until > since]
    score.ticks = list(getattr(scene, "ticks", ()))
    score.meetings = [asdict(meeting) for meeting in getattr(scene, "meetings", ())]
    ledger = getattr(scene, "ledger", None)
    if ledger is not None:
        score.numbers = [asdict(number) for number in ledger.numbers]
        score.sources = dict(ledger.sources)
        score.claims = list(ledger.claims)
    poster = getattr(scene, "poster_time", None)
    middle = score.frames - 1 if poster is None else round(poster * renderer.fps)
    score.poster_frame = min(max(middle, 0), score.frames - 1)
    score.alt = str(getattr(scene, "alt", ""))
    if hasattr(scene, "asked"):
        score.asked = scene.asked()
    score.theme = str(getattr(scene, "theme", "") or "")
    score.seed = int(getattr(scene, "seed", 0) or 0)
    return score


def rehearse(shot: Shot, settings: Settings, folder: Path, voice: Any = None, *, look: bool = False) -> Score:
    """Everything about the film but its pictures; errors come out here, before anything is drawn.

    With ``look`` every frame is gone through and looked at (``Score.sights``), still without being drawn.
    """
    with manim_config(settings, folder, shot.load()):
        scene = make_scene(shot, settings, voice)
        return run(scene, Looking(), blind=True) if look else run(scene, Rehearsal())


def piece_starts(score: Score, fps: int) -> list[int]:
    """Frames at which a piece of video begins: beats at least a second apart, long ones cut; or each ten seconds."""
    step, longest = round(SHORTEST_PIECE * fps), LONGEST_PIECE * fps
    cuts: list[int] = []
    for beat in score.beats:
        start, end = round(beat["start"] * fps), round(beat["end"] * fps)
        cuts.append(start)
        if end - start > LONG_BEAT * fps:
            cuts += range(start + longest, end - longest // 2 + 1, longest)
    starts = [0]
    for cut in sorted(cuts or range(0, score.frames, longest)):
        if cut - starts[-1] >= step and score.frames - cut >= min(step, score.frames):
            starts.append(cut)
    return starts


def piece_sight(sights: Sequence[Sight], start: int, end: int) -> tuple[str, bool]:
    """The digest of what frames ``start`` … ``end``-1 showed, wherever in the film they stood, and its ``own``."""
    at = bisect_right(sights, start, key=lambda sight: sight.last)
    shown: list[tuple[bytes, int]] = []
    own = False
    while at < len(sights) and sights[at].first < end:
        sight = sights[at]
        shown.append((sight.digest, min(sight.last, end) - max(sight.first, start)))
        own = own or sight.own
        at += 1
    whole = blake2b(digest_size=20)
    for digest, group in groupby(shown, key=lambda entry: entry[0]):
        whole.update(digest + sum(count for _, count in group).to_bytes(8, "big"))
    return whole.hexdigest(), own


class Pieces:
    """A taker that encodes some pieces into ``folder``, and keeps the poster if it meets it.

    A piece has its name once it is whole; then ``done(piece)`` is called.
    """

    every: int | None = None

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        starts: Sequence[int],
        frames: int,
        pieces: Collection[int],
        poster_frame: int,
        tell: Callable[[int], None],
        done: Callable[[int], None] = lambda piece: None,
    ):
        self.settings, self.folder, self.tell, self.done = settings, folder, tell, done
        self.starts, self.ends = list(starts), [*starts[1:], frames]
        self.pieces = set(pieces)
        self.poster_frame = poster_frame
        self.asked = (0, 1)
        self.writer: Encoder | Bag | None = None
        self.piece = -1
        self.waited = 0.0  # seconds in which the encoder held up the drawing
        self._wanted = sorted(self.pieces)
        # From this frame on nothing is wanted; where all is wanted, the scene's own end counts.
        self.enough = self.ends[self._wanted[-1]] if self._wanted[-1] + 1 < len(self.starts) else sys.maxsize

    def wants(self, first: int, last: int) -> bool:
        """Whether a wanted piece meets these frames."""
        self.asked = (first, last)
        from_piece = bisect_right(self.starts, first) - 1
        at = bisect_left(self._wanted, from_piece)
        return at < len(self._wanted) and self.starts[self._wanted[at]] < last

    def take(self, first: int, pixels: np.ndarray, repeat: int) -> None:
        """Cut the run of equal frames at the borders of the pieces."""
        self._cut(first, pixels, None, repeat)

    def take_changes(self, first: int, canvas: np.ndarray, changed: Sequence[Box], repeat: int) -> None:
        """As ``take``, with a canvas that is drawn on again and the places where it is another than last time."""
        self._cut(first, canvas, changed, repeat)

    def _cut(self, first: int, pixels: np.ndarray, changed: Sequence[Box] | None, repeat: int) -> None:
        frame, end = first, min(first + repeat, self.ends[-1])  # a scene that is too long is told of at its end
        while frame < end:
            piece = bisect_right(self.starts, frame) - 1
            stop = min(end, self.ends[piece])
            if piece in self.pieces:
                if frame <= self.poster_frame < stop:
                    save_picture(pixels, self.folder / "poster.png")
                self._put(piece, pixels, changed, stop - frame)
                self.tell(stop - frame)
            if changed:
                changed = ()  # the rest of the run is the same picture
            frame = stop

    def _put(self, piece: int, pixels: np.ndarray, changed: Sequence[Box] | None, repeat: int) -> None:
        began = time.perf_counter()
        if piece != self.piece:
            self.close()
            path = unfinished(piece_path(self.folder, piece, self.settings.coding))
            if self.settings.format == "png":
                self.writer = Bag(path)
            else:
                codec, settings = CODECS[self.settings.coding], self.settings
                self.writer = Encoder(path, codec, settings.width, settings.height, settings.fps)
            self.piece = piece
        assert self.writer is not None
        self.writer.add(pixels, repeat, changed)
        self.waited += time.perf_counter() - began

    def close(self) -> None:
        """Finish the open piece."""
        if self.writer is not None:
            writer, self.writer = self.writer, None
            began = time.perf_counter()
            writer.close()
            path = piece_path(self.folder, self.piece, self.settings.coding)
            os.replace(unfinished(path), path)
            self.waited += time.perf_counter() - began
            self.done(self.piece)

    def abort(self) -> None:
        """Drop the open piece."""
        if self.writer is not None:
            self.writer.abort()


class Bag:
    """A piece as single pictures: PNG files in an archive, one for each frame, equal ones written once."""

    def __init__(self, path: Path):
        self.archive = zipfile.ZipFile(path, "w", zipfile.ZIP_STORED)
        self.frames = 0

    def add(self, pixels: np.ndarray, repeat: int = 1, changed: Sequence[Box] | None = None) -> None:
        """The next picture; its name says for how many frames it stands."""
        content = BytesIO()
        save_picture(pixels, content)
        entry = zipfile.ZipInfo(f"{self.frames:06d}+{repeat}.png")  # without the time of day: the same bytes each time
        self.archive.writestr(entry, content.getvalue())
        self.frames += repeat

    def close(self) -> None:
        """Write the list of contents."""
        self.archive.close()

    def abort(self) -> None:
        """Stop without caring for the file."""
        try:
            self.archive.close()
        except OSError:
            pass


def empty_bag(bag: Path, folder: Path, first: int) -> None:
    """A piece's pictures as files, counted from ``first``."""
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(bag) as archive:
        for entry in archive.infolist():
            offset, repeat = Path(entry.filename).stem.split("+")
            content = archive.read(entry)
            for index in range(int(repeat)):
                (folder / f"{first + int(offset) + index:06d}.png").write_bytes(content)


def piece_path(folder: Path, piece: int, coding: str) -> Path:
    """Where a piece of video is kept until the film is put together."""
    return folder / f"piece{piece:05d}{piece_suffix(coding)}"


def piece_suffix(coding: str) -> str:
    """The container of a format's pieces."""
    return ".zip" if coding.startswith("png") else CODECS[coding].container


def unfinished(path: Path) -> Path:
    """The name of a piece until it is whole."""
    return path.with_name(f"{path.stem}.part{path.suffix}")


def save_picture(pixels: np.ndarray, place: Path | BytesIO) -> None:
    """One frame as PNG."""
    from PIL import Image

    opaque = bool((pixels[..., 3] == 255).all())
    Image.fromarray(pixels[..., :3] if opaque else straight(pixels)).save(place, "png", compress_level=4)


def draw_pieces(
    shot: Shot,
    settings: Settings,
    folder: Path,
    score: Score,
    pieces: Collection[int],
    tell: Callable[[int], None],
    done: Callable[[int, Score], None] = lambda piece, drawn: None,
    voice: Any = None,
) -> Score:
    """Draw some pieces of a rehearsed film in one run of its scene; ``done`` is called after each."""
    drawn = Score()
    taker = Pieces(
        settings,
        folder,
        piece_starts(score, settings.fps),
        score.frames,
        pieces,
        score.poster_frame,
        tell,
        lambda piece: done(piece, drawn),
    )
    try:
        with manim_config(settings, folder / "manim", shot.load()):
            try:
                run(make_scene(shot, settings, voice), taker, score=drawn, expected=score.moments or None)
            except Enough:
                drawn.frames = score.frames
        taker.close()
    except BaseException:
        taker.abort()
        raise
    drawn.seconds["encoding"] = taker.waited
    if drawn.frames != score.frames:
        raise RenderError(
            f"the scene took {drawn.frames} frames where its rehearsal took {score.frames}; its length may "
            "not depend on chance or on what is drawn"
        )
    return drawn


def draw_share(
    shot: Shot,
    settings: Settings,
    folder: Path,
    score: Score,
    share: tuple[int, int],
    tell: Callable[[int], None],
    voice: Any = None,
) -> Score:
    """Draw the pieces ``share[0] … share[1]-1`` of a rehearsed film."""
    return draw_pieces(shot, settings, folder, score, range(*share), tell, voice=voice)
