"""How long a film takes on N workers: a model, fitted to measured runs.

    python benchmarks/model.py [--minutes 10] [--lines 1080] [--seconds 24] [--markdown]

A film's time is

    getting ready + rehearsal + the longest share + assembly

where a worker's share is, for every scene that it draws from: making it, living through the pieces before its own undrawn, and
drawing its own. All of these are measured on one clip drawn by one process: the seconds of each piece, of making the scene,
and of drawing its last piece alone. A run with two workers is measured beside what the model says of it. The film of the table
is the clip again and again, as scenes of their own or, what is worse, as a single scene.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
WORKERS = (1, 2, 4, 8, 16, 32, 64, 128, 256)


@dataclass
class Model:
    """What is fitted: seconds for one clip, save `jump`: living through a piece, in parts of drawing it."""

    ready: float  # the start of Python, imports
    rehearsal: float
    making: float  # the scene, until its first frame
    pieces: list[float]  # drawing each, without making the scene
    jump: float
    assembly: float
    length: float  # of the clip

    def seconds(self, workers: int, film: float, single: bool) -> float:
        """A film of so many seconds; ``single``: it is one scene."""
        times = max(round(film / self.length), 1)
        return self.ready + self.rehearsal * times + self.longest(workers, times, single) + self.assembly * times

    def longest(self, workers: int, times: int, single: bool) -> float:
        """Of the workers' shares of so many clips."""
        from chainreel.rendering.workers import shares

        if single:
            costs = self.pieces * times
            parts = shares(range(len(costs)), costs, workers)
            own = [sum(costs[piece] for piece in part) for part in parts]
            lived = [sum(costs[: part[-1] + 1]) - mine for part, mine in zip(parts, own, strict=True)]
            return self.making + max(mine + self.jump * others for mine, others in zip(own, lived, strict=True))
        low, high = 0.0, times * (self.making + sum(self.pieces)) + 1
        for _ in range(40):
            limit = (low + high) / 2
            needed = self._needed(times, limit)
            low, high = (low, limit) if needed is not None and needed <= workers else (limit, high)
        return high

    def _needed(self, times: int, limit: float) -> int | None:
        """How many workers, when none may take longer: pieces are given out in order. None if one is too long for any."""
        used, spent = 1, 0.0
        for _ in range(times):
            spent += self.making
            for i, cost in enumerate(self.pieces):
                if spent + cost > limit:
                    used, spent = used + 1, self.making + self.jump * sum(self.pieces[:i])
                    if spent + cost > limit:
                        return None
                spent += cost
        return used


def child(lines: int, seconds: float, workers: int) -> dict[str, Any]:
    """Measure in this process: one worker piece by piece, or the drawing of two."""
    began = time.perf_counter()
    from chainreel.rendering.drawing import draw_pieces, piece_starts, rehearse
    from chainreel.rendering.film import render
    from chainreel.rendering.shots import Shot
    from render import Row

    os.environ["CHAINREEL_BENCH"] = json.dumps(["graph", seconds])
    shot, settings = Shot(str(Path(__file__).with_name("render_scene.py")), "Measured"), Row("graph", lines, workers).settings()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        if workers > 1:
            profile: Any = render(shot, settings, folder / "film.mp4", quiet=True).profile
            return {"drawing": sum(s for name, s in profile.stages.items() if "drawing" in name)}
        shot.load()
        rehearse(shot, settings, folder)  # what is loaded and kept for all that follow counts as getting ready
        marks = [time.perf_counter()]
        score = rehearse(shot, settings, folder)
        marks.append(time.perf_counter())
        count, first, ends = len(piece_starts(score, settings.fps)), 0.0, [time.perf_counter()]

        def tell(frames: int) -> None:
            nonlocal first
            first = first or time.perf_counter()

        def done(piece: int, drawn: Any) -> None:
            ends.append(time.perf_counter())

        draw_pieces(shot, settings, folder, score, range(count), tell, done)
        making = first - ends[0]
        pieces = [b - a for a, b in zip(ends, ends[1:], strict=False)]
        pieces[0] -= making
        again = time.perf_counter()
        draw_pieces(shot, settings, folder, score, [count - 1], lambda frames: None)
        late = time.perf_counter() - again - making - pieces[-1]
        film = folder / "film.mp4"
        began_assembly = time.perf_counter()
        _assemble(folder, count, film, settings)
        return {
            "imports": max(2 * marks[0] - began - marks[1], 0.0),
            "rehearsal": marks[1] - marks[0],
            "making": making,
            "pieces": pieces,
            "jump": max(late, 0.0) / max(sum(pieces[:-1]), 1e-9),
            "assembly": time.perf_counter() - began_assembly,
            "length": score.frames / settings.fps,
        }


