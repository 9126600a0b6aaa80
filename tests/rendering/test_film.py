"""Films as files: whole, the same however they were drawn, and readable by players."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import av
import numpy as np
import pytest
from PIL import Image

from chainreel.rendering import drawing
from chainreel.rendering.doctor import check_film
from chainreel.rendering.drawing import manim_config, piece_starts, rehearse
from chainreel.rendering.errors import RenderError
from chainreel.rendering.film import render
from chainreel.rendering.filming import FilmRenderer, Rehearsal
from chainreel.rendering.shots import Shot


def frames_of(path):
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def digest(path):
    return hashlib.sha256(b"".join(frame.tobytes() for frame in frames_of(path))).hexdigest()


def test_mp4_has_all_that_a_player_needs(tiny, small, tmp_path):
    """Codec, colours, constant rate, faststart, captions, chapters and sidecars, as `doctor` sees them."""
    film = render(tiny, small, tmp_path / "a.mp4", title="Tiny")
    findings = check_film(film.video)
    assert not [finding for finding in findings if not finding.ok]
    assert {p.suffix for p in film.files} == {".mp4", ".txt", ".vtt", ".srt", ".png", ".json"}
    with av.open(str(film.video)) as container:
        assert container.metadata["title"] == "Tiny"
        comment = container.metadata["comment"]
        assert comment.startswith("A square becomes a circle. Made with chainreel ") and comment.endswith("; seed 0.")
        assert [chapter["metadata"]["title"] for chapter in container.chapters()] == ["One", "Two"]
        assert container.duration == pytest.approx(film.seconds * 1e6, abs=2)
    assert len(frames_of(film.video)) == film.frames


def test_captions_are_inside_the_mp4_with_accents(tiny, small, tmp_path):
    """Players show the embedded track; the text must survive the packing."""
    film = render(tiny, small, tmp_path / "a.mp4")
    with av.open(str(film.video)) as container:
        texts = [bytes(packet)[2:].decode() for packet in container.demux(subtitles=0) if packet.size > 2]
    assert texts[0] == "A square appears here, drawn é."
    assert "WEBVTT" in film.video.with_suffix(".vtt").read_text(encoding="utf-8")


def test_only_the_film_is_left(tiny, small, tmp_path):
    """Nothing of the making stays beside the film."""
    film = render(tiny, small, tmp_path / "a.mp4")
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(p.name for p in film.files)


def test_two_workers_make_the_same_film(tiny, small, tmp_path):
    """Shares drawn by other processes are the same pictures, an updater that counts time included."""
    one = render(tiny, small, tmp_path / "one.mp4")
    two = render(tiny, replace(small, workers=2), tmp_path / "two.mp4")
    assert len(piece_starts(rehearse(tiny, small, tmp_path / "m"), small.fps)) > 1
    assert digest(one.video) == digest(two.video)
    assert one.video.read_bytes() == two.video.read_bytes()
    assert one.video.with_suffix(".png").read_bytes() == two.video.with_suffix(".png").read_bytes()


@pytest.mark.parametrize("format", ["webp", "apng", "png"])
def test_a_transparent_film_shows_what_is_behind_it(tiny, small, tmp_path, format):
    """Nothing is painted behind the figures, and they themselves are there; kept pieces know the difference."""
    film = render(tiny, replace(small, format=format, transparent=True), tmp_path / f"a.{format}")
    picture = Image.open(film.video if format != "png" else sorted(film.video.iterdir())[film.frames // 2]).convert("RGBA")
    alpha = np.asarray(picture)[..., 3]
    assert alpha[0, 0] == 0
    if format == "png":
        assert alpha.max() == 255
    opaque = render(tiny, replace(small, format=format), tmp_path / f"b.{format}")
    picture = Image.open(opaque.video if format != "png" else sorted(opaque.video.iterdir())[0]).convert("RGBA")
    assert np.asarray(picture)[..., 3].min() == 255 and opaque.reused == 0


def test_a_share_that_is_not_drawn_changes_nothing_that_is(tiny, small, tmp_path):
    """Each piece drawn alone is the piece of the whole: what another worker would make."""
    score = rehearse(tiny, small, tmp_path / "m")
    count = len(piece_starts(score, small.fps))
    for name, shares in (("whole", [(0, count)]), ("parts", [(i, i + 1) for i in range(count)])):
        (tmp_path / name).mkdir()
        for share in shares:
            drawing.draw_share(tiny, small, tmp_path / name, score, share, lambda n: None)
    for index in range(count):
        whole, part = (drawing.piece_path(tmp_path / name, index, "mp4") for name in ("whole", "parts"))
        assert whole.read_bytes() == part.read_bytes()


def test_frames_are_those_of_stock_manim(tiny, small, tmp_path):
    """Leading the renderer from outside must not change a pixel."""

    class Keep:
        every = None

        def __init__(self):
            self.frames = []

        def wants(self, first, last):
            return True

        def take(self, first, pixels, repeat):
            self.frames += [pixels.copy()] * repeat

    with manim_config(small, tmp_path):
        ours, keep = tiny.load()(), Keep()
        FilmRenderer(ours, keep)
        ours.render()
        stock, theirs = tiny.load()(), []
        stock.renderer.file_writer.write_frame = lambda pixels, *, repeat=1: theirs.extend(
            [pixels.copy()] * repeat
        )
        stock.render()
    # Stock manim drops the part of a wait that is no whole frame, so later frames may be shifted by one.
    assert abs(len(theirs) - len(keep.frames)) <= 3
    assert all(np.array_equal(a, b) for a, b in zip(keep.frames[:15], theirs[:15], strict=True))


@pytest.mark.parametrize("format", ["webm", "mov", "gif"])
def test_other_formats(tiny, small, tmp_path, format):
    """Each format can be read back with every frame."""
    film = render(tiny, replace(small, format=format), tmp_path / f"a.{format}")
    assert not [f for f in check_film(film.video) if not f.ok]
    assert len(frames_of(film.video)) == film.frames


def test_gif_colours_are_exact_where_they_are_flat(tiny, small, tmp_path):
    """Flat colours must not change from frame to frame: a palette for all, no dithering."""
    film = render(tiny, replace(small, format="gif"), tmp_path / "a.gif")
    corners = {tuple(frame[0, 0]) for frame in frames_of(film.video)}
    assert len(corners) == 1


def test_png_is_a_folder_of_frames(tiny, small, tmp_path):
    """For slides and editors; drawn again, the folder is replaced."""
    for _ in range(2):
        film = render(tiny, replace(small, format="png"), tmp_path / "frames")
    assert len(list(film.video.glob("*.png"))) == film.frames
    assert sorted(p.name for p in tmp_path.iterdir()) == ["frames", "frames.json", "frames.srt", "frames.txt", "frames.vtt"]


def test_colours_survive_the_encoder(small, tmp_path):
    """BT.709 in, BT.709 out: pure colours come back within what 4:2:0 and crf cost."""
    from chainreel.rendering.encoder import CODECS, Encoder

    for colour in ((255, 0, 0), (0, 128, 255), (20, 24, 33), (250, 248, 240)):
        path = tmp_path / "c.mp4"
        encoder = Encoder(path, CODECS["mp4"], 64, 36, 10)
        encoder.add(np.full((36, 64, 4), (*colour, 255), np.uint8), 2)
        encoder.close()
        with av.open(str(path)) as container:
            frame = next(container.decode(video=0))
            rgb = frame.reformat(format="rgb24", src_colorspace="ITU709").to_ndarray()
        assert np.abs(rgb[18, 32].astype(int) - colour).max() <= 3, colour


def test_poster_is_the_frame_at_its_time(tiny, small, tmp_path):
    """The poster is a whole picture of the film's own size."""
    film = render(tiny, small, tmp_path / "a.mp4")
    poster = frames_of(film.video.with_suffix(".png"))[0]
    score = rehearse(tiny, small, tmp_path / "m")
    shown = frames_of(film.video)[score.poster_frame]
    assert poster.shape == (90, 160, 3)
    assert np.abs(poster.astype(int) - shown).mean() < 4


