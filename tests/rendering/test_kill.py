"""Nothing is ever lost: renders and their workers are killed at random moments, and the film comes out the same.

A few kills each time; CHAINREEL_KILLS=50 does fifty. CHAINREEL_SEED changes the moments.
"""

from __future__ import annotations

import faulthandler
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import av
import pytest

from chainreel.rendering.cache import Cache
from chainreel.rendering.errors import RenderError
from chainreel.rendering.film import render
from chainreel.rendering.shots import Shot

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc, forks")

KILLS = int(os.environ.get("CHAINREEL_KILLS", "6"))
SEED = int(os.environ.get("CHAINREEL_SEED", "4"))
SCENE = f'''
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from tiny_scene import Stand
from manim import *

class Mine(Stand):
    def construct(self):
        square = Square(fill_opacity=0.5)
        for number in range(10):
            with self.beat(f"Beat {{number}}."):
                self.play(square.animate.rotate(1).set_color(random_bright_color()), run_time=1.2)
'''


def frames_of(path):
    with av.open(str(path)) as container:
        return sha256(b"".join(f.to_ndarray(format="rgb24").tobytes() for f in container.decode(video=0))).hexdigest()


def members(session):
    """Process ids of a session that still run, with their command lines."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                words = (entry / "cmdline").read_bytes().decode(errors="replace")
                if int(fields[3]) == session and fields[0] != "Z" and words:  # without words: it has ended
                    found[int(entry.name)] = fields[0] + " " + words
            except (OSError, IndexError, ValueError):
                continue
    return found


def start(shot, settings, target, log):
    """A render in a process of its own, forked from this one so that it need not import manim; leads a session."""
    child = os.fork()
    if child:
        return child
    code = 70
    try:
        os.setsid()
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(out, 1)
        os.dup2(out, 2)
        # pytest's own capture stands in for these two; what is said here belongs in the log
        sys.stdout, sys.stderr = os.fdopen(1, "w", buffering=1), os.fdopen(2, "w", buffering=1)
        faulthandler.register(signal.SIGUSR1)  # an endless render can be asked where it is
        signal.signal(signal.SIGINT, signal.default_int_handler)
        film = render(shot, settings, target, quiet=False)
        print(f"reused {film.reused} of {film.pieces}", flush=True)
        code = 0
    except RenderError as problem:
        print(problem, flush=True)
        code = 2
    except KeyboardInterrupt:
        code = 130
    finally:
        os._exit(code)


def end_of(child, log, patience=60.0):
    """Exit status of a child, negative for a signal; an endless one is a failure."""
    limit = time.monotonic() + patience
    while time.monotonic() < limit:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    still = members(child)
    os.kill(child, signal.SIGUSR1)
    time.sleep(1)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    pytest.fail(f"a render did not end: {still}\n{log.read_text()}")


def test_random_kills(small, tmp_path, cache_folder):
    """Parents and workers, −9 and Ctrl-C, one process and two: what is whole stays, and nothing else has a final name."""
    (tmp_path / "mine.py").write_text(SCENE)
    shot = Shot(str(tmp_path / "mine.py"), "Mine")
    good = frames_of(render(shot, replace(small, cache=False), tmp_path / "good.mp4").video)
    cache, chance = Cache(cache_folder), random.Random(SEED)
    out, log = tmp_path / "out" / "film.mp4", tmp_path / "log.txt"
    usual = {1: 1.0, 2: 3.0}
    done = {"parent": 0, "worker": 0, "interrupt": 0}
    finished = kept_before = went_on = 0
    while sum(done.values()) < KILLS:
        workers = chance.choice((1, 2))
        whom = chance.choice(("parent", "parent", "interrupt") if workers == 1 else ("parent", "worker", "worker", "interrupt"))
        began = time.monotonic()
        child = start(shot, replace(small, workers=workers), out, log)
        moment = began + usual[workers] * chance.uniform(0.02, 1.0)
        gone = False
        while time.monotonic() < moment and not gone:
            time.sleep(0.002)
            gone = os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        if not gone:
            targets = [p for p, words in members(child).items() if "spawn_main" in words]
            if whom == "worker" and targets:
                os.kill(chance.choice(targets), signal.SIGKILL)
                done["worker"] += 1
            elif whom == "interrupt":
                os.kill(child, signal.SIGINT)
                done["interrupt"] += 1
            elif whom == "parent":
                os.kill(child, signal.SIGKILL)
                done["parent"] += 1
        status = end_of(child, log)
        said = f"{whom} {workers}: {log.read_text()}"
        assert status in (0, 2, 130, -signal.SIGKILL), said
        assert status != 2 or "while drawing beat" in said, said
        assert "Traceback" not in said, said
        limit = time.monotonic() + 20  # a process that is just being started ends when it has begun
        while members(child) and time.monotonic() < limit:
            time.sleep(0.02)
        assert not members(child), "workers outlived their parent"
        # What has a final name is whole.
        assert cache.verify()[1] == []
        if out.exists():
            assert frames_of(out) == good
        if status == 0:
            reused = int(said.split("reused ")[-1].split()[0])
            assert reused >= kept_before, said
            went_on += reused > 0
            suffixes = {p.suffix for p in out.parent.iterdir()}
            assert suffixes == {".json", ".mp4", ".png", ".srt", ".txt", ".vtt"} and len(list(out.parent.iterdir())) == 6
            usual[workers] = 0.5 * usual[workers] + 0.5 * (time.monotonic() - began) if not reused else usual[workers]
            finished += 1
            if chance.random() < 0.7:  # sometimes there is a film already
                for path in out.parent.iterdir():
                    path.unlink()
            cache.prune()
            kept_before = 0
        else:
            kept_before = sum(place.suffix == ".mp4" for place in cache.segments())
    last = render(shot, small, tmp_path / "last.mp4")
    assert frames_of(last.video) == good and last.reused >= kept_before
    print(f"{done} kills, {finished} films finished in between, {went_on} of them went on from kept pieces")


def test_a_worker_that_dies_is_replaced_once(small, tmp_path, monkeypatch):
    """The second death in the same share is told: which beat, which line."""
    monkeypatch.setattr("chainreel.rendering.workers.FEW", 0)  # however little is to be drawn
    (tmp_path / "mine.py").write_text(
        SCENE.replace(
            "            with self.beat",
            "            if number == 7 and os.path.exists(MARK) and multiprocessing.parent_process():\n"
            "                ONCE and os.unlink(MARK)\n                os.kill(os.getpid(), 9)\n            with self.beat",
        ).replace("import sys\n", f"import sys, os, multiprocessing\nMARK, ONCE = {str(tmp_path / 'mark')!r}, True\n", 1)
    )
    good = render(Shot(str(tmp_path / "mine.py"), "Mine"), replace(small, cache=False), tmp_path / "good.mp4")
    (tmp_path / "mark").write_text("")
    shot, two = Shot(str(tmp_path / "mine.py"), "Mine"), replace(small, workers=2)
    film = render(shot, two, tmp_path / "a.mp4")
    assert not (tmp_path / "mark").exists()
    assert film.video.read_bytes() == good.video.read_bytes()
    (tmp_path / "mark").write_text("")
    text = (tmp_path / "mine.py").read_text().replace("True\n", "False\n").replace("run_time=1.2", "run_time=1.3")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.py").write_text(text)
    said = r"killed \(signal 9\) while drawing beat \d+ “Beat \d.” \(.*mine.py, line \d+\), twice"
    with pytest.raises(RenderError, match=said):
        render(Shot(str(tmp_path / "other" / "mine.py"), "Mine"), two, tmp_path / "b.mp4")
    assert not (tmp_path / "b.mp4").exists()
    (tmp_path / "mark").unlink()
    assert render(Shot(str(tmp_path / "other" / "mine.py"), "Mine"), two, tmp_path / "b.mp4").reused > 0


def test_two_renders_at_once(small, tmp_path, cache_folder):
    """The same film to the same place and to another, at the same time, with one cache."""
    (tmp_path / "mine.py").write_text(SCENE)
    shot = Shot(str(tmp_path / "mine.py"), "Mine")
    places = [tmp_path / "out" / "film.mp4", tmp_path / "out" / "film.mp4", tmp_path / "out" / "other.mp4"]
    children = [start(shot, small, place, tmp_path / f"log{n}.txt") for n, place in enumerate(places)]
    logs = [tmp_path / f"log{n}.txt" for n in range(3)]
    assert [end_of(child, log) for child, log in zip(children, logs, strict=True)] == [0, 0, 0], [p.read_text() for p in logs]
    assert places[0].read_bytes() == places[2].read_bytes()
    assert Cache(cache_folder).verify()[1] == []
    assert len(list((tmp_path / "out").iterdir())) == 12


def test_a_full_disk_loses_nothing(small, tmp_path, cache_folder):
    """A disk that is full in the middle: one sentence, no film, finished beats kept; with room again it goes on."""
    (tmp_path / "mine.py").write_text(SCENE)
    limit = 20_000  # bytes that a file may have: the film is larger, its pieces are not
    command = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}));"
        "from chainreel.rendering.cli import main; sys.exit(main())"
    )
    words = ["scene", str(tmp_path / "mine.py"), "--size", "160x90", "--fps", "10", "-o", "out/a.mp4"]
    env = {**os.environ, "CHAINREEL_CACHE": str(cache_folder), "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run(
        [sys.executable, "-c", command, *words], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120
    )
    assert run.returncode in (1, 2) and "Traceback" not in run.stderr, run.stderr
    assert not (tmp_path / "out").exists()
    assert Cache(cache_folder).verify()[1] == []
    film = render(Shot(str(tmp_path / "mine.py"), "Mine"), small, tmp_path / "b.mp4")
    assert film.reused >= 8


def test_a_disk_without_a_byte_left(small, tmp_path, cache_folder):
    """The same on a file system that is really full (a small one in memory, where the system lets us have one)."""
    (tmp_path / "mine.py").write_text(SCENE)
    (tmp_path / "disk").mkdir()
    script = 'mount -t tmpfs -o size=40k,nr_inodes=60 none "$0" && exec "$@"'
    mount = ["unshare", "-rm", "sh", "-c", script, str(tmp_path / "disk")]
    if not shutil.which("unshare") or subprocess.run([*mount, "true"], capture_output=True).returncode:
        pytest.skip("this system gives no file systems to users")
    # The estimate would refuse the film before it begins; here it must not know.
    command = (
        "import sys; import chainreel.rendering.room as room; room.free = lambda folder: None;"
        "from chainreel.rendering.cli import main; status = main();"
        f"import os; print('LEFT', os.listdir({str(tmp_path / 'disk')!r})); sys.exit(status)"
    )
    words = ["scene", str(tmp_path / "mine.py"), "--size", "160x90", "--fps", "10", "-o", str(tmp_path / "disk" / "a.mp4")]
    env = {**os.environ, "CHAINREEL_CACHE": str(cache_folder), "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run(
        [*mount, sys.executable, "-c", command, *words], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120
    )
    assert run.returncode in (1, 2) and "Traceback" not in run.stderr, run.stderr
    assert "is full" in run.stderr, run.stderr
    assert "LEFT []" in run.stdout
    assert Cache(cache_folder).verify()[1] == []
    film = render(Shot(str(tmp_path / "mine.py"), "Mine"), small, tmp_path / "b.mp4")
    assert film.reused > 0
