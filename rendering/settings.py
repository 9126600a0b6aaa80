"""What a film is drawn with: size, rate, theme, format. The letters of ``-q`` are manim's."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import RenderError
from .transparent import coding, why_not_transparent

QUALITIES: dict[str, tuple[int, int, int]] = {  # width, height, frames a second
    "l": (854, 480, 15),
    "m": (1280, 720, 30),
    "h": (1920, 1080, 60),
    "p": (2560, 1440, 60),
    "k": (3840, 2160, 60),
}
FORMATS = ("mp4", "gif", "webm", "mov", "apng", "webp", "png")
MUTE = ("gif", "apng", "webp", "png")  # formats without sound
THEMES = ("night", "paper")
GIF_RATES = (25, 20, 10, 5, 4, 2, 1)  # a GIF counts time in hundredths of a second; these divide them
LARGEST = 7680


@dataclass(frozen=True)
class Settings:
    """How to draw. Plain values only, so that it can be sent to another process.

    ``width`` and ``height`` are even pixels, ``fps`` frames a second, ``workers`` drawing processes,
    ``cluster`` the address of a Dask scheduler that draws instead of them.
    """

    width: int = 1280
    height: int = 720
    fps: int = 30
    theme: str | None = None
    format: str = "mp4"
    seed: int | None = None
    narrate: bool = False
    workers: int = 1
    cache: bool = True
    cluster: str | None = None
    voice: str | None = None  # who speaks, where ``narrate``; None: the built-in voice
    transparent: bool = False

    def __post_init__(self) -> None:
        check_size(self.width, self.height)
        if not 1 <= self.fps <= 240:
            raise RenderError(f"--fps {self.fps} is not between 1 and 240")
        if self.format not in FORMATS:
            raise RenderError(f"there is no format '{self.format}'; choose one of {', '.join(FORMATS)}")
        if self.workers < 1 or self.workers > 256:
            raise RenderError(f"--workers {self.workers} is not between 1 and 256")
        if self.cluster is not None and not re.fullmatch(r"(?:\w+://)?[^\s/:]+:\d{1,5}|inproc://\S+", self.cluster):
            raise RenderError(f"--cluster '{self.cluster}' is not an address; write tcp://HOST:PORT of the Dask scheduler")
        if self.narrate and self.format in MUTE:
            raise RenderError(f"a {self.format} has no sound; leave out --narrate or choose --format mp4")
        if self.transparent and (reason := why_not_transparent(self.format, self.width)):
            raise RenderError(f"--transparent: {reason}")
        if self.format == "gif" and self.fps not in GIF_RATES:
            rates = ", ".join(str(rate) for rate in GIF_RATES)
            raise RenderError(f"a GIF cannot hold {self.fps} frames a second; choose --fps {rates}")

    @property
    def coding(self) -> str:
        """How the format is encoded: its name among the codecs."""
        return coding(self.format, self.transparent)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.width, self.height

    @property
    def frame(self) -> tuple[float, float]:
        """Width and height in manim's units for a scene made for 16:9: other shapes get margins, never cuts."""
        wide = self.width / self.height
        return (8 * wide, 8.0) if wide >= 16 / 9 else (8 * 16 / 9, 8 * 16 / 9 / wide)

    def frame_of(self, scene_class: type | None) -> tuple[float, float]:
        """The same for a scene class: one that is made for this shape (its ``shapes``) gets 8 units for the shorter side."""
        wide = self.width / self.height
        shape = "wide" if wide >= 1.5 else "tall" if wide <= 0.8 else "square"
        if shape == "wide" or shape not in getattr(scene_class, "shapes", ()):
            return self.frame
        return (8 * wide, 8.0) if wide >= 1 else (8.0, 8 / wide)


def check_size(width: int, height: int) -> None:
    """Refuse sizes that no encoder takes.

    >>> check_size(1280, 720)
    """
    if not (64 <= width <= LARGEST and 36 <= height <= LARGEST):
        raise RenderError(f"the size {width}x{height} is out of range; use 64x36 up to {LARGEST}x{LARGEST}")
    if width % 2 or height % 2:
        even = f"{width + width % 2}x{height + height % 2}"
        raise RenderError(
            f"the size {width}x{height} is odd, which video cannot be; use even numbers, for instance {even}"
        )
    if not 1 / 4 <= width / height <= 4:
        raise RenderError(
            f"the size {width}x{height} is too narrow; one side may be at most four times the other"
        )


def parse_size(text: str) -> tuple[int, int]:
    """Pixels from text.

    >>> parse_size("1280x720")
    (1280, 720)
    """
    match = re.fullmatch(r"(\d{1,6})[x×](\d{1,6})", text.strip())
    if not match:
        raise RenderError(f"'{text}' is not a size; write --size 1280x720")
    width, height = int(match[1]), int(match[2])
    check_size(width, height)
    return width, height


def resolve(quality: str, fps: int | None, size: tuple[int, int] | None, format: str) -> tuple[int, int, int]:
    """Width, height and rate of a quality letter and what was said besides.

    A GIF without ``--fps`` gets the highest rate that a GIF can hold below the quality's own.

    >>> resolve("l", None, None, "mp4"), resolve("h", None, (640, 360), "gif")
    ((854, 480, 15), (640, 360, 25))
    """
    if quality not in QUALITIES:
        raise RenderError(f"there is no quality '{quality}'; choose one of {', '.join(QUALITIES)}")
    width, height, rate = QUALITIES[quality]
    if size is not None:
        width, height = size
    if fps is not None:
        rate = fps
    elif format == "gif":
        rate = next(r for r in GIF_RATES if r <= rate)
    return width, height, rate
