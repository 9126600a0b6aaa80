"""What is asked of every clip in the catalogue: every shape, both themes, three inputs, a real film, true numbers."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from chainreel.rendering.film import render
from chainreel.rendering.linting import findings
from chainreel.rendering.settings import Settings
from chainreel.rendering.shots import Shot
from chainreel.rendering.transcript import transcript
from chainreel.rendering.verify import verify
from chainreel.scenes.clips import CLIPS, clip_class
from chainreel.scenes.stage.area import SHAPES

from .checks import check
from .inputs import INPUTS

WIDE_ONLY: set[str] = set()  # clips that are not laid out for square and tall frames
LONGER = {"explain"}  # the whole story of a function; every other clip takes 10 to 60 seconds
TINY = Settings(160, 90, 2, cache=False)


def given(value: Any, folder: Any) -> Any:
    """An input as it is, or made by a function that gets a folder to put a file into."""
    return value(folder) if inspect.isfunction(value) else value


@pytest.mark.slow
@pytest.mark.parametrize(("shape", "theme"), [*((shape, "night") for shape in SHAPES), ("wide", "paper")])
@pytest.mark.parametrize("clip", CLIPS)
def test_defaults_are_clean(run: Any, clip: str, shape: str, theme: str) -> None:
    """With nothing but its name, in every shape of frame, and on light ground (`render.py lint all` judges all pairs)."""
    chosen = clip_class(clip)
    if shape not in chosen.shapes:
        assert clip in WIDE_ONLY, f"{clip} is not made for {shape} frames"
        pytest.skip(f"{clip} is made for wide frames only")
    scene = run(chosen, shape=shape, theme=theme)
    check(scene)
    assert clip in LONGER or 10 <= scene.now <= 60, f"{clip} takes {scene.now:.1f} s"


@pytest.mark.parametrize("clip", CLIPS)
def test_there_are_three_inputs(clip: str) -> None:
    """Every clip is tried with what three users might bring."""
    assert len(INPUTS.get(clip, ())) == 3


@pytest.mark.slow
@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("clip", CLIPS)
def test_inputs_of_a_users(run: Any, tmp_path: Any, clip: str, number: int) -> None:
    """Three user inputs: clean, with a source for every number."""
    parameters = given(INPUTS[clip][number], tmp_path)
    check(run(clip_class(clip), **{name: given(value, tmp_path) for name, value in parameters.items()}))


@pytest.mark.slow
@pytest.mark.parametrize("clip", CLIPS)
def test_a_film_of_it(tmp_path: Any, clip: str) -> None:
    """A real film of the smallest size: it is there with all that belongs beside it, and every number in it is true."""
    film = render(Shot.clip(clip, {}), TINY, tmp_path / f"{clip}.mp4", title=clip, asked={"command": f"clip {clip}"})
    assert film.video.stat().st_size > 2000
    assert {path.suffix for path in film.files} >= {".mp4", ".json", ".vtt", ".srt", ".png"}
    record = film.manifest
    assert 8 <= record["seconds"] <= 180
    assert len(record["alt"]) > 20
    text = transcript(clip, record["alt"], record["beats"], record["numbers"], record["seconds"])
    assert all(" ".join(beat["words"].split()) in text for beat in record["beats"])
    result = verify(tmp_path / f"{clip}.json")
    assert result.passed, result.text()


@pytest.mark.slow
@pytest.mark.parametrize("clip", CLIPS)
def test_its_frames_are_clean(clip: str) -> None:
    """Contrast on the drawn frame, flashes, empty space; the same layout at 1080 lines."""
    found = findings(Shot.clip(clip, {}), Settings(854, 480, 15))
    assert found == [], "\n".join(f"{f.time:6.1f} s, {f.number} {f.rule}: {f.message}" for f in found)
