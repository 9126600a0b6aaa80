"""The cache: never stale, nothing drawn without need, nothing damaged used."""

from __future__ import annotations

import errno
import json
import os
import textwrap
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import av
import numpy as np
import pytest
from manim import Circle, Dot, ImageMobject, Scene, Square, VGroup, VMobject

from chainreel.rendering import cache as cache_module
from chainreel.rendering import cli, drawing, film, keys, room
from chainreel.rendering.cache import Cache
from chainreel.rendering.drawing import Sight, piece_sight, piece_starts, rehearse
from chainreel.rendering.errors import RenderError
from chainreel.rendering.film import render
from chainreel.rendering.fingerprint import Look, family_of
from chainreel.rendering.shots import Shot
from chainreel.rendering.used import used

SCENE = '''
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from tiny_scene import Stand
from manim import *
from helper import place

class Mine(Stand):
    def construct(self):
        square = Square(color=RED, fill_opacity={opacity})
        with self.beat("The first beat{more}."):
            self.play(Create(square), run_time=1.2)
        with self.beat("The second beat."):
            self.play(square.animate.shift(place()), run_time={time})
        with self.beat("The third beat."):
            self.play(square.animate.set_color(BLUE), run_time=1.1)
        self.remove(square)
        with self.beat("The fourth beat."):
            self.play(Create(Circle({circle})), run_time=1.3)
'''
HELPER = "from manim import RIGHT\n\ndef place():\n    return {step} * RIGHT\n"


def frames_of(path):
    with av.open(str(path)) as container:
        return sha256(b"".join(f.to_ndarray(format="rgb24").tobytes() for f in container.decode(video=0))).hexdigest()


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write another version of a user's file, in a folder of its own, and give its shot."""
    versions = iter(range(100))

    def write(text=SCENE, step=1, **changes):
        folder = tmp_path / f"version{next(versions)}"
        folder.mkdir()
        said = {"more": "", "opacity": 0.5, "time": 1.2, "circle": "", "tests": str(Path(__file__).parent), **changes}
        for name, value in said.items():
            text = text.replace("{" + name + "!r}", repr(value)).replace("{" + name + "}", str(value))
        (folder / "mine.py").write_text(textwrap.dedent(text), encoding="utf-8")
        (folder / "helper.py").write_text(HELPER.format(step=step), encoding="utf-8")
        monkeypatch.delitem(__import__("sys").modules, "helper", raising=False)
        monkeypatch.syspath_prepend(str(folder))
        return Shot(str(folder / "mine.py"), "Mine")

    return write


@pytest.fixture
def fresh(small, tmp_path):
    """The frames of a shot drawn without the cache."""

    def fresh(shot, settings=small):
        return frames_of(render(shot, replace(settings, cache=False), tmp_path / "fresh" / f"f.{settings.format}").video)

    return fresh


def test_the_same_again_draws_nothing(write, small, tmp_path, monkeypatch):
    """Every piece is taken from the cache, and the film is the same file."""
    shot = write()
    first = render(shot, small, tmp_path / "a.mp4")
    assert (first.pieces, first.reused) == (4, 0)
    monkeypatch.setattr(drawing.WatchedRenderer, "update_frame", lambda *a, **k: pytest.fail("something was drawn"))
    second = render(shot, small, tmp_path / "b.mp4")
    assert second.reused == 4
    assert first.video.read_bytes() == second.video.read_bytes()
    assert first.video.with_suffix(".png").read_bytes() == second.video.with_suffix(".png").read_bytes()


def test_one_word_costs_one_beat(write, small, tmp_path, fresh):
    """A beat that became longer is drawn again; those after it only stand elsewhere."""
    render(write(), small, tmp_path / "a.mp4")
    changed = write(more=", now with so many words that reading it takes a while longer")
    second = render(changed, small, tmp_path / "b.mp4")
    assert (second.pieces, second.reused) == (4, 3)
    assert frames_of(second.video) == fresh(changed)
    assert render(changed, small, tmp_path / "c.mp4").reused == 4


