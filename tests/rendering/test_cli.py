"""The command line: one sentence for every mistake, status 2, nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chainreel.rendering import arguments, cli
from chainreel.rendering.errors import RenderError

TINY = ["-q", "l", "--size", "160x90", "--fps", "10"]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Every test works in a folder of its own."""
    monkeypatch.chdir(tmp_path)


def run(capsys, *words):
    status = cli.main(list(words))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["clip", "bakward"], "did you mean 'backward'?"),
        (["clip"], "name a clip"),
        (["clips"], "did you mean 'clip'?"),
        (["clip", "backward", "x", "--size", "853x480"], "854x480"),
        (["clip", "backward", "x", "--size", "4x4"], "out of range"),
        (["clip", "backward", "x", "--size", "99998x99998"], "out of range"),
        (["clip", "backward", "x", "--size", "big"], "not a size"),
        (["clip", "backward", "x", "--fps", "0"], "--fps"),
        (["clip", "backward", "x", "--fps", "1e9"], "whole number"),
        (["clip", "backward", "x", "--workers", "0"], "--workers"),
        (["clip", "backward", "x", "-q", "z"], "invalid choice"),
        (["clip", "backward", "x", "-o", "a.avi"], ".avi"),
        (["clip", "backward", "x", "-o", "a.png"], "folder"),
        (["clip", "backward", "x", "-o", "a.mp4", "--format", "gif"], "contradict"),
        (["clip", "backward", "x", "--format", "gif", "--narrate"], "no sound"),
        (["clip", "backward", "x", "--format", "gif", "--fps", "30"], "GIF"),
        (["clip", "backward", "x", "--narrate", "--silent"], "not allowed"),
        (["clip", "backward", "x", "--voice", "nobody"], "there is no voice 'nobody'"),
        (["clip", "backward", "x", "--format", "gif", "-t"], "webp or apng"),
        (["clip", "backward", "x", "-t"], "an MP4 has no transparent ground"),
        (["clip", "backward", "x", "-t", "-o", "a.mov", "--size", "854x480"], "848 instead of 854"),
        (["clip", "backward", "x", "--theme", "dusk"], "there is no theme 'dusk'"),
        (["film", "nothing"], "there is no film 'nothing'"),
        (["clip", "backward", "x", "--banana"], "--banana"),
        (["clip", "descent", "x", "--steps", "many"], "whole number"),
        (["clip", "descent", "x*y", "--optimizers", "adamm"], "adam"),
        (["clip", "backward", "x", "--at", "x"], "x=1.5"),
        (["clip", "backward", ""], "empty"),
        (["explain"], "FUNCTION"),
        (["scene", "nothere.py"], "no file"),
        (["scene", "notes.txt"], "not a Python file"),
        (["verify", "nothere.json"], "no manifest"),
        (["doctor", "nothere.mp4"], "no file"),
        (["lint", "bakward"], "did you mean 'backward'?"),
    ],
)
def test_a_mistake_gets_one_sentence(capsys, words, said):
    """What is wrong, and what to do; no usage block, no traceback, no file."""
    status, out, err = run(capsys, *words)
    assert status == 2
    assert said in err and err.startswith("chainreel: ") and err.count("\n") == 1
    assert "Traceback" not in err and out == ""
    assert list(Path().iterdir()) == []


def test_an_output_that_cannot_be_written(capsys, tmp_path):
    """A file where a folder should be, and a folder where the file should be."""
    (tmp_path / "file").write_text("")
    status, _, err = run(capsys, "clip", "backward", "x*x", "-o", "file/a.mp4")
    assert status == 2 and "not a folder" in err
    (tmp_path / "dir.mp4").mkdir()
    status, _, err = run(capsys, "clip", "backward", "x*x", "-o", "dir.mp4")
    assert status == 2 and "is a folder" in err


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission(capsys, tmp_path):
    """Told before anything is drawn."""
    tmp_path.chmod(0o500)
    status, _, err = run(capsys, "clip", "backward", "x*x", "-o", "a.mp4")
    assert status == 2 and "may not write" in err


def test_list_as_json(capsys):
    """The form that scripts rely on."""
    status, out, _ = run(capsys, "list", "--json")
    listing = json.loads(out)
    assert status == 0 and set(listing) == {"clips", "films"}
    names = {clip["name"] for clip in listing["clips"]}
    assert {"forward", "backward", "slice", "secant", "descent"} <= names
    assert all({"name", "summary", "options"} <= set(clip) for clip in listing["clips"])


@pytest.mark.parametrize("command", [*cli.COMMANDS, "clip backward", "clip descent"])
def test_every_command_has_help(capsys, command):
    """--help of each command, status 0."""
    status, out, _ = run(capsys, *command.split(), "--help")
    assert status == 0 and "usage" in out


def test_help_of_a_clip_lists_its_own_options(capsys):
    """Options come from the declared parameters, so they cannot be forgotten here."""
    for spec in arguments.CLIPS.values():
        _, out, _ = run(capsys, "clip", spec.name, "--help")
        assert all(p.flag in out for p in spec.parameters if p.name != "function")


