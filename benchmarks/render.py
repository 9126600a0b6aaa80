"""The same scene classes drawn by stock manim and by chainreel, side by side: time, work, memory, size, likeness.

    python benchmarks/render.py [--quick] [--json] [--size 1920x1080] [--fps 60] [--seconds 8] [--runs 3] [--workers 1]
                                [SCENE …]

Every drawing is a process of its own that starts empty (no caches); the two ways take turns, medians are printed. The
time is that of a whole process, from the start of Python to the finished file; "drawn" is without Python's start and
imports. Where other work shares the cores, compare the processor time rather than the time.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DRIFT = 10  # frames by which stock manim may be off
ROOT = Path(__file__).resolve().parent.parent
SCENES = ("graph", "network", "held", "surface")


FACES = 32  # along each side of the surface


def surface_class(seconds: float, way: str) -> type:
    """A turning surface: stock manim's own, each face a mobject, or one mesh. The pictures are not compared."""
    import numpy as np
    from manim import DEGREES, Surface, ThreeDScene, UpdateFromAlphaFunc, rate_functions

    from chainreel.scenes.stage.mesh import Mesh, Scenery, Sheet
    from chainreel.scenes.stage.space import Eye, Relief, Space
    from chainreel.scenes.stage.stage import Stage

    def height(x: Any, y: Any) -> Any:
        return 0.12 * (x**2 + y**2) + 0.3 * np.sin(2 * x)

    class Stock(ThreeDScene):
        """Manim's surface, the camera going round."""

        def construct(self) -> None:
            sheet = Surface(
                lambda u, v: np.array([u, v, height(u, v)]), u_range=(-3, 3), v_range=(-3, 3), resolution=(FACES, FACES)
            )
            self.set_camera_orientation(phi=55 * DEGREES, theta=-45 * DEGREES)
            self.add(sheet)
            self.begin_ambient_camera_rotation(0.3)
            self.wait(seconds)

    class Ours(Stage):
        """The same function as a mesh, the eye going round."""

        def construct(self) -> None:
            x = np.linspace(-3, 3, FACES + 1)
            heights = height(x[:, None], x[None, :])
            top = float(heights.max()) + 1
            space = Space(Relief(x, x, heights, top), Eye(-45, 35))
            sheet = Sheet(x, x, heights, top)
            mesh = Mesh(Scenery(self.look, space, sheet, sheet.heights[sheet.faces].mean(axis=1) / top))

            def turn(mobject: Any, alpha: float) -> None:
                space.eye = Eye(-45 + 17 * seconds * alpha, 35)
                space.version += 1
                mobject.follow()

            self.play(UpdateFromAlphaFunc(mesh, turn, rate_func=rate_functions.linear), run_time=seconds)

    return Stock if way == "stock" else Ours


def scene_class(name: str, seconds: float, way: str = "") -> type:
    """One of the scenes, at most so many seconds long."""
    if name == "surface":
        return surface_class(seconds, way)
    from manim import Scene, rate_functions
    from manim.utils.exceptions import EndSceneEarlyException

    class Short:
        """Ends the scene when its time is over."""

        renderer: Any

        def play(self, *args: Any, **kwargs: Any) -> None:
            if self.renderer.time >= seconds:
                raise EndSceneEarlyException()
            super().play(*args, **kwargs)  # type: ignore[misc]

    if name == "graph":
        from chainreel.scenes.clips import Backward

        base = Backward.configured(function="x**2*y + sin(x)", at={"x": 1.0, "y": 2.0})
        return type("Graph", (Short, base), {"spec": base.spec, "__module__": base.__module__})
    if name == "held":

        class Held(Short, Scene):
            """A picture that stands still."""

            def construct(self) -> None:
                from manim import BLUE, Create, NumberPlane, Square

                self.play(Create(NumberPlane()), run_time=0.5)
                self.play(Create(Square(color=BLUE, fill_opacity=0.5)), run_time=0.5)
                self.wait(seconds - 1, frozen_frame=True)

        return Held

    class Network(Short, Scene):
        """Layers of 16, 16, 16 and 10 neurons: 672 edges, 58 numbers that run, pulses from layer to layer."""

        def construct(self) -> None:
            import numpy as np
            from manim import BLUE, WHITE, YELLOW, Circle, Create, Dot, Line, UpdateFromAlphaFunc, VGroup

            from chainreel.scenes.stage.number import Printable

            random = np.random.default_rng(7)
            places = [
                [np.array([x, 3.4 - 6.8 * i / (n - 1), 0]) for i in range(n)]
                for x, n in zip((-5, -1.7, 1.7, 5), (16, 16, 16, 10), strict=True)
            ]
            pairs = [(a, b) for left, right in zip(places[:-1], places[1:], strict=True) for a in left for b in right]
            edges = VGroup(*(Line(a, b, stroke_width=1, color=BLUE, stroke_opacity=0.5) for a, b in pairs))
            cells = VGroup(*(Circle(0.19, color=WHITE, fill_opacity=1, fill_color="#222222") for _ in sum(places, [])))
            numbers = VGroup(*(Printable("0.00", "#FFFFFF", 22, "medium") for _ in cells))
            for cell, number, place in zip(cells, numbers, sum(places, []), strict=True):
                cell.move_to(place)
                number.scale(0.5).move_to(place)
            self.add(edges, cells, numbers)
            self.play(Create(edges), run_time=1)
            for layer in range(3):
                goals = random.uniform(-1, 1, len(numbers))

                def roll(group: Any, alpha: float, goals: Any = goals) -> None:
                    for number, goal in zip(group, goals, strict=True):
                        number.set_text(f"{goal * alpha:.2f}")

                start, end = len(places[0]) * len(places[1]) * layer, 0
                end = start + len(places[layer]) * len(places[layer + 1])
                pulses = VGroup(*(Dot(radius=0.04, color=YELLOW).move_to(a) for a, _ in pairs[start:end]))

                def run(group: Any, alpha: float, run: Any = pairs[start:end]) -> None:
                    for dot, (a, b) in zip(group, run, strict=True):
                        dot.move_to(a + (b - a) * alpha)

                self.add(pulses)
                self.play(
                    UpdateFromAlphaFunc(pulses, run, rate_func=rate_functions.linear),
                    UpdateFromAlphaFunc(numbers, roll),
                    run_time=1.5,
                )
                self.remove(pulses)
                self.wait(0.5)

    return Network


