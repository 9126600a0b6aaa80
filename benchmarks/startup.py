"""How long one waits before anything happens: `--help`, `list`, the first frame of a clip.

    python benchmarks/startup.py [--runs 5] [--markdown]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CLIPS = (("secant", "l"), ("backward", "h"), ("surface", "h"))


def waited(command: list[str], until: str | None = None) -> float:
    """Seconds until a command ends, or prints this word."""
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if until is not None and line.startswith(until):
                break
        taken = time.perf_counter() - began
        if until is not None:
            process.kill()
    if until is None and process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return taken


def first_frame(clip: str, quality: str, folder: str) -> None:
    """Draw the clip in this process until its first frame is handed to the encoder."""
    from chainreel.rendering.drawing import Pieces
    from chainreel.rendering.film import render
    from chainreel.rendering.settings import QUALITIES, Settings
    from chainreel.rendering.shots import Shot

    def stop(self: Pieces, *frame: object) -> None:
        print("first frame", flush=True)
        time.sleep(60)  # until it is ended

    Pieces.take = Pieces.take_changes = stop  # type: ignore[method-assign]
    render(Shot.clip(clip, {}), Settings(*QUALITIES[quality], cache=False), Path(folder) / "film.mp4", quiet=True)


def main() -> None:
    """Print the table, or write it into docs/performance.md."""
    parser = argparse.ArgumentParser(description="How long one waits before anything happens.")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--markdown", action="store_true", help="write the table into docs/performance.md")
    parser.add_argument("--child", nargs=3, metavar=("CLIP", "QUALITY", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        first_frame(*options.child)
        return
    import tempfile

    sys.path.insert(0, str(Path(__file__).parent))
    from tables import put, table

    own = [sys.executable, "render.py"]
    with tempfile.TemporaryDirectory() as folder:
        what: list[tuple[str, list[str], str | None]] = [
            ("an empty Python", [sys.executable, "-c", "pass"], None),
            ("`render.py --help`", [*own, "--help"], None),
            ("`render.py list`", [*own, "list"], None),
            ("`import manim`", [sys.executable, "-c", "import manim"], None),
        ]
        for clip, quality in CLIPS:
            child = [sys.executable, "-P", __file__, "--child", clip, quality, folder]
            what.append((f"first frame of `clip {clip} -q {quality}`", child, "first frame"))
        rows = []
        for name, command, until in what:
            waited(command, until)  # once for the disk
            times = [waited(command, until) for _ in range(options.runs)]
            rows.append([name, f"{statistics.median(times):.2f} s", f"{min(times):.2f} s"])
            print(" | ".join(rows[-1]), flush=True)
    if options.markdown:
        about = f"{options.runs} runs, files warm, load of the machine {os.getloadavg()[0]:.1f}."
        put("startup", table(("from the command to", "median", "best"), rows) + "\n\n" + about)


if __name__ == "__main__":
    main()