@pytest.mark.parametrize(
    ("change", "reused"),
    [
        ({"opacity": 0.6}, 1),  # seen in the first three beats
        ({"time": 1.3}, 3),  # another pace in one
        ({"circle": "color=GREEN"}, 3),
        ({"step": 2}, 2),  # in another file: seen in the second and the third
        ({"text": SCENE + "\n# a remark\n"}, 4),  # not seen at all
    ],
)
def test_what_a_change_costs(write, small, tmp_path, fresh, change, reused):
    """What shows differently is drawn again, whatever made it differ, and nothing else."""
    render(write(), small, tmp_path / "a.mp4")
    changed = write(**change)
    second = render(changed, small, tmp_path / "b.mp4")
    assert second.reused == reused
    assert frames_of(second.video) == fresh(changed)


@pytest.mark.parametrize("change", [{"width": 192, "height": 108}, {"fps": 12}, {"format": "webm"}])
def test_another_form_is_another_film(write, small, tmp_path, change):
    """Size, rate and format are in every key."""
    shot = write()
    render(shot, small, tmp_path / "a.mp4")
    settings = replace(small, **change)
    assert render(shot, settings, tmp_path / f"b.{settings.format}").reused == 0


def test_the_theme_is_in_the_key(small, tmp_path):
    """A paper film is no night film, with the same clip and the same beats."""
    shot = Shot.clip("forward", {"function": "x*y"})
    night = render(shot, replace(small, theme="night"), tmp_path / "a.mp4")
    paper = render(shot, replace(small, theme="paper"), tmp_path / "b.mp4")
    assert paper.reused == 0 and night.pieces > 2
    other = Shot.clip("forward", {"function": "x*y", "at": {"x": 2.0, "y": 3.0}})
    assert render(other, replace(small, theme="night"), tmp_path / "c.mp4").reused < night.pieces


def test_data_that_a_scene_reads(write, small, tmp_path, fresh):
    """The same code with other data is another film."""
    text = SCENE.replace("{opacity}", "float((Path(__file__).parent / 'data.txt').read_text())")
    shot = write(text)
    data = Path(shot.place).with_name("data.txt")
    data.write_text("0.5")
    render(shot, small, tmp_path / "a.mp4")
    data.write_text("0.9")
    second = render(shot, small, tmp_path / "b.mp4")
    assert second.reused == 1
    assert frames_of(second.video) == fresh(shot)


@pytest.mark.parametrize("format", ["gif", "png", "mov"])
def test_every_format_is_kept(write, small, tmp_path, format):
    """Pieces of all containers come back."""
    settings, shot = replace(small, format=format), write()
    name = "a" if format == "png" else f"a.{format}"
    first = render(shot, settings, tmp_path / "one" / name)
    second = render(shot, settings, tmp_path / "two" / name)
    assert second.reused == second.pieces == 4
    if format == "png":
        one, two = ({p.name: p.read_bytes() for p in f.video.iterdir()} for f in (first, second))
        assert one == two and len(one) == first.frames
    else:
        assert first.video.read_bytes() == second.video.read_bytes()


