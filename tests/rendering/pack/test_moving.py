"""Moving pictures of a pack, opened by other readers: what is transparent is, what moves is in register and in time."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageSequence

from chainreel.rendering.errors import RenderError
from chainreel.rendering.film import render
from chainreel.rendering.pack import FORMATS, LAYERED, layers, moving, redrawing
from chainreel.rendering.pack.lecture import Lecture
from chainreel.rendering.pack.redrawing import PAUSE, Recalled, Task, shares
from chainreel.rendering.settings import Settings
from chainreel.rendering.shots import Shot

from .looking import browser, needs_chromium  # noqa: F401

SIZE, FPS = (160, 96), 10


@pytest.fixture(scope="module")
def lecture(tmp_path_factory) -> Lecture:
    """The clip `forward` in its beats."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHAINREEL_CACHE", str(tmp_path_factory.mktemp("cache")))
        folder = tmp_path_factory.mktemp("film")
        shot = Shot.clip("forward", {"function": "x*y", "at": {"x": 2.0, "y": 3.0}})
        asked = {"command": "clip forward"}
        film = render(shot, Settings(*SIZE, FPS, "paper"), folder / "forward.mp4", title="forward: x*y", asked=asked)
        return Lecture.of(film.video, tmp_path_factory.mktemp("pack"))


@pytest.fixture(scope="module")
def made(lecture) -> dict[str, list[Path]]:
    """All formats."""
    return {name: FORMATS[name].writer()(lecture, lecture.folder) for name in ("gif", *LAYERED)}


def frames_of(folder: Path) -> list[np.ndarray]:
    """The single pictures of a segment, RGBA."""
    return [np.asarray(Image.open(path)) for path in sorted(folder.iterdir())]


def counts(lecture: Lecture) -> list[int]:
    """How many frames each segment has."""
    return [round(segment.duration * FPS) for segment in lecture.segments]


def test_every_format_has_a_file_for_each_segment(lecture, made):
    """And nothing is left beside them."""
    for paths in made.values():
        assert [path.stem[:2] for path in paths] == [segment.id for segment in lecture.segments]
        assert sorted(path.name for path in paths[0].parent.iterdir()) == sorted(path.name for path in paths)


def test_frames_are_transparent_and_in_time(lecture, made):
    """The ground is nothing, the figures are all there."""
    for count, folder in zip(counts(lecture), made["frames"], strict=True):
        pictures = frames_of(folder)
        assert len(pictures) == count
        assert {picture.shape for picture in pictures} == {(SIZE[1], SIZE[0], 4)}
        assert not pictures[-1][0, 0, 3] and pictures[-1][..., 3].max() == 255


def test_webp_holds_the_very_same_pixels(lecture, made):
    """Without loss, by Pillow's own reading; equal frames may be held instead of repeated."""
    for path, folder, count in zip(made["webp"], made["frames"], counts(lecture), strict=True):
        pictures = frames_of(folder)
        at = 0.0
        with Image.open(path) as film:
            for frame in ImageSequence.Iterator(film):
                seen, wanted = np.asarray(frame.convert("RGBA")), pictures[min(round(at * FPS), count - 1)]
                assert np.array_equal(seen[..., 3], wanted[..., 3])
                assert np.array_equal(seen[seen[..., 3] > 0], wanted[wanted[..., 3] > 0])
                at += frame.info.get("duration", 0) / 1000


@needs_chromium
@pytest.mark.parametrize("name", ["apng", "webm"])
def test_a_browser_shows_what_moves_on_the_ground_of_the_page(browser, lecture, made, tmp_path, name):  # noqa: F811
    """By Chromium's own reading: the page is seen through, the last frame is the one that was drawn."""
    path, pictures = made[name][-1], frames_of(made["frames"][-1])
    page = tmp_path / "page.html"
    content = base64.b64encode(path.read_bytes()).decode()
    source = f'src="data:{"video/webm" if name == "webm" else "image/apng"};base64,{content}"'
    shown = f"<video muted {source}>" if name == "webm" else f"<img {source}>"
    page.write_text(f"<!doctype html><body style='margin:0;background:rgb(0,200,0)'>{shown}", encoding="utf-8")
    with browser.tab(page) as tab:
        if name == "webm":
            tab.until("document.querySelector('video').readyState >= 2")
            video = "const v = document.querySelector('video')"
            tab.run(f"new Promise(r => {{ {video}; v.onseeked = r; v.currentTime = v.duration - 0.05 }})")
        seen = np.asarray(Image.open(tab.picture(tmp_path / "seen.png")).convert("RGB"))[: SIZE[1], : SIZE[0]].astype(float)
    away = []
    for picture in pictures[-1:] if name == "webm" else pictures:  # an APNG shows the one that is due
        opacity = picture[..., 3:] / 255
        away.append(np.abs(seen - (picture[..., :3] * opacity + np.array([0, 200, 0]) * (1 - opacity))).mean())
    assert min(away) < (0.3 if name == "apng" else 6), away
    assert (seen[0, 0] == (0, 200, 0)).all()


