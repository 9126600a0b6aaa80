"""The small scenes, and small settings to draw them with."""

from __future__ import annotations

from pathlib import Path

import pytest

from chainreel.rendering.settings import Settings
from chainreel.rendering.shots import Shot

SCENES = Path(__file__).with_name("tiny_scene.py")


@pytest.fixture
def scenes() -> Path:
    """The file of the small scenes."""
    return SCENES


@pytest.fixture
def tiny() -> Shot:
    """A shot of three beats."""
    return Shot(str(SCENES), "Tiny")


@pytest.fixture
def small() -> Settings:
    """The smallest film that still shows something."""
    return Settings(160, 90, 10)


@pytest.fixture(autouse=True)
def cache_folder(tmp_path_factory, monkeypatch) -> Path:
    """Every test has a cache of its own, away from the user's and from the folder that it works in."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("CHAINREEL_CACHE", str(folder))
    return folder
