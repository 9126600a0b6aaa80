"""The same scene classes drawn by stock manim and by chainreel, side by side: time, work, memory, size, likeness.

    python benchmarks/render.py [ROW …] [--seconds 8] [--runs 3] [--markdown] [--list] [--quick] [--presets]

A row is SCENE@LINES or SCENE@LINES/WORKERS, such as graph@1080 or surface@480/2; SCENE alone is all of its rows, no row is
all of them. Results are kept in build/benchmarks/, so that the table can be measured in parts; ``--markdown`` writes all
that is kept into docs/performance.md.

Every drawing is a process of its own that starts empty (no caches); the two ways take turns, medians are printed. The time
is that of the render, without Python's start and imports. Where other work shares the cores, trust the processor time
rather than the time. SSIM is of the luma against what was drawn, the worst of twelve frames, for stock manim's file and ours.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "build" / "benchmarks" / "render.json"
SIZES = {480: ("854x480", 15), 1080: ("1920x1080", 60), 2160: ("3840x2160", 60)}  # as -q l, h, k
FACES = {"surface": 32, "surface96": 96}  # along each side
ONLY_OURS = ("surface96",)  # stock manim would take minutes for each second
TITLES = {
    "graph": "graph: the clip `backward`",
    "held": "held: a picture that stands still",
    "network": "network: 672 edges, 58 running numbers, pulses",
    "surface": "surface: 32×32 faces turning",
    "surface96": "surface: 96×96 faces turning",
}
ROWS = (
    "graph@480", "graph@1080", "graph@1080/2", "graph@2160", "held@480", "held@1080", "held@2160",
    "network@480", "network@1080", "network@1080/2", "network@2160",
    "surface@480", "surface@1080", "surface@1080/2", "surface@2160", "surface96@1080",
)  # fmt: skip


def surface_class(seconds: float, way: str, faces: int) -> type:
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
                lambda u, v: np.array([u, v, height(u, v)]), u_range=(-3, 3), v_range=(-3, 3), resolution=(faces, faces)
            )
            self.set_camera_orientation(phi=55 * DEGREES, theta=-45 * DEGREES)
            self.add(sheet)
            self.begin_ambient_camera_rotation(0.3)
            self.wait(seconds)

    class Ours(Stage):
        """The same function as a mesh, the eye going round."""

        def construct(self) -> None:
            x = np.linspace(-3, 3, faces + 1)
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
    if name in FACES:
        return surface_class(seconds, way, FACES[name])
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


@dataclass(frozen=True)
class Row:
    """What is measured: a scene at a size, with so many workers."""

    scene: str
    lines: int
    workers: int = 1

    @classmethod
    def of(cls, text: str) -> Row:
        """From "graph@1080/2"."""
        scene, _, how = text.partition("@")
        lines, _, workers = how.partition("/")
        if scene not in TITLES or not lines.isdigit() or int(lines) not in SIZES or not (workers or "1").isdigit():
            raise SystemExit(f"'{text}' is no row; write SCENE@LINES/WORKERS with {', '.join(TITLES)} and {tuple(SIZES)}")
        return cls(scene, int(lines), int(workers or 1))

    def __str__(self) -> str:
        return f"{self.scene}@{self.lines}" + (f"/{self.workers}" if self.workers > 1 else "")

    def settings(self) -> Any:
        """As the renderer takes them."""
        from chainreel.rendering.settings import Settings, parse_size

        size, fps = SIZES[self.lines]
        return Settings(*parse_size(size), fps, workers=self.workers, cache=False)


def draw(way: str, row: Row, seconds: float, folder: Path) -> dict[str, Any]:
    """One drawing in this process; the path of its video and the seconds it took without Python's start."""
    settings = row.settings()
    if way == "chainreel":
        from chainreel.rendering.film import render
        from chainreel.rendering.shots import Shot

        # By file and name, so that several workers can load it.
        os.environ["CHAINREEL_BENCH"] = json.dumps([row.scene, seconds])
        shot = Shot(str(Path(__file__).with_name("render_scene.py")), "Measured")
        began, busy = time.perf_counter(), work()
        film = render(shot, settings, folder / "film.mp4", quiet=True)
        return {"video": str(film.video), "drawn": time.perf_counter() - began, "cpu": work() - busy}
    from manim import logger, tempconfig

    asked = {
        "pixel_width": settings.width,
        "pixel_height": settings.height,
        "frame_rate": settings.fps,
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
        scene_class(row.scene, seconds, way)().render()
        taken = time.perf_counter() - began
    films = [path for path in folder.rglob("*.mp4") if "partial" not in str(path)]
    return {"video": str(films[0]), "drawn": taken, "cpu": work() - busy}


def work() -> float:
    """Seconds of processor time so far, of all threads and finished child processes."""
    return sum(os.times()[:4])


@dataclass
class Run:
    """What one process took."""

    drawn: float
    cpu: float
    memory: float  # largest resident size of it and its workers together, bytes
    size: int
    video: str


def in_process(way: str, row: Row, seconds: float, folder: Path) -> Run:
    """One drawing in a process of its own."""
    command = [sys.executable, "-P", __file__, "--child", way, str(folder), "--seconds", str(seconds), str(row)]
    with open(folder / "out", "wb") as out, open(folder / "err", "wb") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, cwd=ROOT)
        watch = Watch(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        workers = watch.end()
    if status:
        raise SystemExit(f"{way} could not draw {row}:\n{(folder / 'err').read_text()[-2000:]}")
    told = json.loads((folder / "out").read_text().strip().splitlines()[-1])
    alone = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Run(told["drawn"], told["cpu"], max(alone, workers), Path(told["video"]).stat().st_size, told["video"])


class Watch:
    """Follows the memory of a process and its children, where the system tells (Linux)."""

    def __init__(self, pid: int):
        self.pid, self.most, self._ended = pid, 0.0, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def end(self) -> float:
        """The most that was seen, bytes."""
        self._ended.set()
        self._thread.join()
        return self.most

    def _look(self) -> None:
        while not self._ended.wait(0.2):
            self.most = max(self.most, sum(map(self._resident, self._family(self.pid))))

    def _family(self, pid: int) -> list[int]:
        try:
            told = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        except OSError:
            return [pid]
        return [pid, *(one for child in told for one in self._family(int(child)))]

    @staticmethod
    def _resident(pid: int) -> float:
        try:
            return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, IndexError, ValueError):
            return 0