def _assemble(folder: Path, count: int, film: Path, settings: Any) -> None:
    from chainreel.rendering.assembly import Extras, assemble
    from chainreel.rendering.drawing import piece_path

    assemble([piece_path(folder, n, settings.coding) for n in range(count)], film, settings.coding, settings.fps, Extras())


def measured(lines: int, seconds: float, workers: int) -> dict[str, Any]:
    """The same in a process of its own, with the seconds of Python's start."""
    command = [sys.executable, "-P", __file__, "--child", str(workers), "--lines", str(lines), "--seconds", str(seconds)]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        process.stdout.readline()
        start = time.perf_counter() - began
        told = process.stdout.read()
    if process.returncode:
        raise SystemExit("the measured run failed")
    return {"start": start, **json.loads(told.splitlines()[-1])}


def text(model: Model, drawing: float, minutes: float, lines: int) -> str:
    """The section's body."""
    from tables import table

    film, names = minutes * 60, ("scenes of their own", "one single scene")
    base, rows = [model.seconds(1, film, single) for single in (False, True)], []
    for n in WORKERS:
        times = [model.seconds(n, film, single) for single in (False, True)]
        rows.append([str(n), *(cell for t, one in zip(times, base, strict=True) for cell in (f"{t:.0f} s", f"{one / t:.1f}×"))])
    about = (
        f"Fitted to `graph` at {lines} lines, {model.length:.0f} s of film in {len(model.pieces)} pieces: getting ready "
        f"{model.ready:.1f} s, rehearsal {model.rehearsal:.2f} s, making the scene {model.making:.2f} s, drawing "
        f"{sum(model.pieces):.1f} s (the longest piece {max(model.pieces):.1f} s), assembly {model.assembly:.2f} s; living "
        f"through a piece costs {100 * model.jump:.0f} % of drawing it. For two workers with two cores each the model says "
        f"{model.longest(2, 1, True):.1f} s of drawing; measured, on the {os.cpu_count()} cores of this machine, are "
        f"{drawing:.1f} s (load {os.getloadavg()[0]:.1f})."
    )
    head = ["workers", *(cell for name in names for cell in (name, "faster"))]
    return table(head, rows) + "\n\n" + about


def main() -> None:
    """Measure, fit, print."""
    parser = argparse.ArgumentParser(description="How long a film takes on N workers: a model.")
    parser.add_argument("--minutes", type=float, default=10, help="the length of the film")
    parser.add_argument("--lines", type=int, default=1080, help="of a frame: 480, 1080 or 2160")
    parser.add_argument("--seconds", type=float, default=24, help="the length that the measured clip is cut to")
    parser.add_argument("--markdown", action="store_true", help="write it into docs/performance.md")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).parent))
    if options.child:
        print("started", flush=True)
        print(json.dumps(child(options.lines, options.seconds, options.child)))
        return
    from tables import put

    one, two = (measured(options.lines, options.seconds, workers) for workers in (1, 2))
    ready = one.pop("start") + one.pop("imports")
    written = text(Model(ready, **one), two["drawing"], options.minutes, options.lines)
    print(written)
    if options.markdown:
        put("model", written)


if __name__ == "__main__":
    main()
