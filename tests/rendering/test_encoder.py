"""Frames to video: told what changed, the encoder makes what it would make of whole frames, and a held frame is cheap."""

from __future__ import annotations

import av
import numpy as np
import pytest

from chainreel.rendering.colours import Colours, planes
from chainreel.rendering.encoder import CODECS, Encoder, decode


def pictures(width, height, count=12, seed=5):
    """Noise on a slope, of which boxes change: (picture, boxes)."""
    random = np.random.default_rng(seed)
    picture = np.zeros((height, width, 4), np.uint8)
    picture[..., 0] = np.linspace(0, 255, width)
    picture[..., 3] = 255
    yield picture.copy(), [(0, 0, width, height)]
    for _ in range(count - 1):
        boxes = []
        for _ in range(random.integers(0, 4)):
            x, y = random.integers(0, width - 8), random.integers(0, height - 8)
            box = (int(x), int(y), int(min(x + random.integers(1, 90), width)), int(min(y + random.integers(1, 50), height)))
            picture[box[1] : box[3], box[0] : box[2], :3] = random.integers(0, 256, (box[3] - box[1], box[2] - box[0], 3))
            boxes.append(box)
        yield picture.copy(), boxes


@pytest.mark.parametrize("size", [(160, 90), (854, 480), (1000, 562), (1366, 768)])
@pytest.mark.parametrize("pixels", ["yuv420p", "yuv422p10le", "bgr0"])
def test_patches_give_the_colours_of_the_whole(size, pixels):
    """Converted block by block, a frame is the same to the bit."""
    follow, whole = Colours(pixels, *size), Colours(pixels, *size)
    for number, (picture, boxes) in enumerate(pictures(*size)):
        patches = [((x0, y0, x1, y1), picture[y0:y1, x0:x1].copy()) for x0, y0, x1, y1 in boxes]
        a = follow.whole(picture.copy()) if number == 0 else follow.patched(patches)
        b = whole.whole(picture.copy())
        if pixels != "yuv420p":
            a, b = (frame.reformat(format="gbrp") for frame in (a, b))
        for one, other in zip(planes(a), planes(b), strict=True):
            assert np.array_equal(one, other)


@pytest.mark.parametrize("format", ["mp4", "webm", "gif"])
def test_told_changes_make_the_same_file(format, tmp_path):
    """The bytes do not depend on how a frame was handed over; the canvas may be drawn on at once."""
    codec = CODECS[format]
    for name in ("whole", "told"):
        encoder = Encoder(tmp_path / f"{name}{codec.container}", codec, 320, 180, 30)
        canvas = np.zeros((180, 320, 4), np.uint8)
        for picture, boxes in pictures(320, 180):
            canvas[:] = picture
            if name == "told":
                encoder.add(canvas, 3, boxes)
                encoder.add(canvas, 1, ())
                canvas[:] = 77
            else:
                encoder.add(picture, 4)
        encoder.close()
    a, b = (list(decode(tmp_path / f"{name}{codec.container}")) for name in ("whole", "told"))
    assert len(a) == len(b) == 48
    for x, y in zip(a, b, strict=True):
        assert np.array_equal(x.to_ndarray(format="rgb24"), y.to_ndarray(format="rgb24"))


def test_a_film_is_close_to_what_was_drawn(tmp_path):
    """The quantizer keeps thin lines and text: SSIM is told in docs/performance.md, here the coarse error."""
    encoder = Encoder(tmp_path / "a.mp4", CODECS["mp4"], 320, 180, 30)
    picture = np.full((180, 320, 4), 255, np.uint8)
    picture[..., :3] = 20
    picture[40:140:20, :, :3] = 230
    picture[:, 60:260:20, :3] = 230
    encoder.add(picture, 5)
    encoder.close()
    for frame in decode(tmp_path / "a.mp4"):
        shown = frame.to_ndarray(format="rgb24").astype(int)
        assert np.abs(shown - picture[..., :3]).mean() < 3


def test_every_frame_of_a_piece_has_its_place(tmp_path):
    """Constant rate, one key frame at the start, none that refers forward."""
    encoder = Encoder(tmp_path / "a.mp4", CODECS["mp4"], 320, 180, 30)
    for picture, boxes in pictures(320, 180):
        encoder.add(picture, 2, boxes)
    encoder.close()
    with av.open(str(tmp_path / "a.mp4")) as container:
        packets = [p for p in container.demux(video=0) if p.pts is not None]
        assert [p.is_keyframe for p in packets] == [True] + [False] * 23
        assert [p.pts for p in packets] == [p.dts for p in packets]
        assert len({b.pts - a.pts for a, b in zip(packets, packets[1:], strict=False)}) == 1
