"""Written whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from chainreel.rendering.errors import RenderError
from chainreel.rendering.output import Workplace, check_writable, sweep


def test_a_failure_removes_every_folder_it_made(tmp_path):
    """Also the ones above."""
    with pytest.raises(KeyError), Workplace(tmp_path / "a" / "b" / "film.mp4") as place:
        (place.folder / "half").write_text("x")
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_a_success_keeps_the_files_only(tmp_path):
    """The hidden folder goes, the files stay."""
    target = tmp_path / "a" / "film.mp4"
    with Workplace(target) as place:
        (place.folder / "x").write_text("film")
        place.publish({place.folder / "x": target})
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["film.mp4"]


def test_leftovers_of_killed_processes_are_swept_and_others_left_alone(tmp_path):
    """`kill -9` cannot tidy up; the next film does. A film that is being made now is not touched."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (tmp_path / f".film.abc.partial-{gone.pid}").mkdir()
    (tmp_path / f".film.abc.partial-{os.getpid()}").mkdir()
    (tmp_path / ".other").mkdir()
    sweep(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == [f".film.abc.partial-{os.getpid()}", ".other"]


def test_a_place_that_cannot_be(tmp_path):
    """A file in the way is told before the work."""
    (tmp_path / "file").write_text("")
    with pytest.raises(RenderError, match="not a folder"):
        check_writable(tmp_path / "file" / "film.mp4")
    with pytest.raises(RenderError), Workplace(tmp_path / "file" / "deep" / "film.mp4"):
        pass