def test_webm_and_prores_keep_the_opacity(lecture, made):
    """VP9 with its opacity beside it; ProRes is tagged 4444."""
    for path, folder, count in zip(made["webm"], made["frames"], counts(lecture), strict=True):
        with av.open(str(path)) as film:
            stream = film.streams.video[0]
            assert {key.lower(): value for key, value in stream.metadata.items()}["alpha_mode"] == "1"
            assert float(stream.average_rate) == FPS
            decoder = av.CodecContext.create("libvpx-vp9", "r")
            seen = [f for p in film.demux(stream) for f in decoder.decode(p)]
            assert film.metadata["title"] == next(s.title for s in lecture.segments if s.id == path.stem[:2])
        assert len(seen) == count
        last = seen[-1].reformat(format="rgba").to_ndarray()
        assert np.abs(last[..., 3].astype(int) - frames_of(folder)[-1][..., 3]).mean() < 3
    for path, folder, count in zip(made["mov"], made["frames"], counts(lecture), strict=True):
        with av.open(str(path)) as film:
            stream = film.streams.video[0]
            assert stream.codec_context.codec_tag == "ap4h"
            seen = list(film.decode(stream))
        assert len(seen) == count
        pictures = frames_of(folder)
        last = seen[-1].reformat(format="rgba").to_ndarray()
        assert np.abs(last[..., 3].astype(int) - pictures[-1][..., 3]).max() <= 2
        solid = pictures[-1][..., 3] == 255
        if solid.any():
            assert np.abs(last[solid].astype(int) - pictures[-1][solid]).mean() < 8


def test_a_gif_is_opaque_in_time_and_not_too_fast(lecture, made):
    """On the theme's ground, at most 20 frames a second."""
    for path, segment in zip(made["gif"], lecture.segments, strict=True):
        with Image.open(path) as film:
            lengths = [frame.info["duration"] for frame in ImageSequence.Iterator(film)]
            film.seek(0)
            ground = film.convert("RGBA").getpixel((2, 2))
            assert film.info.get("loop") == 0
        assert abs(sum(lengths) / 1000 - segment.duration) < 0.15 and min(lengths) >= 50
        assert ground[3] == 255 and min(ground[:3]) > 200  # paper


@pytest.mark.parametrize(("fps", "rate"), [(15, 15), (24, 12), (25, 20), (30, 15), (48, 16), (50, 20), (60, 20)])
def test_rates_of_a_gif(fps, rate):
    """No rate above 20, and no film gets longer or shorter."""
    wanted, told = moving.kept(10 * fps, fps)
    assert told == rate and abs(len(wanted) / rate - 10) < 0.1
    assert wanted == sorted(set(wanted)) and wanted[-1] < 10 * fps


@pytest.mark.parametrize("layer", ["graph", "number"])
def test_a_layer_is_in_register_with_the_whole(lecture, made, tmp_path, layer):
    """Laid over the whole picture, nothing may be at another place; most of the rest is gone."""
    paths = moving.frames(replace(lecture, layers=(layer,)), tmp_path)
    assert [path.name for path in paths] == [f"{whole.name}-{layer}" for whole in made["frames"]]
    some = False
    for path, whole in zip(paths, made["frames"], strict=True):
        for part, all_of_it in zip(frames_of(path), frames_of(whole), strict=True):
            assert (part[..., 3] <= all_of_it[..., 3].astype(int) + 1).all()
            some = some or (0 < (part[..., 3] > 0).sum() < (all_of_it[..., 3] > 0).sum())
    assert some