def test_manifest_says_what_was_made(tiny, small, tmp_path):
    """Versions, beats in whole frames, files, and a checksum that holds."""
    from chainreel.rendering import manifest

    film = render(tiny, small, tmp_path / "a.mp4", asked={"command": "test"})
    record = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert record == json.loads(json.dumps(film.manifest))
    assert manifest.checksum(record) == record["sha256"]
    assert record["frames"] == film.frames and record["fps"] == 10
    assert [beat["chapter"] for beat in record["beats"]] == ["One", None, "Two"]
    assert record["versions"]["manim"] == "0.22.0"
    assert set(record["files"]) == {p.name for p in film.files}


def test_a_plain_manim_scene_gives_one_frame(scenes, small, tmp_path):
    """Scenes without beats, even without animations, are still films."""
    film = render(Shot(str(scenes), "Still"), small, tmp_path / "a.mp4")
    assert film.frames == 1
    assert not (tmp_path / "a.vtt").exists()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_scene_that_fails_leaves_nothing(scenes, small, tmp_path, workers):
    """Written whole or not at all – the folder that was made for it included."""
    with pytest.raises(KeyError):
        render(Shot(str(scenes), "Broken"), replace(small, workers=workers), tmp_path / "new" / "a.mp4")
    assert list(tmp_path.iterdir()) == []


def test_an_older_film_survives_a_failure(tiny, scenes, small, tmp_path):
    """A render that fails does not cost the film that was there."""
    film = render(tiny, small, tmp_path / "a.mp4")
    before = film.video.read_bytes()
    with pytest.raises(KeyError):
        render(Shot(str(scenes), "Broken"), small, tmp_path / "a.mp4")
    assert film.video.read_bytes() == before


def test_a_scene_of_changing_length_is_refused(scenes, small, tmp_path):
    """The rehearsal's times go into captions and manifest; a drawing that differs would make them lies."""
    with pytest.raises(RenderError, match="rehearsal"):
        render(Shot(str(scenes), "Moody"), small, tmp_path / "a.mp4")


def test_rehearsal_draws_nothing_and_knows_the_length(tiny, small, tmp_path, monkeypatch):
    """Errors and times must come before the work."""
    monkeypatch.setattr(FilmRenderer, "update_frame", lambda *a, **k: pytest.fail("something was drawn"))
    score = rehearse(tiny, small, tmp_path)
    assert score.frames == round(score.beats[-1]["end"] * small.fps)
    assert not list(tmp_path.rglob("*.png"))


def test_watchers_see_sampled_moments(tiny, small, tmp_path):
    """Layout lint may look between the ends of animations without a frame being drawn."""
    seen = []
    with manim_config(small, tmp_path):
        scene = drawing.make_scene(tiny, small)
        scene.watchers.append(lambda stage: seen.append(stage.renderer.time))
        drawing.run(scene, Rehearsal(every=5))
    assert len(seen) >= 4


def test_settings_do_not_leak(tiny, small, tmp_path):
    """manim's config is as it was after a film."""
    from manim import config

    before = (config.pixel_width, config.frame_rate, config.frame_height, str(config.media_dir))
    render(tiny, small, tmp_path / "a.mp4")
    assert (config.pixel_width, config.frame_rate, config.frame_height, str(config.media_dir)) == before
