"""S21 and the clip `scale`: areas are counts at every moment of the zoom, every model has its chip, counts are grouped."""

from __future__ import annotations

import math

import numpy as np
import pytest

from chainreel.engine import EngineError
from chainreel.engine.scale import Scale
from chainreel.scenes.clips import clip_class
from chainreel.scenes.figures.card_strip import SourceChip
from chainreel.scenes.figures.scale_zoom import TINY, Count, ScaleZoom, Zooming, grouped
from chainreel.scenes.stage.area import Area
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.theme import NIGHT

from .checks import check
from .inputs import INPUTS

ROOM = Area(-6.2, 6.2, -2.7, 3.5)


def figure():
    """The ladder of the storyboards."""
    return ScaleZoom(NIGHT, Scale(["whisker", "digits", "resnet-50", "gpt-3"]), ROOM)


def test_areas_are_counts_at_every_moment():
    """Whatever is large enough to be drawn truly and lies in the window has side² / count on one scale."""
    made = figure()
    made.appear()
    for k in (1, 2, 3):
        acts = made.zoom(k)
        zooming = next(a for act in acts for a in act.animations if isinstance(a, Zooming))
        zooming.begin()
        for alpha in (0.0, 0.2, 0.5, 0.8, 1.0):
            zooming.interpolate_mobject(alpha)
            for square, count, side in zip(made.squares, made.counts, made.sides(), strict=True):
                drawn = float(np.ptp(square.points[:, 0]))
                assert side == pytest.approx(math.sqrt(count) / made.length * made.side)
                if TINY < side <= made.side:
                    assert drawn == pytest.approx(side) and float(np.ptp(square.points[:, 1])) == pytest.approx(side)
                elif side > made.side * 1.01:  # only what lies in the window, without its rims
                    assert drawn == pytest.approx(made.side) and square.get_stroke_opacity() == 0
        assert made.sides()[k] == pytest.approx(made.side)
        assert made.count.text == grouped(made.counts[k])


def test_every_model_has_its_chip():
    """With the text of its source."""
    made = figure()
    made.appear()
    for k, level in enumerate(made.scale_.levels):
        if k:
            made.zoom(k)
        assert isinstance(made.chip, SourceChip) and made.chip.text == level.chip and made.chip in made.submobjects


def test_counts_are_grouped_and_keep_their_source():
    """The manifest has the plain number, the picture its thousands apart."""
    count = Count(Scale(["resnet-50"]).quantity("count"), NIGHT.knob, 60)
    assert count.text == "25,557,032" and count.provenance[0].text == "25557032"


def test_the_first_square_has_a_dial_for_every_knob():
    """Thirteen of them; none where they would be too many."""
    made = figure()
    assert made.field is not None and len(made.field.values) == 13
    assert ScaleZoom(NIGHT, Scale(["digits"]), ROOM).field is None


# The clip -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["wide", "square", "tall"])
def test_scale_on_its_defaults(run, shape):
    """Lint clean; the pitches of the storyboard."""
    scene = run(clip_class("scale"), shape=shape)
    check(scene)
    said = " ".join(b.words for b in scene.beats)
    assert "25.56 million" in said and "174.6 billion" in said and "24.5 football pitches" in said


@pytest.mark.parametrize("number", range(3))
def test_scale_with_other_models(run, number):
    """Own layers among the published."""
    check(run(clip_class("scale"), theme="paper", **INPUTS["scale"][number]))


@pytest.mark.parametrize(
    "parameters, sentence",
    [({"layers": "5"}, "two layers"), ({"layers": "0,5"}, "at least 1"), ({"models": "gpt-9"}, "did you mean 'gpt-3'")],
)
def test_scale_refuses_in_a_sentence(parameters, sentence):
    """Each says what is wrong."""
    with pytest.raises((StageError, EngineError), match=sentence):
        clip_class("scale").configured(**parameters)(skip_animations=True).render()
