"""A Dask cluster draws the same film, and says in a sentence what it lacks."""

from __future__ import annotations

import os
import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest

from chainreel.rendering import cli, cluster
from chainreel.rendering.errors import RenderError
from chainreel.rendering.film import render
from chainreel.rendering.settings import Settings
from chainreel.rendering.shots import Shot

if os.environ.get("CHAINREEL_CONFORMANCE"):
    import distributed
else:
    distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def address():
    """A cluster of two workers, processes of their own, as the scheduler's address."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as made:
        yield made.scheduler_address


def test_a_cluster_makes_the_same_film(tiny, small, tmp_path, address):
    """Byte for byte that of one process; poster too."""
    one = render(tiny, replace(small, cache=False), tmp_path / "one.mp4")
    two = render(tiny, replace(small, cache=False, cluster=address), tmp_path / "two.mp4")
    assert one.video.read_bytes() == two.video.read_bytes()
    assert one.video.with_suffix(".png").read_bytes() == two.video.with_suffix(".png").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(f.name for film in (one, two) for f in film.files)


def test_a_clip_on_a_cluster_is_kept_here(small, tmp_path, address):
    """Clips of the catalogue go by name; what came back is in this machine's cache."""
    shot = Shot.clip("forward", {"function": "x*y"})
    settings = replace(small, cluster=address)
    first = render(shot, settings, tmp_path / "one.mp4")
    again = render(shot, settings, tmp_path / "two.mp4")
    assert (first.reused, again.reused) == (0, first.pieces)
    alone = render(shot, replace(small, cache=False), tmp_path / "three.mp4")
    assert first.video.read_bytes() == alone.video.read_bytes()


def test_code_and_data_travel(small, tmp_path, address):
    """A helper module and a file of data beside the scene; a newer helper is not mixed up with an older one."""
    films = []
    for number, step in enumerate((1, 2)):
        folder = tmp_path / f"made{number}"
        folder.mkdir()
        (folder / "traveller.py").write_text(f"STEP = {step}\n")
        (folder / "data.txt").write_text("0.7")
        (folder / "mine.py").write_text(
            "from pathlib import Path\nfrom manim import *\nfrom traveller import STEP\n"
            "class Mine(Scene):\n    def construct(self):\n"
            "        s = Square(fill_opacity=float((Path(__file__).parent / 'data.txt').read_text()))\n"
            "        self.play(s.animate.shift(STEP * RIGHT), run_time=1)\n"
        )
        __import__("sys").modules.pop("traveller", None)
        __import__("sys").path.insert(0, str(folder))
        shot = Shot(str(folder / "mine.py"), "Mine")
        here = render(shot, replace(small, cache=False), tmp_path / "here.mp4")
        there = render(shot, replace(small, cache=False, cluster=address), tmp_path / "there.mp4")
        assert here.video.read_bytes() == there.video.read_bytes()
        films.append(there.video.read_bytes())
    assert films[0] != films[1]


def test_a_fault_of_the_users_names_their_line(small, tmp_path, address):
    """What goes wrong only while drawing comes from far away, and still says where."""
    (tmp_path / "mine.py").write_text(
        "import os\nfrom manim import *\nHOME = os.getpid()\n"
        "class Mine(Scene):\n    def construct(self):\n"
        f"        assert os.getpid() == {os.getpid()}, 'not at home'\n        self.wait(1)\n"
    )
    with pytest.raises(RenderError, match=r"mine.py, line 6, in construct: AssertionError: not at home"):
        render(Shot(str(tmp_path / "mine.py"), "Mine"), replace(small, cluster=address), tmp_path / "a.mp4")
    assert not (tmp_path / "a.mp4").exists()


def test_a_cluster_that_does_not_answer(tiny, small, tmp_path, monkeypatch):
    """One sentence within about ten seconds, also where something else listens on the port."""
    with socket.socket() as free, socket.socket() as other:
        free.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setattr(cluster, "PATIENCE", 2)
        for port in (free.getsockname()[1], other.getsockname()[1]):
            began = time.monotonic()
            with pytest.raises(RenderError, match="no Dask scheduler answers") as problem:
                render(tiny, replace(small, cluster=f"tcp://127.0.0.1:{port}"), tmp_path / "a.mp4")
            assert time.monotonic() - began < 12 and "\n" not in str(problem.value)


def test_a_cluster_without_workers(tiny, small, tmp_path):
    """Nobody would draw."""
    with distributed.LocalCluster(n_workers=0, dashboard_address=None, host="127.0.0.1") as empty:
        with pytest.raises(RenderError, match="no workers"):
            render(tiny, replace(small, cluster=empty.scheduler_address), tmp_path / "a.mp4")


class Asked:
    """A client whose workers have something else installed."""

    def __init__(self, **other):
        self.other = other

    def scheduler_info(self):
        return {"workers": {"tcp://far:1": {}}}

    def run(self, function, *arguments, **_):
        if function is eval:
            return {"tcp://far:1": {**eval(cluster.PROBE), **self.other}}
        code, versions = cluster._code()
        return {"tcp://far:1": (self.other.get("code", code), self.other.get("versions", versions))}


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"chainreel": None}, "chainreel is not installed on the worker tcp://far:1"),
        ({"manim": "0.19.0"}, "has manim 0.19.0, here is 0.22.0"),
        ({"numpy": "1.26.0"}, "has numpy 1.26.0"),
        ({"code": "another"}, "another state of chainreel's code"),
        ({"versions": ["cairo 1.0"] * 15}, "has cairo 1.0"),
    ],
)
def test_other_versions(other, said):
    """Workers that would draw other pictures are named, with the difference."""
    assert cluster.check_workers(Asked(), "tcp://far:1") == 1
    with pytest.raises(RenderError, match=said):
        cluster.check_workers(Asked(**other), "tcp://far:1")


@pytest.mark.parametrize("said", ["scheduler", "tcp://host", "http//x:1", "tcp://a b:1"])
def test_an_address_that_is_none(said, capsys, scenes, tmp_path, monkeypatch):
    """Told before anything is imported."""
    monkeypatch.chdir(tmp_path)
    assert cli.main(["scene", str(scenes), "Tiny", "--cluster", said]) == 2
    err = capsys.readouterr().err
    assert "is not an address" in err and err.count("\n") == 1 and not list(Path().iterdir())
    assert Settings(cluster="tcp://10.0.0.1:8786").cluster


def test_a_live_class_cannot_travel(small, tmp_path, address):
    """A class from a notebook has no file."""
    from manim import Scene

    class Live(Scene):
        def construct(self):
            self.wait(1)

    with pytest.raises(RenderError, match="in a file"):
        render(Live, replace(small, cluster=address), tmp_path / "a.mp4")
