"""Running a scene without drawing it: every animation is taken at once, so a clip of a minute costs a few seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from manim import tempconfig

from chainreel.scenes.stage.lint import Lint

FRAMES = {  # 480 lines, as `Settings.frame_of` has them
    "wide": {"pixel_width": 854, "pixel_height": 480, "frame_width": 8 * 854 / 480, "frame_height": 8.0},
    "square": {"pixel_width": 480, "pixel_height": 480, "frame_width": 8.0, "frame_height": 8.0},
    "tall": {"pixel_width": 480, "pixel_height": 854, "frame_width": 8.0, "frame_height": 8 * 854 / 480},
}


@pytest.fixture(autouse=True)
def quiet_manim(tmp_path: Any) -> Iterator[None]:
    """480p, nothing written, nothing printed."""
    settings = {
        "quality": "low_quality", "dry_run": True, "verbosity": "ERROR", "progress_bar": "none",
        "disable_caching": True, "media_dir": str(tmp_path),
    }  # fmt: skip
    with tempconfig(settings):
        yield


@pytest.fixture
def run() -> Callable[..., Any]:
    """Runs a scene class with its animations skipped, in a frame of that shape; returns the scene with `.lint`."""

    def go(scene_class: type, shape: str = "wide", **parameters: Any) -> Any:
        chosen = scene_class.configured(**parameters) if parameters else scene_class
        assert shape in chosen.shapes, f"{chosen.__name__} is not made for {shape} frames"
        with tempconfig(FRAMES[shape]):
            scene = chosen(skip_animations=True)
            scene.renderer.update_frame = lambda *args, **kwargs: None  # manim would paint the end of every play
            scene.lint = Lint(scene)
            scene.render()
        return scene

    return go