def test_a_function_may_begin_with_a_minus():
    """`clip backward "-x**2"` is a function, not an option."""
    spec = arguments.CLIPS["backward"]
    words = arguments.protect(["-x**2", "-q", "l", "--at", "x=-1"])
    options = arguments.clip_parser(spec, "clip").parse_args(words)
    parameters = arguments.clip_parameters(spec, options)
    assert parameters == {"function": "-x**2", "at": {"x": -1.0}} and options.quality == "l"


def test_the_name_of_a_clip_may_follow_options():
    """Options first, as some people type."""
    spec, rest = arguments.split_clip(["-q", "l", "backward", "x*x"])
    assert spec is not None and spec.name == "backward" and rest == ["-q", "l", "x*x"]


def test_the_extension_of_the_output_decides_the_format():
    """-o film.webm needs no --format; without an extension one is added."""
    parser = arguments.film_parser("x", "x")
    settings, path = arguments.settings_and_output(parser.parse_args(["-o", "a.webm"]), "n")
    assert settings.format == "webm" and path == Path("a.webm")
    settings, path = arguments.settings_and_output(parser.parse_args([]), "n")
    assert (settings.width, settings.height, settings.fps) == (1280, 720, 30)
    assert path == Path("media/n.mp4")
    _, path = arguments.settings_and_output(
        parser.parse_args(["-o", "a.b"]) if False else parser.parse_args(["-o", "a"]), "n"
    )
    assert path == Path("a.mp4")


@pytest.mark.parametrize(
    ("letter", "expected"),
    [
        ("l", (854, 480, 15)),
        ("m", (1280, 720, 30)),
        ("h", (1920, 1080, 60)),
        ("p", (2560, 1440, 60)),
        ("k", (3840, 2160, 60)),
    ],
)
def test_qualities_are_manims(letter, expected):
    """The letters mean what manim users know."""
    from manim.constants import QUALITIES

    options = arguments.film_parser("x", "x").parse_args(["-q", letter])
    settings, _ = arguments.settings_and_output(options, "n")
    assert (settings.width, settings.height, settings.fps) == expected
    theirs = next(q for q in QUALITIES.values() if q["flag"] == letter)
    assert expected == (theirs["pixel_width"], theirs["pixel_height"], theirs["frame_rate"])


def test_scene_makes_a_film_and_says_so_in_json(capsys, scenes):
    """One JSON object on stdout, nothing else there."""
    status, out, err = run(capsys, "scene", str(scenes), "Tiny", *TINY, "-o", "out/a.mp4", "--json")
    assert status == 0, err
    answer = json.loads(out)
    assert set(answer) == {"files", "seconds", "frames"} and answer["frames"] > 10
    assert all(Path(name).is_file() for name in answer["files"])


def test_a_file_with_several_scenes_asks_which(capsys, scenes):
    """Guessing would draw the wrong one."""
    status, _, err = run(capsys, "scene", str(scenes), *TINY)
    assert status == 2 and "several scenes" in err and "Tiny" in err
    status, _, err = run(capsys, "scene", str(scenes), "Tinny", *TINY)
    assert status == 2 and "Tiny" in err


def test_a_users_file_that_raises_shows_their_line(capsys, scenes):
    """Their file and line, not ours."""
    status, _, err = run(capsys, "scene", str(scenes), "Broken", *TINY)
    assert status == 2 and "tiny_scene.py, line " in err and "KeyError: 'weights'" in err
    assert "rendering" not in err.replace(str(scenes), "")
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import nothing_of_the_kind\n", "line 1"),
        ("x = (1,\ny = 2\n", "mine.py, line"),
        ("def f(:\n", "mine.py, line 1"),
        ("1/0\n", "ZeroDivisionError"),
        ("x = 1\n", "defines no scene"),
        ("raise SystemExit(3)\n", "SystemExit"),
    ],
)
def test_a_users_file_that_cannot_be_read(capsys, text, said):
    """Mistakes at import, before there is a scene."""
    Path("mine.py").write_text(text)
    status, _, err = run(capsys, "scene", "mine.py")
    assert status == 2 and said in err and "Traceback" not in err


def test_debug_shows_the_traceback(scenes):
    """For whoever wants to know where."""
    with pytest.raises(KeyError):
        cli.main(["scene", str(scenes), "Broken", *TINY, "--debug"])
    with pytest.raises(RenderError):
        cli.main(["clip", "backward", "x", "--size", "3x3", "--debug"])


@pytest.mark.skipif(os.name == "nt", reason="signals differ there")
@pytest.mark.parametrize(("number", "workers"), [(signal.SIGINT, 1), (signal.SIGTERM, 1), (signal.SIGINT, 2)])
def test_an_interrupted_render_leaves_nothing(scenes, tmp_path, root, number, workers):
    """Ctrl-C and kill: status 130, one sentence, no file, no process."""
    command = [sys.executable, str(root / "render.py"), "scene", str(scenes), "Long", *TINY]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job hands on that it is ignored
    process = subprocess.Popen(
        [*command, "-o", "new/a.mp4", "--workers", str(workers)],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("new/.a.*/piece*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.strip().splitlines()[-1] == "chainreel: interrupted; nothing was written"
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []
