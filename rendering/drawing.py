"""Running a scene: the rehearsal, in which nothing is drawn, and the drawing of pieces.

Manim's ``config`` is set here and nowhere else, for the time of one run.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from manim import Scene, logger, tempconfig

from .encoder import CODECS, Encoder
from .errors import RenderError
from .filming import FilmRenderer, Rehearsal, Taker
from .settings import Settings
from .shots import Shot

LONGEST = 4 * 3600  # seconds; a longer film is a mistake
SHORTEST_PIECE = 1.0  # seconds


@dataclass
class Score:
    """What a run of a scene tells besides its pictures: plain values, as they go into the manifest."""

    frames: int = 0
    beats: list[dict[str, Any]] = field(default_factory=list)
    numbers: list[dict[str, Any]] = field(default_factory=list)
    sources: dict[str, Any] = field(default_factory=dict)
    poster_frame: int = 0
    alt: str = ""
    asked: dict[str, Any] = field(default_factory=dict)
    theme: str = ""
    seed: int = 0


@contextmanager
def manim_config(settings: Settings, folder: Path) -> Iterator[None]:
    """Manim set up for one run; its own files (letters as SVG) go to ``folder``."""
    width, height = settings.frame
    level = logger.level
    with tempconfig(
        {
            "pixel_width": settings.width,
            "pixel_height": settings.height,
            "frame_rate": settings.fps,
            "frame_width": width,
            "frame_height": height,
            "dry_run": True,  # manim itself writes nothing
            "disable_caching": True,
            "progress_bar": "none",
            "verbosity": "ERROR",
            "media_dir": str(folder),
            "preview": False,
            "write_to_movie": False,
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


def run(scene: Scene, taker: Taker) -> Score:
    """Construct the scene with its frames going to ``taker``."""
    renderer = FilmRenderer(scene, taker)
    scene.render()
    score = Score(frames=renderer.frame)
    if score.frames > LONGEST * renderer.fps:
        raise RenderError(f"the film would be {score.frames / renderer.fps / 3600:.0f} hours long")
    score.beats = [asdict(beat) for beat in getattr(scene, "beats", [])]
    ledger = getattr(scene, "ledger", None)
    if ledger is not None:
        score.numbers = [asdict(number) for number in ledger.numbers]
        score.sources = dict(ledger.sources)
    poster = getattr(scene, "poster_time", None)
    middle = score.frames - 1 if poster is None else round(poster * renderer.fps)
    score.poster_frame = min(max(middle, 0), score.frames - 1)
    score.alt = str(getattr(scene, "alt", ""))
    if hasattr(scene, "asked"):
        score.asked = scene.asked()
    score.theme = str(getattr(scene, "theme", "") or "")
    score.seed = int(getattr(scene, "seed", 0) or 0)
    return score


def rehearse(shot: Shot, settings: Settings, folder: Path, voice: Any = None) -> Score:
    """Everything about the film but its pictures; errors come out here, before anything is drawn."""
    with manim_config(settings, folder):
        return run(make_scene(shot, settings, voice), Rehearsal())


def piece_starts(score: Score, fps: int) -> list[int]:
    """Frames at which a piece of video begins: beats at least a second apart, or each ten seconds."""
    step = round(SHORTEST_PIECE * fps)
    cuts = [round(beat["start"] * fps) for beat in score.beats] or list(range(0, score.frames, 10 * fps))
    starts = [0]
    for cut in sorted(cuts):
        if cut - starts[-1] >= step and score.frames - cut >= min(step, score.frames):
            starts.append(cut)
    return starts


class Pieces:
    """A taker that encodes its share of the pieces into ``folder``, and keeps the poster if it meets it."""

    every: int | None = None

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        starts: Sequence[int],
        frames: int,
        share: tuple[int, int],
        poster_frame: int,
        tell: Callable[[int], None],
    ):
        self.settings, self.folder, self.tell = settings, folder, tell
        self.starts, self.ends = list(starts), [*starts[1:], frames]
        self.first, self.last = starts[share[0]], self.ends[share[1] - 1]
        self.poster_frame = poster_frame
        self.encoder: Encoder | None = None
        self.piece = -1

    def wants(self, first: int, last: int) -> bool:
        """Whether the share meets these frames."""
        return first < self.last and last > self.first

    def take(self, first: int, pixels: np.ndarray, repeat: int) -> None:
        """Cut the run of equal frames at the borders of the pieces."""
        frame, end = max(first, self.first), min(first + repeat, self.last)
        if frame <= self.poster_frame < end:
            save_picture(pixels, self.folder / "poster.png")
        while frame < end:
            piece = bisect_right(self.starts, frame) - 1
            stop = min(end, self.ends[piece])
            self._put(piece, frame, pixels, stop - frame)
            self.tell(stop - frame)
            frame = stop

    def _put(self, piece: int, frame: int, pixels: np.ndarray, repeat: int) -> None:
        if self.settings.format == "png":
            for index in range(frame, frame + repeat):
                save_picture(pixels, self.folder / "frames" / f"{index:06d}.png")
            return
        if piece != self.piece:
            self.close()
            codec = CODECS[self.settings.format]
            path = piece_path(self.folder, piece, self.settings.format)
            self.encoder = Encoder(path, codec, self.settings.width, self.settings.height, self.settings.fps)
            self.piece = piece
        assert self.encoder is not None
        self.encoder.add(pixels, repeat)

    def close(self) -> None:
        """Finish the open piece."""
        if self.encoder is not None:
            encoder, self.encoder = self.encoder, None
            encoder.close()

    def abort(self) -> None:
        """Drop the open piece."""
        if self.encoder is not None:
            self.encoder.abort()


def piece_path(folder: Path, piece: int, format: str) -> Path:
    """Where a piece of video is kept until the film is put together."""
    return folder / f"piece{piece:05d}{CODECS[format].container}"


def save_picture(pixels: np.ndarray, path: Path) -> None:
    """One frame as PNG."""
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels[..., :3]).save(path, compress_level=4)


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
    taker = Pieces(
        settings, folder, piece_starts(score, settings.fps), score.frames, share, score.poster_frame, tell
    )
    try:
        with manim_config(settings, folder / "manim"):
            drawn = run(make_scene(shot, settings, voice), taker)
        taker.close()
    except BaseException:
        taker.abort()
        raise
    if drawn.frames != score.frames:
        raise RenderError(
            f"the scene took {drawn.frames} frames where its rehearsal took {score.frames}; its length may "
            "not depend on chance or on what is drawn"
        )
    return drawn