def measure(row: Row, seconds: float, runs: int) -> dict[str, Any]:
    """Both ways in turn; medians."""
    ways = ["chainreel"] if row.scene in ONLY_OURS else ["stock", "chainreel"]
    found: dict[str, list[Run]] = {way: [] for way in ways}
    with tempfile.TemporaryDirectory() as place:
        for turn in range(runs):
            for way in ways:
                folder = Path(place) / f"{way}{turn}"
                folder.mkdir()
                found[way].append(in_process(way, row, seconds, folder))
        # Also in a process of its own: what this one has used would count as used by its children.
        videos = [found[way][0].video for way in reversed(ways)]
        command = [sys.executable, "-P", __file__, "--likeness", *videos, "--seconds", str(seconds), str(row)]
        likeness = json.loads(subprocess.run(command, capture_output=True, check=True).stdout.splitlines()[-1])
    result: dict[str, Any] = {"row": str(row), **asdict(row), "seconds": seconds, "runs": runs, "load": os.getloadavg()[0]}
    result |= likeness
    for way, taken in found.items():
        for value in ("drawn", "cpu", "memory", "size"):
            result[f"{way}_{value}"] = statistics.median(getattr(run, value) for run in taken)
    return result


def keep(result: dict[str, Any]) -> None:
    """Beside what was measured before."""
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    KEPT.write_text(json.dumps(kept() | {result["row"]: result}, indent=1))


def kept() -> dict[str, Any]:
    """What was measured, by row."""
    return json.loads(KEPT.read_text()) if KEPT.exists() else {}


HEAD = ("scene", "size", "workers", "frames", "stock /s", "chainreel /s", "ratio", "processor time a frame", "peak memory")
HEAD += ("file", "SSIM stock, ours")


def cells(r: dict[str, Any], results: dict[str, Any]) -> list[str]:
    """A row of the table in docs/performance.md."""
    n, size = r["frames"], SIZES[r["lines"]]
    row = [TITLES[r["scene"]], f"{size[0].replace('x', '×')}, {size[1]}/s", str(r["workers"]), str(n)]
    if "stock_drawn" not in r:
        small = results.get(f"surface@{r['lines']}")
        beside = "–"
        if small:  # by frame: the two may be cut to different lengths
            beside = f"{r['chainreel_drawn'] / n / (small['chainreel_drawn'] / small['frames']):.1f}× the time of 32×32"
        row += ["–", f"{n / r['chainreel_drawn']:.0f}", beside, f"{r['chainreel_cpu'] / n * 1000:.1f} ms"]
        return [*row, f"{r['chainreel_memory'] / 1e6:.0f} MB", f"{r['chainreel_size'] / 1e6:.2f} MB", f"–, {r['ssim']:.4f}"]
    row += [f"{n / r['stock_drawn']:.0f}", f"{n / r['chainreel_drawn']:.0f}"]
    row += [f"**{r['stock_drawn'] / r['chainreel_drawn']:.1f}×**"]
    before, after = (r[f"{way}_cpu"] / n * 1000 for way in ("stock", "chainreel"))
    row += [f"{before:.1f} → {after:.1f} ms ({before / after:.1f}×)"]
    row += [f"{r['stock_memory'] / 1e6:.0f} → {r['chainreel_memory'] / 1e6:.0f} MB"]
    row += [f"{r['chainreel_size'] / r['stock_size']:.2f}×"]
    # The two surfaces are other pictures: manim's has no gloss and no grid.
    return [*row, f"{'–' if r['scene'] in FACES else format(r['stock_ssim'], '.4f')}, {r['ssim']:.4f}"]