def draw(way: str, name: str, options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """One drawing in this process; the path of its video and the seconds it took without Python's start."""
    from chainreel.rendering.settings import Settings, parse_size

    width, height = parse_size(options.size)
    settings = Settings(width, height, options.fps, workers=options.workers, cache=False)
    if way == "chainreel":
        from chainreel.rendering.film import render

        began, busy = time.perf_counter(), work()
        film = render(scene_class(name, options.seconds, way), settings, folder / "film.mp4")
        return {"video": str(film.video), "drawn": time.perf_counter() - began, "cpu": work() - busy}
    from manim import logger, tempconfig

    asked = {
        "pixel_width": width,
        "pixel_height": height,
        "frame_rate": options.fps,
        "frame_width": settings.frame[0],
        "frame_height": settings.frame[1],
        "media_dir": str(folder),
        "disable_caching": True,
        "progress_bar": "none",
        "verbosity": "ERROR",
    }
    with tempconfig(asked):
        logger.setLevel("ERROR")
        began, busy = time.perf_counter(), work()
        scene_class(name, options.seconds, way)().render()
        seconds = time.perf_counter() - began
    films = [path for path in folder.rglob("*.mp4") if "partial" not in str(path)]
    return {"video": str(films[0]), "drawn": seconds, "cpu": work() - busy}


def work() -> float:
    """Seconds of processor time so far, of all threads and finished child processes."""
    return sum(os.times()[:4])


@dataclass
class Run:
    """What one process took."""

    seconds: float
    drawn: float
    cpu: float
    memory: int  # largest resident size, bytes (of the largest of its processes)
    size: int
    video: str


def in_process(way: str, name: str, options: argparse.Namespace, folder: Path) -> Run:
    """One drawing in a process of its own."""
    command = [sys.executable, "-P", __file__, "--child", way, str(folder), "--size", options.size]
    command += ["--fps", str(options.fps), "--seconds", str(options.seconds), "--workers", str(options.workers), name]
    began = time.perf_counter()
    with open(folder / "out", "wb") as out, open(folder / "err", "wb") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, cwd=ROOT)
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    if status:
        raise SystemExit(f"{way} could not draw {name}:\n{(folder / 'err').read_text()[-2000:]}")
    told = json.loads((folder / "out").read_text().strip().splitlines()[-1])
    return Run(
        seconds,
        told["drawn"],
        told["cpu"],
        usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        Path(told["video"]).stat().st_size,
        told["video"],
    )


