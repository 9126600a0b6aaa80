"""Running a scene without drawing it: every animation is taken at once, so a clip of a minute costs a few seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from manim import tempconfig

from chainreel.scenes.stage.lint import Lint


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
    """Runs a scene class with its animations skipped; returns the scene with `.lint`."""

    def go(scene_class: type, **parameters: Any) -> Any:
        chosen = scene_class.configured(**parameters) if parameters else scene_class
        scene = chosen(skip_animations=True)
        scene.lint = Lint(scene)
        scene.render()
        return scene

    return go