def markdown() -> str:
    """The table of all that is kept, and how busy the machine was."""
    from tables import table

    results = kept()
    rows = [cells(results[name], results) for name in ROWS if name in results]
    loads = sorted(r["load"] for r in results.values())
    runs = sorted({r["runs"] for r in results.values()})
    lengths = sorted({r["seconds"] for r in results.values()})
    about = (
        f"{os.cpu_count()} cores; runs of each row: {' or '.join(map(str, runs))} (medians); scenes cut to "
        f"{' or '.join(f'{s:g}' for s in lengths)} s; load of the machine {loads[0]:.1f} to {loads[-1]:.1f}"
        + (": other work shared the cores, so trust processor times rather than times." if loads[-1] > 3 else ".")
    )
    return table(HEAD, rows) + "\n\n" + about


def presets(seconds: float) -> str:
    """Size, likeness and speed of each quality letter on one clip."""
    from tables import table

    from chainreel.rendering.settings import QUALITIES

    rows = []
    for letter in QUALITIES:
        command = [sys.executable, "-P", __file__, "--preset", letter, "--seconds", str(seconds)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(done.stderr[-2000:])
        rows.append(json.loads(done.stdout.splitlines()[-1]))
        print(" | ".join(rows[-1]), flush=True)
    return table(("`-q`", "size", "bytes a second of film", "SSIM", "frames drawn a second", "seconds for 10 s of film"), rows)


def preset(letter: str, seconds: float) -> list[str]:
    """One of them, in this process."""
    from likeness import compare

    from chainreel.rendering.film import render
    from chainreel.rendering.settings import QUALITIES, Settings

    width, height, fps = QUALITIES[letter]
    settings, scene = Settings(width, height, fps, cache=False), scene_class("graph", seconds)
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        film = render(scene, settings, Path(folder) / "film.mp4", quiet=True)
        taken, long = time.perf_counter() - began, film.frames / fps
        close = compare(scene, settings, film.video, None)["ssim"]
        size = film.video.stat().st_size / long
    row = [letter, f"{width}×{height}, {fps}/s", f"{size / 1000:.0f} kB", f"{close:.4f}"]
    return [*row, f"{film.frames / taken:.0f}", f"{taken / long * 10:.1f}"]


def chosen(names: Sequence[str]) -> list[Row]:
    """The rows of these names; a scene alone is all of its rows."""
    wanted = [row for name in names for row in ([r for r in ROWS if Row.of(r).scene == name] or [name])] or list(ROWS)
    return [Row.of(name) for name in wanted]


def main() -> None:
    """Measure, keep, print."""
    parser = argparse.ArgumentParser(description="Stock manim against chainreel, the same scenes.")
    parser.add_argument("rows", nargs="*", metavar="ROW", help="SCENE, or SCENE@LINES/WORKERS (default: all of --list)")
    parser.add_argument("--list", action="store_true", help="the rows")
    parser.add_argument("--quick", action="store_true", help="480 lines, 4 s, one run; not kept")
    parser.add_argument("--seconds", type=float, default=8.0, help="the length that a scene is cut to")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--markdown", action="store_true", help="write what is kept into docs/performance.md")
    parser.add_argument("--presets", action="store_true", help="the quality letters in place of the rows")
    parser.add_argument("--child", nargs=2, metavar=("WAY", "FOLDER"), help=argparse.SUPPRESS)
    parser.add_argument("--likeness", nargs="+", help=argparse.SUPPRESS)
    parser.add_argument("--preset", help=argparse.SUPPRESS)
    options = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).parent))
    if options.list:
        print("\n".join(ROWS))
    elif options.child:
        way, folder = options.child
        print(json.dumps(draw(way, Row.of(options.rows[0]), options.seconds, Path(folder))))
    elif options.likeness:
        # The last word is the row: argparse gives it to --likeness.
        from likeness import compare

        *videos, name = [*options.likeness, *options.rows]
        row = Row.of(name)
        scene = scene_class(row.scene, options.seconds, "chainreel")
        stock = Path(videos[1]) if len(videos) > 1 and row.scene not in FACES else None
        print(json.dumps(compare(scene, row.settings(), Path(videos[0]), stock)))
    elif options.preset:
        print(json.dumps(preset(options.preset, options.seconds)))
    elif options.presets:
        text = presets(options.seconds)
        if options.markdown:
            from tables import put

            put("presets", text)
    elif options.markdown:
        from tables import put

        put("frames", markdown())
    else:
        rows = chosen([f"{s}@480" for s in ("graph", "network", "held", "surface")] if options.quick else options.rows)
        seconds, runs = (4.0, 1) if options.quick else (options.seconds, options.runs)
        print("| " + " | ".join(HEAD) + " |")
        for row in rows:
            result = measure(row, seconds, runs)
            if not options.quick:
                keep(result)
            print("| " + " | ".join(cells(result, kept())) + " |", flush=True)


if __name__ == "__main__":
    main()
