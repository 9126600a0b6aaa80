"""S2 and the clip `knobs`: dials are values, arrows are slopes, a turn is the update; the forecast and what happens."""

from __future__ import annotations

import math

import numpy as np
import pytest

from chainreel.engine import EngineError, Quantity
from chainreel.engine.storyboards import film_a
from chainreel.scenes.clips import clip_class
from chainreel.scenes.clips.knobs import CHAIN_AT, KnobsStory
from chainreel.scenes.figures.knob_panel import FARTHEST, LONGEST, MOST_IN_FIELD, KnobField, KnobPanel, sweep_for
from chainreel.scenes.stage.area import Area
from chainreel.scenes.stage.dial import SWEEP
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.serif import SerifNumber, serif_line
from chainreel.scenes.stage.theme import NIGHT

from .checks import check
from .inputs import INPUTS

ROOM = Area(-6.2, 3.0, -2.7, 3.5)


def quantities(values):
    """Numbers as an engine would hand them over."""
    return {name: Quantity("test", name, float(v)) for name, v in values.items()}


def panel(values, room=ROOM, **options):
    """A panel that has appeared."""
    made = KnobPanel(NIGHT, quantities(values), room, **options)
    made.appear()
    return made


@pytest.mark.parametrize("value", [-2.0, -0.7, 0.0, 0.3, 2.0])
def test_a_dials_angle_is_its_value(value):
    """Straight up is the middle of the range, the whole sweep is 270°."""
    dial = panel({"a": value}, ranges={"a": (-2.0, 2.0)}).dials["a"]
    assert dial.angle == pytest.approx(math.pi / 2 - SWEEP * value / 4)
    notch = dial.notch.get_end() - dial.centre
    assert math.atan2(notch[1], notch[0]) % (2 * math.pi) == pytest.approx(dial.angle % (2 * math.pi), abs=1e-6)


def test_arrows_point_against_their_slopes_on_one_scale():
    """Sign and length; zero has none; the steepest is the longest."""
    made = panel({"a": 0.1, "b": -0.2, "c": 0.0, "d": 0.4})
    made.screens()
    slopes = {"a": 0.4, "b": -0.8, "c": 0.0, "d": 0.2}
    made.hints(quantities(slopes))
    assert set(made.arrows) == {"a", "b", "d"}
    for name, arrow in made.arrows.items():
        assert math.copysign(1, arrow.angle) == -math.copysign(1, slopes[name])
        assert abs(arrow.angle) == pytest.approx(LONGEST * abs(slopes[name]) / 0.8)
    made.hints(quantities({"a": 8.0}))  # the scale stays, and no arrow is longer than 2.3
    assert abs(made.arrows["a"].angle) == FARTHEST
    up = made.dials["a"].angle
    tip = made.arrows["a"][1].get_center() - made.dials["a"].centre
    turned = (math.atan2(tip[1], tip[0]) - up) % (2 * math.pi)
    assert 0 < turned < math.pi  # counter-clockwise: down, against a positive slope


def test_a_turn_is_the_update():
    """After one step of plain descent every dial stands at w − ηg, and its number says so."""
    loss = film_a.whisker_loss()
    story = KnobsStory(loss, film_a.KNOBS, rate=0.1)
    made = KnobPanel(NIGHT, {n: story.step.quantity(f"from/{n}") for n in loss.inputs}, Area(-6.2, 3.2, -2.7, 3.5))
    made.appear()
    turn = made.turn({n: story.step.quantity(f"to/{n}") for n in loss.inputs})
    for animation in turn.animations:
        animation.begin(), animation.interpolate(1.0), animation.finish()
    for name in loss.inputs:
        expected = film_a.KNOBS[name] - 0.1 * story.slopes[name]
        assert made.dials[name].value == pytest.approx(expected)
        assert made.numbers[name].quantity.value == pytest.approx(expected)
    assert len(made.names) == 13 and made.form.size > 0  # thirteen dials still have names, values and screens


