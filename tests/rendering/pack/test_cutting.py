"""A film in pieces: no frame lost or twice, copied where that can be, the same colours, sound in its place."""

from __future__ import annotations

import av
import numpy as np
import pytest
from PIL import Image

from chainreel.rendering.captions import Cue
from chainreel.rendering.doctor import top_boxes
from chainreel.rendering.errors import RenderError
from chainreel.rendering.pack.cutting import counted, cut, ends, look
from chainreel.rendering.sound import decoded


def frames_of(path):
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="rgb24").astype(int) for frame in film.decode(film.streams.video[0])]


def test_pieces_at_key_frames_are_copies_of_the_film(film, tmp_path):
    """Decoded one after the other they are the film, to the last bit: nothing was encoded again."""
    source = look(film)
    assert source.plain and source.frames == counted(film)
    keys = sorted(source.keys)
    assert keys[0] == 0 and len(keys) >= 3
    frames = []
    for number, (a, b) in enumerate(zip(keys, [*keys[1:], source.frames], strict=True)):
        assert cut(source, a, b, tmp_path / f"{number}.mp4", (160, 90), None)
        frames += frames_of(tmp_path / f"{number}.mp4")
    whole = frames_of(film)
    assert len(frames) == len(whole) and all(np.array_equal(a, b) for a, b in zip(frames, whole, strict=True))


def test_a_piece_between_key_frames_is_encoded_and_has_the_same_pictures(film, tmp_path):
    source = look(film)
    first = next(n for n in range(5, source.frames) if n not in source.keys)
    assert not cut(source, first, first + 7, tmp_path / "a.mp4", (160, 90), None)
    made, whole = frames_of(tmp_path / "a.mp4"), frames_of(film)[first : first + 7]
    assert len(made) == 7
    assert max(float(np.abs(a - b).mean()) for a, b in zip(made, whole, strict=True)) < 1.5


def test_a_piece_is_what_players_want(film, tmp_path):
    cut(look(film), 3, 12, tmp_path / "a.mp4", (320, 180), None, "A title", [Cue(0.1, 0.8, ("said",))])
    boxes = top_boxes(tmp_path / "a.mp4")
    assert boxes.index("moov") < boxes.index("mdat")
    with av.open(str(tmp_path / "a.mp4")) as film:
        context = film.streams.video[0].codec_context
        assert (context.name, context.pix_fmt, context.width, context.height) == ("h264", "yuv420p", 320, 180)
        assert (context.color_primaries, context.colorspace, film.metadata["title"]) == (1, 1, "A title")
        assert len(film.streams.subtitles) == 1


def test_a_film_of_another_codec_keeps_its_frames_and_its_sound_its_place(foreign, tmp_path):
    """Grey levels say which frame is which; the tone starts half a second in."""
    source = look(foreign())
    assert (source.fps, source.frames, source.plain, source.sound) == (24, 60, False, True)
    cut(source, 6, 30, tmp_path / "a.mp4", (128, 96), decoded(source.path))
    levels = [frame[90, 60].mean() for frame in frames_of(tmp_path / "a.mp4")]
    assert len(levels) == 24
    assert np.allclose(levels, [20 + 3 * n for n in range(6, 30)], atol=1.4)
    heard = np.abs(decoded(tmp_path / "a.mp4")[0])
    begin = np.flatnonzero(heard > 0.1)[0] / 48000
    assert abs(begin - 0.25) < 0.02


@pytest.mark.parametrize("rate", [24, 30, 50])
def test_an_mp4_with_frames_that_refer_forward_is_cut_exactly(foreign, tmp_path, rate):
    """What other programs write: B-frames. Nothing may be copied, nothing may shift."""
    source = look(foreign("other.mp4", "libx264", rate, sound=False))
    assert not source.plain
    cut(source, 10, 25, tmp_path / "a.mp4", (128, 96), None)
    levels = [frame[90, 60].mean() for frame in frames_of(tmp_path / "a.mp4")]
    assert np.allclose(levels, [20 + 3 * n for n in range(10, 25)], atol=1.4)


def test_the_ends_of_a_piece_are_its_first_and_last_pictures_in_the_right_colours(film, tmp_path):
    source = look(film)
    keys = sorted(source.keys)
    cut(source, keys[1], keys[2], tmp_path / "a.mp4", (160, 90), None)
    ends(tmp_path / "a.mp4", tmp_path / "first.png", tmp_path / "last.png")
    whole = frames_of(film)
    for name, index in (("first", keys[1]), ("last", keys[2] - 1)):
        picture = np.asarray(Image.open(tmp_path / f"{name}.png").convert("RGB")).astype(int)
        assert float(np.abs(picture - whole[index]).mean()) < 3, name
    drawn = np.asarray(Image.open(film.with_suffix(".png")).convert("RGB")).astype(int)  # drawn, never encoded
    last = np.asarray(Image.open(tmp_path / "last.png").convert("RGB")).astype(int)
    assert np.abs(drawn - last).mean() < 3


def test_what_is_no_film_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "a.mp4").write_text("no film")
    with pytest.raises(RenderError, match="not a video that can be read"):
        look(tmp_path / "a.mp4")
    with pytest.raises(RenderError, match="there is no film"):
        look(tmp_path / "b.mp4")