@pytest.mark.parametrize("harm", ["flip", "cut", "note"])
def test_a_damaged_piece_is_drawn_again_and_said(write, small, tmp_path, cache_folder, capsys, harm):
    """Bits flip, disks fill, files are cut."""
    shot = write()
    first = render(shot, small, tmp_path / "a.mp4")
    piece = sorted((cache_folder / "segments").rglob("*.mp4"))[1]
    content = bytearray(piece.read_bytes())
    piece.unlink()  # the film's own pieces may be other names of the same file
    if harm == "flip":
        content[len(content) // 2] ^= 1
        piece.write_bytes(content)
    elif harm == "cut":
        piece.write_bytes(content[:100])
    else:
        piece.write_bytes(content)
        piece.with_name(piece.name + ".json").write_text("{")
    second = render(shot, small, tmp_path / "b.mp4", quiet=False)
    assert second.reused == 3
    assert "1 kept piece was damaged and will be drawn again" in capsys.readouterr().err
    assert first.video.read_bytes() == second.video.read_bytes()
    assert Cache(cache_folder).verify() == (5, [])  # four pieces and the poster


def test_no_cache_keeps_nothing_and_uses_nothing(write, small, tmp_path, cache_folder):
    """--no-cache is for whoever does not trust us."""
    shot = write()
    render(shot, replace(small, cache=False), tmp_path / "a.mp4")
    assert not list(cache_folder.iterdir())
    render(shot, small, tmp_path / "a.mp4")
    assert render(shot, replace(small, cache=False), tmp_path / "a.mp4").reused == 0


def test_a_cache_that_cannot_be_written(write, small, tmp_path, monkeypatch):
    """One that the user named must work; told before anything is drawn."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CHAINREEL_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(RenderError, match="CHAINREEL_CACHE") as problem:
        render(write(), small, tmp_path / "a.mp4")
    assert "\n" not in str(problem.value)
    assert not (tmp_path / "a.mp4").exists()


def test_the_usual_cache_may_be_missing(write, small, tmp_path, monkeypatch, capsys):
    """A home that cannot be written costs the cache, not the film."""
    monkeypatch.delenv("CHAINREEL_CACHE")
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(cache_module, "cache_folder", lambda: tmp_path / "file" / "cache")
    assert render(write(), small, tmp_path / "a.mp4", quiet=False).video.is_file()
    assert "nothing is kept" in capsys.readouterr().err


def test_a_full_cache_disk_costs_no_film(write, small, tmp_path, monkeypatch, capsys):
    """What cannot be kept is still published."""

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    shot = write()
    good = render(shot, replace(small, cache=False), tmp_path / "good.mp4")
    monkeypatch.setattr(cache_module, "flush", full)
    film = render(shot, small, tmp_path / "a.mp4", quiet=False)
    assert capsys.readouterr().err.count("the cache cannot take more") == 1
    assert film.video.read_bytes() == good.video.read_bytes()


def test_a_disk_with_too_little_room(write, small, tmp_path, monkeypatch):
    """Told from the estimate, before anything is drawn; a film that is all there needs no room for pieces."""
    shot = write()
    monkeypatch.setattr(room, "free", lambda folder: 1000)
    monkeypatch.setattr(drawing, "draw_pieces", lambda *a, **k: pytest.fail("something was drawn"))
    with pytest.raises(RenderError, match="has 1.0 kB left"):
        render(shot, small, tmp_path / "new" / "a.mp4")
    assert not (tmp_path / "new").exists()


def test_a_cache_disk_with_too_little_room(write, small, tmp_path, monkeypatch, capsys, cache_folder):
    """The film is made, nothing is kept, and it is said."""
    monkeypatch.setattr(film, "fits", lambda *a: False)
    render(write(), small, tmp_path / "a.mp4", quiet=False)
    assert "too little room" in capsys.readouterr().err
    assert not (cache_folder / "segments").exists()


def test_more_workers_than_cores(write, small, tmp_path, capsys):
    """A warning, no refusal."""
    settings = replace(small, workers=200, cache=True)
    shot = write()
    render(shot, small, tmp_path / "a.mp4")  # so that nothing is left to draw with 200 processes
    assert render(shot, settings, tmp_path / "b.mp4", quiet=False).reused == 4
    assert "200 workers for" in capsys.readouterr().err


UNSTEADY = SCENE.replace(
    "RED, fill_opacity={opacity}", "RED, fill_opacity=(id(object()) // 16 % 1000 + next(TIMES)) / 2000"
).replace("class Mine", "import itertools\nTIMES = itertools.count()\n\nclass Mine")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_scene_that_is_never_the_same(write, small, tmp_path, capsys, workers):
    """It is drawn in one go, and none of it is mixed with another go."""
    shot = write(UNSTEADY)
    for name in ("a", "b"):
        film = render(shot, replace(small, workers=workers), tmp_path / f"{name}.mp4", quiet=False)
        assert film.reused == 0 or film.reused == 1
        assert "one process alone" in capsys.readouterr().err
        assert film.frames == sum(1 for _ in av.open(str(film.video)).decode(video=0))


def test_a_step_by_step_scene_is_mixed_only_where_it_is_equal(write, small, tmp_path, fresh):
    """An updater that counts frames makes later beats depend on what was played before."""
    text = SCENE.replace(
        'with self.beat("The second beat."):',
        'square.add_updater(lambda m: m.shift(0.01 * UP))\n        with self.beat("The second beat."):',
    )
    render(write(text), small, tmp_path / "a.mp4")
    changed = write(text, circle="color=GREEN")
    assert frames_of(render(changed, small, tmp_path / "b.mp4").video) == fresh(changed)


# The command


def run(capsys, *words):
    status = cli.main(list(words))
    said = capsys.readouterr()
    return status, said.out, said.err


def test_the_command_cache(write, small, tmp_path, capsys, cache_folder):
    """size, verify, prune."""
    render(write(), small, tmp_path / "a.mp4")
    capsys.readouterr()
    status, out, _ = run(capsys, "cache", "--json")
    told = json.loads(out)
    assert status == 0 and told["pieces"] == 5 and told["bytes"] > 1000 and told["folder"] == str(cache_folder)
    piece = next((cache_folder / "segments").rglob("*.mp4"))
    piece.write_bytes(b"damaged")
    status, out, _ = run(capsys, "cache", "verify")
    assert status == 1 and "4 pieces are whole; 1 damaged" in out
    assert run(capsys, "cache", "verify")[0] == 0
    assert "0 pieces thrown away" in run(capsys, "cache", "prune", "--older-than", "1")[1]
    for note in sorted((cache_folder / "segments").rglob("*.json"))[:2]:
        os.utime(note, (1, 1))
    assert "2 pieces thrown away" in run(capsys, "cache", "prune", "--older-than", "1")[1]
    left = Cache(cache_folder).size().bytes
    run(capsys, "cache", "prune", "--max-size", str((left - 1) / 1e9))
    assert Cache(cache_folder).size().segments == 1
    run(capsys, "cache", "prune")
    assert Cache(cache_folder).size().segments == 0


def test_speech_and_trainings_are_counted_and_pruned(capsys, cache_folder):
    """What is kept beside the pieces is no hidden weight."""
    for name in ("voice/a.wav", "trainings/b.npz"):
        (cache_folder / name).parent.mkdir(parents=True, exist_ok=True)
        (cache_folder / name).write_bytes(b"x" * 1000)
    assert Cache(cache_folder).size().bytes == 2000
    os.utime(cache_folder / "voice" / "a.wav", (1, 1))
    assert "0 pieces thrown away, 1.0 kB" in run(capsys, "cache", "prune", "--older-than", "1")[1]
    assert (cache_folder / "trainings" / "b.npz").is_file()
    run(capsys, "cache", "prune")
    assert Cache(cache_folder).size().bytes == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["prune", "--older-than", "soon"], "not a number"),
        (["prune", "--max-size", "-1"], "not a number"),
        (["size", "--max-size", "1"], "belong to 'cache prune'"),
        (["empty"], "invalid choice"),
    ],
)
def test_mistakes_with_the_command_cache(capsys, words, said):
    """One sentence each."""
    status, out, err = run(capsys, "cache", *words)
    assert status == 2 and said in err and err.count("\n") == 1 and out == ""


def test_profile_says_where_the_time_went(write, tmp_path, capsys, monkeypatch):
    """Stages, workers, beats; also as values."""
    monkeypatch.chdir(tmp_path)
    shot = write()
    words = ["scene", shot.place, "--size", "160x90", "--fps", "10", "-o", "a.mp4", "--profile"]
    _, out, _ = run(capsys, *words)
    assert "rehearsal" in out and "worker 1" in out and "The second beat." in out
    _, out, _ = run(capsys, *words, "--json")
    assert json.loads(out)["profile"]["reused"] == [0, 1, 2, 3]


# Keys and fingerprints


class View:
    """As much of a camera as a look needs."""

    pixel_width, frame_width, use_z_index = 1600, 16.0, True


def state(*mobjects):
    return Look().mobjects(mobjects, View())[0]


def test_a_fingerprint_sees_every_visible_change():
    """Place, shape, colours, widths, order, parts, caps, joints, glow."""

    def made(change):
        group = VGroup(Square(fill_opacity=0.5), Circle())
        change(group)
        return state(group)

    from manim import BLUE, RED, RIGHT, CapStyleType, LineJointType

    changes = [
        lambda g: None,
        lambda g: g.shift(1e-4 * RIGHT),
        lambda g: g[0].scale(1.001),
        lambda g: g[0].set_fill(RED),
        lambda g: g[0].set_fill(opacity=0.51),
        lambda g: g[1].set_stroke(BLUE),
        lambda g: g[1].set_stroke(width=4.1),
        lambda g: g[1].set_stroke(width=2, background=True),
        lambda g: g[0].set_z_index(1),
        lambda g: g.remove(g[1]),
        lambda g: g.add(Dot()),
        lambda g: setattr(g[0], "joint_type", LineJointType.ROUND),
        lambda g: setattr(g[0], "cap_style", CapStyleType.ROUND),
        lambda g: g[0].set_sheen(0.2, RIGHT),
        lambda g: setattr(g[0], "falloff", 2.0),
    ]
    digests = [made(change) for change in changes]
    assert len(set(digests)) == len(changes)
    assert digests == [made(change) for change in changes]


def test_a_fingerprint_overlooks_rounding():
    """An animation that was jumped over may end 1e-15 beside."""
    one, two = Square(), Square()
    two.points = two.points * (1 + 1e-15)
    assert state(one) == state(two)


def test_the_cameras_read_nothing_that_a_fingerprint_overlooks(small, tmp_path, monkeypatch):
    """Every attribute that is read from a mobject while a frame is drawn must be one that the digest holds."""
    covered = {
        "points", "fill_rgbas", "stroke_rgbas", "background_stroke_rgbas", "sheen_direction", "shade_in_3d", "joint_type",
        "cap_style", "n_points_per_cubic_curve", "z_index", "stroke_width", "background_stroke_width", "sheen_factor",
        "tolerance_for_point_equality", "falloff", "background_image", "picture", "submobjects", "dim",
        "__class__", "__dict__", "name", "stroke_opacity", "original_id",
    }  # fmt: skip
    read: set[str] = set()
    drawn = [False]
    plain = VMobject.__getattribute__

    def listen(self, name):
        value = plain(self, name)
        if drawn[0] and not callable(value):
            read.add(name)
        return value

    for name in ("update_frame", "save_static_frame_data"):
        before = getattr(drawing.FilmRenderer, name)

        def told(self, *args, before=before, **kwargs):
            drawn[0] = True
            try:
                return before(self, *args, **kwargs)
            finally:
                drawn[0] = False

        monkeypatch.setattr(drawing.FilmRenderer, name, told)
    monkeypatch.setattr(VMobject, "__getattribute__", listen, raising=False)
    for name, function in (("backward", "x*y+sin(x)"), ("descent", "x**2+y**2")):
        render(Shot.clip(name, {"function": function}), replace(small, cache=False, fps=2), tmp_path / "a.mp4")
    assert "fill_rgbas" in read or "points" in read
    assert read <= covered, sorted(read - covered)


def test_what_draws_itself_is_not_trusted():
    """A class with answers of its own for the camera has a key of its own for every run."""

    class Blinking(Square):
        def get_fill_rgbas(self):
            return super().get_fill_rgbas() * 0

    class Named(Square):
        def speak(self):
            return "me"

    assert family_of(Blinking) is None and family_of(Named) is VMobject
    look = Look()
    assert not look.mobjects([Named()], View())[1]
    assert look.mobjects([Named(), Blinking()], View())[1]
    picture = ImageMobject(np.zeros((4, 4, 3), np.uint8))
    one = look.mobjects([picture], View())
    picture.pixel_array[0, 0, 0] = 255
    assert one[0] != look.mobjects([picture], View())[0] and not one[1]


def test_a_look_notices_what_changes_from_frame_to_frame():
    """Digests are kept from the frame before, never beyond a change – made in place or not."""
    look, square = Look(), Square()
    seen = [look.mobjects([square], View())[0]]
    square.points[0, 0] += 0.5
    seen.append(look.mobjects([square], View())[0])
    square.set_fill(opacity=0.3)
    seen.append(look.mobjects([square], View())[0])
    square.set_sheen(0.4)
    seen.append(look.mobjects([square], View())[0])
    assert len(set(seen)) == 4
    assert look.mobjects([square], View())[0] == seen[-1] == state(square)
    assert look.mobjects([VGroup(square, Dot())], View())[0] == state(square, Dot())


def test_a_sight_does_not_depend_on_where_it_stands():
    """The same frames later in a film, seen in other portions, have the same digest."""
    a, b = b"a" * 20, b"b" * 20
    one = [Sight(0, 5, a, False), Sight(5, 6, b, False), Sight(6, 9, b, True)]
    two = [Sight(0, 7, b, False), Sight(7, 9, a, False), Sight(9, 12, a, False), Sight(12, 14, b, False)]
    assert piece_sight(one, 0, 7)[0] == piece_sight(two, 7, 14)[0]
    assert piece_sight(one, 0, 6) == (piece_sight(two, 7, 13)[0], False)
    assert piece_sight(one, 0, 7)[1] and piece_sight(one, 0, 8)[0] != piece_sight(one, 0, 7)[0]


def test_long_beats_are_cut():
    """So that a single beat can be shared, too; the cuts move with the beat."""
    beats = [{"start": start, "end": end} for start, end in ((0.0, 3.0), (3.0, 40.0), (40.0, 60.0))]
    score = drawing.Score(frames=600, beats=beats)
    assert piece_starts(score, 10) == [0, 30, 130, 230, 330, 400, 500]


def test_looking_and_drawing_see_the_same(tiny, small, tmp_path):
    """The keys that are planned without drawing are those that drawing finds."""
    looked = rehearse(tiny, small, tmp_path, look=True)
    assert looked.moments == rehearse(tiny, small, tmp_path).moments
    starts = piece_starts(looked, small.fps)
    drawn: dict[int, str] = {}
    for piece in range(len(starts)):
        ends = [*starts[1:], looked.frames]
        drawing.draw_pieces(
            tiny, small, tmp_path, looked, [piece], lambda n: None,
            lambda p, score, ends=ends: drawn.update({p: piece_sight(score.sights, starts[p], ends[p])}),
        )  # fmt: skip
        assert drawn[piece] == piece_sight(looked.sights, starts[piece], ends[piece])


@pytest.mark.slow
def test_the_number_of_workers_does_not_matter(small, tmp_path):
    """One, two and four processes make the same file of a clip, and each may go on with the other's pieces."""
    shot = Shot.clip("backward", {"function": "x*y+sin(x)"})
    films = [
        render(shot, replace(small, cache=False, workers=workers), tmp_path / f"{workers}.mp4") for workers in (1, 2, 4)
    ]
    assert len({film.video.read_bytes() for film in films}) == 1
    assert len({film.video.with_suffix(".png").read_bytes() for film in films}) == 1


def test_a_worker_stops_after_its_last_piece(tiny, small, tmp_path):
    """What comes after is for others to run."""
    score = rehearse(tiny, small, tmp_path)
    drawn = drawing.draw_pieces(tiny, small, tmp_path, score, [0], lambda n: None)
    assert len(drawn.plays) < len(score.plays)
    assert drawing.piece_path(tmp_path, 0, "mp4").is_file()


def test_keys_do_not_depend_on_the_folder(tmp_path):
    """A project may be moved."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_bytes(b"x = 1\r\n" if name == "one" else b"x = 1\n")
    one, two = (keys.code_of([tmp_path / n / "a.py"], tmp_path / n) for n in ("one", "two"))
    assert one == two


def test_a_live_class_is_kept_by_what_it_shows(small, tmp_path):
    """Nobody knows how a class came about that was made in a notebook; its pictures say it."""

    class Live(Scene):
        side = 2.0

        def construct(self):
            square = Square(self.side)
            self.play(square.animate.rotate(1), run_time=2)

    first = render(Live, small, tmp_path / "a.mp4")
    second = render(Live, small, tmp_path / "b.mp4")
    assert second.reused == second.pieces == 1
    Live.side = 3.0
    third = render(Live, small, tmp_path / "c.mp4")
    assert third.reused == 0 and frames_of(third.video) != frames_of(first.video)


def test_a_chapter_depends_on_the_chapters_that_it_imports(tmp_path):
    """A word changed in one chapter must make the later ones that show its last picture look again, and no others."""
    films = tmp_path / "films"
    (films / "a").mkdir(parents=True)
    for name, text in {
        "__init__": "",
        "chapter": "",
        "a/__init__": "",
        "a/cast": "from ..chapter import Chapter",
        "a/one": "from . import cast",
        "a/two": "from ..chapter import Chapter\ndef end():\n    from .one import last_picture",
        "a/three": "from . import cast",
    }.items():
        (films / f"{name}.py").write_text(text)

    def read(name):
        return {path.relative_to(films).with_suffix("").as_posix() for path in used(films / f"{name}.py", films)}

    always = {"__init__", "a/__init__", "a/cast", "chapter"}
    assert read("a/one") == always | {"a/one"}
    assert read("a/two") == always | {"a/one", "a/two"}
    assert read("a/three") == always | {"a/three"}


def test_only_chapters_are_told_apart():
    """A clip may use anything; chapters of one film that import different ones have different keys."""
    film = "chainreel.scenes.films.who_is_to_blame"
    assert keys.chainreel_code("chainreel.scenes.clips.explain") == keys.chainreel_code() == keys.chainreel_code("mine.py")
    assert len({keys.chainreel_code(), *(keys.chainreel_code(f"{film}.{name}") for name in ("the_secret", "recap"))}) == 3
