"""A little lecture made without drawing a film: three beats of a moving square, with words that are hard on HTML."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

from chainreel.rendering.pack.lecture import Caption, Lecture, Segment, Value

WIDTH, HEIGHT, FPS = 320, 180, 10


def lecture(folder: Path, seconds: float = 1.2) -> Lecture:
    """The lecture, with its files in ``folder``."""
    segments = []
    for index, (title, chapter, ask) in enumerate(
        [("Guess & <measure>", "One", False), ("Which way?", "One", True), ("</script><b>Blame", "Two", False)]
    ):
        name = f"{index + 1:02d}"
        pictures = [picture(index, step) for step in range(round(seconds * FPS))]
        film(folder / f"{name}.mp4", pictures)
        Image.fromarray(pictures[-1]).save(folder / f"{name}.png")
        Image.fromarray(pictures[0]).save(folder / f"{name}-first.png")
        values = (Value("loss", 0.8725123, "0.87", "run", "mean((w*x − y)**2)"), Value("w", float(index), str(index), "run"))
        segments.append(
            Segment(
                name, title, chapter, index * seconds, (index + 1) * seconds, "little.mp4", f"{name}.mp4", f"{name}.png",
                f"{name}-first.png", seconds, f"Words of beat {name}, a < b & c.\nA second paragraph.",
                (Caption(0.1, seconds, f"Words of beat {name},\na < b & c."),), f"A square, number {name}.",
                values if index else (), ask=ask,
            )
        )  # fmt: skip
    return Lecture(
        "Little & <quick>", "en", "night", (WIDTH, HEIGHT), FPS, "little.mp4", "A square moves.", "Made for a test -- seed 0.",
        "", False, "auto", tuple(segments), folder=folder,
    )  # fmt: skip


def picture(index: int, step: int) -> np.ndarray:
    """A square on its way."""
    pixels = np.full((HEIGHT, WIDTH, 3), (17, 21, 28), np.uint8)
    left = 20 + 12 * step
    pixels[60 : 60 + 20 * (index + 1), left : left + 40] = [(67, 122, 252), (251, 235, 13), (231, 75, 44)][index]
    return pixels


def film(path: Path, pictures: list[np.ndarray]) -> None:
    """An H.264 file."""
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.time_base = Fraction(1, FPS)
        for number, pixels in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(pixels, "rgb24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
