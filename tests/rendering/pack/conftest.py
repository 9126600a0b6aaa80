"""A small film of three beats in two chapters, drawn once; and a film of nothing but pictures and sound."""

from __future__ import annotations

import os
from pathlib import Path

import av
import numpy as np
import pytest

from chainreel.rendering.film import render
from chainreel.rendering.settings import Settings
from chainreel.rendering.shots import Shot

SCENES = Path(__file__).parent.parent / "tiny_scene.py"


@pytest.fixture(scope="session")
def drawn(tmp_path_factory) -> Path:
    """The folder of the small film: tiny.mp4, its manifest and what else is beside it."""
    folder = tmp_path_factory.mktemp("film")
    before = os.environ.get("CHAINREEL_CACHE")
    os.environ["CHAINREEL_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    try:
        render(Shot(str(SCENES), "Tiny"), Settings(160, 90, 10), folder / "tiny.mp4", title="A small film")
    finally:
        if before is None:
            del os.environ["CHAINREEL_CACHE"]
        else:
            os.environ["CHAINREEL_CACHE"] = before
    return folder


@pytest.fixture
def film(drawn, tmp_path) -> Path:
    """The small film in a folder of this test's own."""
    folder = tmp_path / "film"
    folder.mkdir()
    for path in drawn.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder / "tiny.mp4"


@pytest.fixture
def foreign(tmp_path):
    """Make a film that chainreel knows nothing of: grey levels that count its frames, a tone that starts at half a second."""

    def make(name="foreign.webm", codec="libvpx-vp9", rate=24, frames=60, size=(128, 96), sound=True):
        path = tmp_path / name
        with av.open(str(path), "w") as out:
            stream = out.add_stream(codec, rate=rate)
            stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
            coder = "libopus" if name.endswith("webm") else "aac"
            audio = out.add_stream(coder, rate=48000, layout="stereo") if sound else None
            for index in range(frames):
                level = np.full((size[1], size[0], 3), 20 + 3 * index, np.uint8)
                level[: size[1] // 2] = 40
                out.mux(stream.encode(av.VideoFrame.from_ndarray(level, format="rgb24")))
            out.mux(stream.encode(None))
            if audio is not None:
                length = round(frames / rate * 48000)
                tone = np.sin(np.arange(length) * 2 * np.pi * 440 / 48000).astype(np.float32) * 0.2
                tone[:24000] = 0
                resampler = av.AudioResampler(format=audio.codec_context.format.name, layout="stereo", rate=48000)
                for at in range(0, length, 960):
                    block = np.ascontiguousarray(np.stack([tone[at : at + 960]] * 2))
                    frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
                    frame.sample_rate, frame.pts = 48000, at
                    for ready in resampler.resample(frame):
                        out.mux(audio.encode(ready))
                out.mux(audio.encode(None))
        return path

    return make
