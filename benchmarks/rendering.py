"""How long a film takes here, against stock manim writing the same scene: prints a ratio.

    python benchmarks/rendering.py [l|m|h]

Both draw with the same camera; what differs is what happens to a frame after it is drawn.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from manim import BLUE, RED, Circle, Create, Scene, Square, Text, Transform, logger, tempconfig

from chainreel.rendering.film import render
from chainreel.rendering.settings import QUALITIES, Settings
from chainreel.rendering.shots import Shot


class Probe(Scene):
    """Ten seconds: text, shapes, transforms, holds."""

    def construct(self) -> None:
        square = Square(color=RED, fill_opacity=0.5)
        words = Text("a function and its slope").to_edge([0, 1, 0])
        self.play(Create(square), Create(words), run_time=2)
        for turn in range(3):
            self.play(
                Transform(square, Circle(color=BLUE, fill_opacity=0.4).shift([turn - 1, 0, 0])), run_time=1.5
            )
            self.wait(0.5)
        self.wait(2)


def ours(settings: Settings, folder: Path) -> None:
    """Through rendering/."""
    render(Shot.of(Probe), settings, folder / "ours.mp4")


def stock(settings: Settings, folder: Path) -> None:
    """Through manim's own writer, its cache off."""
    with tempconfig(
        {
            "pixel_width": settings.width,
            "pixel_height": settings.height,
            "frame_rate": settings.fps,
            "media_dir": str(folder / "stock"),
            "disable_caching": True,
            "progress_bar": "none",
            "verbosity": "ERROR",
        }
    ):
        logger.setLevel("ERROR")
        Probe().render()


def main() -> None:
    """Three interleaved runs of each; medians."""
    letter = sys.argv[1] if len(sys.argv) > 1 else "m"
    settings = Settings(*QUALITIES[letter])
    times: dict[str, list[float]] = {"ours": [], "stock": []}
    for _ in range(3):
        for name, draw in (("ours", ours), ("stock", stock)):
            with tempfile.TemporaryDirectory() as folder:
                began = time.perf_counter()
                draw(settings, Path(folder))
                times[name].append(time.perf_counter() - began)
    mine, theirs = (statistics.median(times[name]) for name in ("ours", "stock"))
    print(f"{settings.width}x{settings.height} at {settings.fps}/s, {os.cpu_count()} cores")
    print(f"chainreel {mine:.2f} s, stock manim {theirs:.2f} s, ratio {theirs / mine:.2f}")


if __name__ == "__main__":
    main()
