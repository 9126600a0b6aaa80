"""Frames to video: told what changed, the encoder makes what it would make of whole frames, and a held frame is cheap."""

from __future__ import annotations

import av
import cairo
import numpy as np
import pytest
from PIL import Image, ImageSequence

from chainreel.rendering.assembly import Extras, assemble
from chainreel.rendering.colours import ALPHA, Colours, planes, straight
from chainreel.rendering.encoder import ANIMATED, CODECS, Encoder, decode, encode_animated
from chainreel.rendering.transparent import coding, why_not_transparent


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
@pytest.mark.parametrize("pixels", ["yuv420p", "yuv422p10le", "bgr0", "bgra", "yuva420p"])
def test_patches_give_the_colours_of_the_whole(size, pixels):
    """Converted block by block, a frame is the same to the bit."""
    follow, whole = Colours(pixels, *size), Colours(pixels, *size)
    for number, (picture, boxes) in enumerate(pictures(*size)):
        patches = [((x0, y0, x1, y1), picture[y0:y1, x0:x1].copy()) for x0, y0, x1, y1 in boxes]
        a = follow.whole(picture.copy()) if number == 0 else follow.patched(patches)
        b = whole.whole(picture.copy())
        if pixels not in ("yuv420p", "yuva420p"):
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


def veils(width=160, height=96, count=10):
    """Soft-edged discs over nothing, as cairo keeps them: colours multiplied by opacity."""
    for i in range(count):
        picture = np.zeros((height, width, 4), np.uint8)
        context = cairo.Context(cairo.ImageSurface.create_for_data(picture.data, cairo.FORMAT_ARGB32, width, height))
        for k in range(3):
            context.set_source_rgba(0.2 + 0.3 * k, 0.9 - 0.4 * k, 0.5, 0.3 + 0.35 * k)
            context.arc(30 + 45 * k + 2 * i, 48, 30, 0, 7)
            context.fill()
        yield picture


def with_alpha(path, format):
    """The frames of a file, RGBA."""
    if format == "webp":
        return [np.array(frame.convert("RGBA")) for frame in ImageSequence.Iterator(Image.open(path))]
    with av.open(str(path)) as container:
        if format != "webm":
            return [frame.to_ndarray(format="rgba") for frame in container.decode(video=0)]
        reader = av.codec.CodecContext.create("libvpx-vp9", "r")  # the usual reader of VP9 leaves the alpha out
        packets = [packet for packet in container.demux(video=0) if packet.dts is not None]
        return [frame.to_ndarray(format="rgba") for packet in [*packets, None] for frame in reader.decode(packet)]


@pytest.mark.parametrize(("format", "alpha_error"), [("webm", 40), ("mov", 1), ("apng", 0), ("webp", 0)])
def test_what_is_transparent_stays_so(format, alpha_error, tmp_path):
    """From pieces to the file: every frame's opacity, and its colours where there are any."""
    how = coding(format, True)
    assert CODECS[how].pixels in ALPHA and not why_not_transparent(format, 160)
    pieces = []
    for part in (0, 1):
        pieces.append(tmp_path / f"{part}{CODECS[how].container}")
        encoder = Encoder(pieces[-1], CODECS[how], 160, 96, 20)
        for picture in list(veils())[5 * part : 5 * part + 5]:
            encoder.add(picture)
        encoder.close()
    target = tmp_path / f"film.{format}"
    if format in ANIMATED:
        encode_animated(pieces, target, how, 160, 96, 20)
    else:
        assemble(pieces, target, how, 20, Extras(title="veils"))
    frames = with_alpha(target, format)
    assert len(frames) == 10
    for shown, drawn in zip(frames, map(straight, veils()), strict=True):
        error = np.abs(shown[..., 3].astype(int) - drawn[..., 3])
        assert error.max() <= alpha_error and error.mean() < 1
        there = drawn[..., 3:] / 255
        colours = np.abs(shown[..., :3] * there - drawn[..., :3] * there)
        assert colours.max() == 0 if not alpha_error else colours.mean() < 3
    with av.open(str(target)) as container:
        stream = container.streams.video[0]
        if format == "mov":
            assert stream.codec_context.codec_tag == "ap4h" and stream.pix_fmt.startswith("yuva444p")
        elif format == "webm":
            assert {key.lower(): value for key, value in stream.metadata.items()}["alpha_mode"] == "1"


def test_an_animated_picture_without_a_hole(tmp_path):
    """Opaque films as APNG and WebP: the very pixels that were drawn."""
    drawn = [picture for picture, boxes in pictures(160, 90) if boxes]  # an equal frame only lengthens the one before
    for format in ANIMATED:
        encoder = Encoder(tmp_path / f"{format}.mkv", CODECS[format], 160, 90, 20)
        for picture in drawn:
            encoder.add(picture.copy())
        encoder.close()
        encode_animated([tmp_path / f"{format}.mkv"], tmp_path / f"film.{format}", format, 160, 90, 20)
        for shown, picture in zip(with_alpha(tmp_path / f"film.{format}", format), drawn, strict=True):
            assert np.array_equal(shown[..., :3], picture[..., :3]) and (shown[..., 3] == 255).all()


def test_where_nothing_can_be_transparent():
    """One sentence with a way out."""
    for format, width in (("gif", 160), ("mp4", 1280), ("mov", 854)):
        reason = why_not_transparent(format, width)
        assert "choose" in reason and "\n" not in reason
    assert "848" in why_not_transparent("mov", 854) and not why_not_transparent("webm", 854)


@pytest.mark.parametrize("seed", range(3))
def test_straight_colours_are_within_half_a_step(seed):
    """Multiplied again, they are the bytes that were drawn."""
    random = np.random.default_rng(seed)
    alpha = random.integers(0, 256, (50, 50, 1))
    drawn = np.concatenate([random.integers(0, 256, (50, 50, 3)) * alpha // 255, alpha], axis=2).astype(np.uint8)
    again = straight(drawn)[..., :3].astype(int) * alpha / 255
    assert np.abs(again - drawn[..., :3]).max() <= 0.5