def test_what_cannot_be_is_one_sentence(lecture, tmp_path, monkeypatch):
    """A wrong name, a wrong width, a film that is another now, no manifest."""
    with pytest.raises(RenderError, match="has no part 'grap'; did you mean 'graph'"):
        moving.frames(replace(lecture, layers=("grap",)), tmp_path)
    with pytest.raises(RenderError, match="choose --size 176x106"):
        moving.mov(replace(lecture, size=(170, 102)), tmp_path)
    with pytest.raises(RenderError, match="pack the film, not its lecture.json"):
        moving.webm(replace(lecture, films=()), tmp_path)
    with pytest.raises(RenderError, match="lonely.json is not there"):
        moving.webm(replace(lecture, films=(tmp_path / "lonely.mp4",)), tmp_path)
    redrawing.drawn.cache_clear()
    monkeypatch.setattr(redrawing, "_rehearse", lambda *_: (7, 0))
    with pytest.raises(RenderError, match="frames and would have 7 now"):
        moving.webm(lecture, tmp_path)


def test_a_spoken_film_is_drawn_again_without_its_voice(tmp_path, monkeypatch):
    """Whoever spoke it: its own times are known, so that every frame is where it was; other words are refused."""
    scene = tmp_path / "spoken.py"
    scene.write_text(SPOKEN, encoding="utf-8")
    monkeypatch.setenv("CHAINREEL_CACHE", str(tmp_path / "cache"))
    asked = {"command": "scene", "file": str(scene), "class": "Spoken"}
    shot = Shot(str(scene), "Spoken")
    film = render(shot, Settings(*SIZE, FPS), tmp_path / "spoken.mp4", title="spoken", asked=asked)
    record = json.loads(film.video.with_suffix(".json").read_text(encoding="utf-8"))
    assert record["questions"] and record["questions"][0][1] == pytest.approx(record["beats"][1]["start"], abs=0.05)
    # As another voice would have it: the first beat lasts a second longer, its last word comes late.
    slow = Recalled([{**beat, "times": [[w, a, b] for w, a, b in beat["times"]]} for beat in record["beats"]])
    first = slow.say(record["beats"][0]["spoken"])
    assert first.duration + PAUSE == pytest.approx(record["beats"][0]["end"])
    assert len(first.words) == len(record["beats"][0]["words"].split())
    frames, said = redrawing._rehearse(shot, Settings(*SIZE, FPS), tmp_path, record["beats"], layers.Seen())
    assert (frames, said) == (record["frames"], 2)
    late = [dict(record["beats"][0], end=record["beats"][0]["end"] + 1), *record["beats"][1:]]
    assert redrawing._rehearse(shot, Settings(*SIZE, FPS), tmp_path, late, layers.Seen())[0] == record["frames"] + FPS
    with pytest.raises(RenderError, match="does not say"):
        Recalled(record["beats"]).say("Something else.")


SPOKEN = '''
from chainreel.scenes.stage.stage import Stage
from chainreel.scenes.stage.badge import QuestionBadge
from manim import FadeIn, FadeOut


class Spoken(Stage):
    def construct(self):
        badge = QuestionBadge(self.look)
        with self.beat("Which way does it go, up or down?", hold=1.0):
            self.at("up")
            self.play(FadeIn(badge), run_time=0.5)
        with self.beat("Up."):
            self.play(FadeOut(badge), run_time=0.5)
'''


def test_a_long_scene_is_shared_among_processes():
    """Each segment is drawn once, by somebody; a short scene by one."""
    starts = (0, 300, 450, 900, 1000)
    task = Task(Path("film.json"), 0, Settings(*SIZE, FPS), Path(), None, None, 0, 1200, starts, (0, 1, 2, 3, 4))
    parts = shares(task, 3)
    assert sorted(index for part in parts for index in part.pieces) == [0, 1, 2, 3, 4] and len(parts) == 3
    assert sum(part.frames for part in parts) == 1200 and max(part.frames for part in parts) <= 600
    assert shares(replace(task, length=250, starts=(0, 100), inside=(0, 1)), 8) and len(shares(task, 1)) == 1


@pytest.mark.slow
def test_processes_draw_what_one_process_draws(lecture, made, tmp_path, monkeypatch):
    """The same pictures, whoever draws them."""
    monkeypatch.setattr(redrawing, "FEW", 20)
    monkeypatch.setattr(redrawing, "cores", lambda: 2)
    redrawing.drawn.cache_clear()
    for path, whole in zip(moving.frames(lecture, tmp_path), made["frames"], strict=True):
        for one, other in zip(frames_of(path), frames_of(whole), strict=True):
            assert np.array_equal(one, other)
