"""Chapter 8 of film C: its times, its numbers against the engine, and that what is shown as a product is one."""

from __future__ import annotations

from typing import Any

import pytest
from manim import tempconfig

from chainreel.scenes.films.four_knobs_and_nine_points import chain_rule as chapter
from chainreel.scenes.stage.lint import Lint
from chainreel.scenes.stage.rounding import read_back

from ..conftest import FRAMES

pytestmark = pytest.mark.slow  # it runs a chapter of five minutes

STORYBOARD = (20, 40, 62, 82, 104, 128, 146, 166, 190, 212, 240, 262, 292, 312, 325)  # where its fifteen beats end
TOLD = {  # source and key -> the text of the storyboard
    ("lamp", "local/1.0"): "4", ("lamp", "local/2.1"): "−0.75", ("lamp paths", "along/0.2"): "−3", ("nudge", "delta"): "0.1",
    ("nudge", "change/1"): "0.41", ("nudge", "change/2"): "−0.279", ("cell paths", "along/0.3"): "−1.2",
    ("exchange paths", "along/0.2"): "200", ("touch", "share/0"): "0.05", ("touch", "share/1"): "0.06",
    ("touch paths", "slope"): "11", ("chain paths", "along/0.10"): "3.48·10⁻⁷", ("growing paths", "along/0.10"): "57.7",
    ("steady paths", "along/0.10"): "1", ("chain", "local/1.0"): "0.235", ("added", "value/2"): "3.25",
}  # fmt: skip


def performed(theme: str = "night") -> Any:
    settings = {"dry_run": True, "verbosity": "ERROR", "progress_bar": "none", "disable_caching": True, "frame_rate": 15}
    made = type("Told", (chapter.ChainRule,), {"theme": theme, "__module__": chapter.ChainRule.__module__})
    with tempconfig(settings), tempconfig(FRAMES["wide"]):
        scene: Any = made(skip_animations=True)
        scene.renderer.update_frame = lambda *args, **kwargs: None
        scene.lint = Lint(scene)
        scene.render()
    return scene


def looks(scene: Any) -> list[Any]:
    """What lint finds, but for frames that wait for a voice: without one, words are read faster than they are spoken."""
    return [f for f in scene.lint.findings if f.rule != "dead frame"]


@pytest.fixture(scope="module")
def scene() -> Any:
    return performed()


def test_beats_end_where_the_storyboard_has_them(scene: Any) -> None:
    ends = [beat.end for beat in scene.beats]
    assert scene.now == pytest.approx(STORYBOARD[-1], abs=0.1)
    for end in STORYBOARD:
        assert min(abs(end - e) for e in ends) <= 1.5 + 1e-6, end


def test_the_look_is_clean(scene: Any) -> None:
    found = looks(scene)
    assert not found, "\n".join(f"{f.time:6.1f} s, {f.rule}: {f.message}" for f in found)
    assert scene.alt and scene.poster_time is not None


def test_told_numbers_are_the_engines(scene: Any) -> None:
    printed = {(n.source, n.key): n.text for n in scene.ledger.numbers}
    assert {key: printed.get(key) for key in TOLD} == TOLD
    for number in scene.ledger.numbers:
        assert number.source in scene.ledger.sources, number


def test_shown_products_and_sums_close(scene: Any) -> None:
    rates = [read_back(TOLD["lamp", key]) for key in ("local/1.0", "local/2.1")]
    assert rates[0] * rates[1] == read_back(TOLD["lamp paths", "along/0.2"])
    assert sum(rates) == read_back(TOLD["added", "value/2"])  # the tempting wrong answer
    assert read_back(TOLD["touch", "share/0"]) + read_back(TOLD["touch", "share/1"]) == pytest.approx(0.11)


def test_on_paper_too() -> None:
    assert not looks(performed("paper"))