@pytest.mark.parametrize("count", [1, 2, 4, 6, 9, 13, 16, 30, 64])
def test_panels_of_every_size_fit_their_room(count):
    """Inside the area, no dial over another."""
    made = panel({f"k{i}": math.sin(i) for i in range(count)})
    centres = np.array([d.centre[:2] for d in made.dials.values()])
    reach = made.form.radius * 1.3
    assert (centres[:, 0] - reach >= ROOM.left - 1e-6).all() and (centres[:, 0] + reach <= ROOM.right + 1e-6).all()
    assert (centres[:, 1] - reach >= ROOM.bottom - 1e-6).all() and (centres[:, 1] + reach <= ROOM.top + 1e-6).all()
    if count > 1:
        gaps = np.hypot(*(centres[:, None] - centres[None]).transpose(2, 0, 1)) + 9 * np.eye(count)
        assert gaps.min() >= 2 * reach - 1e-6


def test_a_field_of_many():
    """Above 64: angles are values, arcs are slopes, the turn ends at the next values; too many are refused."""
    rng = np.random.default_rng(1)
    values, slopes = rng.uniform(-1, 1, 2410), rng.normal(size=2410)
    field = KnobField(NIGHT, values, ROOM, limit=1.0)
    field.appear()
    assert field.angles(values) == pytest.approx(np.pi / 2 - SWEEP / 2 * values)
    field.hints(slopes)
    assert field.spans == pytest.approx(-slopes / np.abs(slopes).max() * LONGEST)
    notches = field.notches.points.reshape(-1, 4, 3)
    way = notches[:, 3] - notches[:, 0]
    assert np.cos(np.arctan2(way[:, 1], way[:, 0]) - field.angles(values)) == pytest.approx(1.0)
    for animation in field.turn(values * 0.5).animations:
        animation.begin(), animation.interpolate(1.0)
    assert field.values == pytest.approx(values * 0.5)
    with pytest.raises(StageError, match="4000"):
        KnobField(NIGHT, np.zeros(MOST_IN_FIELD + 1), ROOM)
    with pytest.raises(StageError, match="shown as a field"):
        panel({f"k{i}": 0.0 for i in range(65)})


def test_serif_numbers_keep_their_left_end():
    """Digits are equally wide, and a rolling number does not tremble."""
    number = SerifNumber(Quantity("test", "a", -0.25), NIGHT.knob, 36, decimals=2).set_baseline(1.0, 2.0)
    assert number.provenance[0].text == "−0.25"
    base = number.points[:, 1].min()
    number.set_text("−0.88")
    assert number._left == pytest.approx((1.0, 2.0)) and number.points[:, 1].min() == pytest.approx(base, abs=0.01)
    assert serif_line("1.23·10⁻⁷", 36)[0].shape[1] == 3


@pytest.mark.parametrize("values", [[0.0], [1e-9], [3e7, -2.0], [0.25, 1.0]])
def test_sweeps_hold_their_values(values):
    """And are symmetric, so that straight up is zero."""
    low, high = sweep_for(values)
    assert low == -high < 0 and all(low <= v <= high for v in values)


# The clip -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["wide", "square", "tall"])
def test_knobs_on_its_default(run, shape):
    """Lint clean in every shape; the story's numbers are those of film B."""
    scene = run(clip_class("knobs"), shape=shape)
    check(scene)
    story = scene.story
    assert story.step.at == CHAIN_AT and story.step.before == pytest.approx(0.25)
    assert story.slopes == pytest.approx({"w1": -1.05, "b1": -0.7, "w2": -1.0, "b2": -1.0})
    assert "change of −0.18" in " ".join(b.words for b in scene.beats)


@pytest.mark.parametrize("number", range(3))
def test_knobs_on_other_functions(run, number):
    """On paper too."""
    check(run(clip_class("knobs"), theme="paper", **INPUTS["knobs"][number]))


def test_knobs_refuses_in_a_sentence():
    """A name that is no input; too many inputs; a corner."""
    for parameters, sentence in (
        ({"function": "x*y", "at": "x=1,z=2"}, "no|z"),
        ({"function": "+".join(f"k{i}**2" for i in range(65))}, "64"),
        ({"function": "abs(x) + y", "at": "x=0,y=1"}, "0"),
    ):
        with pytest.raises((StageError, EngineError), match=sentence):
            clip_class("knobs").configured(**parameters)(skip_animations=True).render()


def test_level_ground_is_told(run):
    """Zero slopes: nothing to turn, no traceback."""
    scene = run(clip_class("knobs"), function="x**2 + y**2", at="x=0,y=0")
    assert "Every slope is zero" in scene.beats[-1].words