def likeness(ours: Path, theirs: Path) -> tuple[float, int]:
    """The worst SSIM (luma, 7×7) of 12 frames against the most alike of stock manim's frames near by; our frame count.

    (Stock manim counts the frames of an animation by a float range, so the same film may be a frame or two off.)
    """
    import av
    import numpy as np
    from scipy.ndimage import uniform_filter

    weights = np.array([0.2126, 0.7152, 0.0722], np.float32)

    def lumas(path: Path, wanted: set[int]) -> tuple[dict[int, Any], int]:
        found, count = {}, 0
        with av.open(str(path)) as container:
            for index, frame in enumerate(container.decode(container.streams.video[0])):
                count = index + 1
                if index in wanted:
                    # by way of RGB: stock manim's files have the luma of BT.601, ours of BT.709
                    found[index] = (frame.to_ndarray(format="rgb24") @ weights).round().astype(np.uint8)
        return found, count

    def ssim(x: Any, y: Any) -> float:
        x, y = x.astype(np.float64), y.astype(np.float64)
        mx, my = uniform_filter(x, 7), uniform_filter(y, 7)
        vx, vy = uniform_filter(x * x, 7) - mx * mx, uniform_filter(y * y, 7) - my * my
        both = uniform_filter(x * y, 7) - mx * my
        c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
        return float(((2 * mx * my + c1) * (2 * both + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))).mean())

    _, count = lumas(ours, set())
    picks = [round(i * (count - 1) / 11) for i in range(12)]
    mine, _ = lumas(ours, set(picks))
    near = {pick: range(max(pick - DRIFT, 0), pick + DRIFT + 1) for pick in picks}
    stock, _ = lumas(theirs, {index for indices in near.values() for index in indices})

    def twin(pick: int) -> Any:
        found = [stock[i] for i in near[pick] if i in stock]
        return min(found, key=lambda y: np.square(mine[pick][::3, ::3].astype(int) - y[::3, ::3]).mean()) if found else None

    twins = {pick: twin(pick) for pick in picks}
    return min(ssim(mine[pick], y) for pick, y in twins.items() if y is not None), count


def compare(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """Both ways in turn; medians."""
    runs: dict[str, list[Run]] = {"stock": [], "chainreel": []}
    with tempfile.TemporaryDirectory() as place:
        for turn in range(options.runs):
            for way, found in runs.items():
                folder = Path(place) / f"{way}{turn}"
                folder.mkdir()
                found.append(in_process(way, name, options, folder))
        # Also in a process of its own: what this one has used would count as used by its children.
        videos = [runs["chainreel"][0].video, runs["stock"][0].video]
        told = subprocess.run([sys.executable, "-P", __file__, "--likeness", *videos], capture_output=True, check=True)
        worst, frames = json.loads(told.stdout)
    row: dict[str, Any] = {"scene": name, "size": options.size, "fps": options.fps, "frames": frames, "ssim": worst}
    for way, found in runs.items():
        for value in ("seconds", "drawn", "cpu", "memory", "size"):
            row[f"{way}_{value}"] = statistics.median(getattr(run, value) for run in found)
    row["ratio"] = row["stock_drawn"] / row["chainreel_drawn"]
    row["cpu_ratio"] = row["stock_cpu"] / row["chainreel_cpu"]
    row["size_ratio"] = row["chainreel_size"] / row["stock_size"]
    return row


def show(row: dict[str, Any]) -> str:
    """A row of the table in docs/performance.md."""
    n = row["frames"]
    return (
        f"| {row['scene']} | {row['size']} at {row['fps']} | {n} | {n / row['stock_drawn']:.0f} | "
        f"{n / row['chainreel_drawn']:.0f} | **{row['ratio']:.1f}×** | "
        f"{row['stock_cpu'] / n * 1000:.1f} → {row['chainreel_cpu'] / n * 1000:.1f} ms ({row['cpu_ratio']:.1f}×) | "
        f"{row['stock_memory'] / 1e6:.0f} → {row['chainreel_memory'] / 1e6:.0f} MB | "
        f"{row['size_ratio']:.2f}× | {'–' if row['scene'] == 'surface' else format(row['ssim'], '.4f')} |"
    )


def main() -> None:
    """Print the table, or JSON."""
    parser = argparse.ArgumentParser(description="Stock manim against chainreel, the same scenes.")
    parser.add_argument("scenes", nargs="*", metavar="SCENE", help=f"of {', '.join(SCENES)} (all)")
    parser.add_argument("--quick", action="store_true", help="480 lines, 15 frames a second, one run")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--size", default="1920x1080")
    parser.add_argument("--fps", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=8.0, help="the length that a scene is cut to")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--child", nargs=2, metavar=("WAY", "FOLDER"), help=argparse.SUPPRESS)
    parser.add_argument("--likeness", nargs=2, metavar=("OURS", "STOCK"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.quick:
        options.size, options.fps, options.seconds, options.runs = "854x480", 15, 5.0, 1
    if options.likeness:
        print(json.dumps(likeness(*map(Path, options.likeness))))
        return
    if options.child:
        way, folder = options.child
        print(json.dumps(draw(way, options.scenes[0], options, Path(folder))))
        return
    for name in options.scenes:
        if name not in SCENES:
            parser.error(f"there is no scene '{name}'; choose of {', '.join(SCENES)}")
    if not options.json:
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, runs {options.runs}, workers {options.workers}\n")
        print("| scene | frames | n | stock /s | chainreel /s | ratio | CPU a frame | peak memory | file | SSIM |")
        print("|---|---|---|---|---|---|---|---|---|---|")
    for name in options.scenes or SCENES:
        row = compare(name, options)
        print(json.dumps(row) if options.json else show(row), flush=True)


if __name__ == "__main__":
    main()
