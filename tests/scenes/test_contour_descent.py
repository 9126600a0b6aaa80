"""S15: the arrow crosses the line of equal loss at a right angle; paths and counters are the logs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chainreel.engine import Descent, Function
from chainreel.scenes.figures.contour_descent import ContourDescent, Race, Shrink
from chainreel.scenes.stage.area import Area
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.field import LINES, Field, level_line
from chainreel.scenes.stage.theme import NIGHT, PAPER

VALLEY = "(1-x)**2 + 100*(y-x**2)**2"
BOWL = "x**2 + 3*y**2 + x*y"


def figure_of(text: str, start: dict[str, float], ranges: dict | None = None, steps: int = 30, **kw: object) -> ContourDescent:
    f = Function.of(text)
    logs = {o: Descent.run(f, start, optimizer=o, steps=steps, **kw) for o in ("plain", "momentum", "adam")}  # type: ignore[arg-type]
    return ContourDescent(f, NIGHT, logs, ranges)


@settings(max_examples=12, deadline=None)
@given(
    st.sampled_from([BOWL, VALLEY, "sin(2*x) + y**2/2 + x*y/3"]),
    st.floats(-1.4, 1.4).map(lambda v: round(v, 2)), st.floats(-0.8, 1.4).map(lambda v: round(v, 2)),
    st.sampled_from([None, {"x": (-2.0, 2.0), "y": (-2.0, 2.0)}, {"x": (-2.0, 2.0), "y": (-30.0, 30.0)}]),
)  # fmt: skip
def test_the_arrow_is_perpendicular_to_the_line_of_equal_loss(text: str, x: float, y: float, ranges: dict | None) -> None:
    f = Function.of(text)
    assume(np.hypot(*f.trace({"x": x, "y": y}).gradient.values()) > 0.3)
    figure = figure_of(text, {"x": x, "y": y}, ranges, steps=4, rate=1e-3)
    line = level_line(figure.field, figure.start, 3e-4, figure.view.scale, n=3)  # from the mesh, not the slopes
    px, py = figure.view.map(line[:, 0], line[:, 1])
    along = np.array([px[-1] - px[0], py[-1] - py[0]])
    along /= np.hypot(*along)
    angle = np.degrees(np.arcsin(abs(along @ figure.arrow_direction())))
    assert angle <= 2.0


@settings(max_examples=8, deadline=None)
@given(st.floats(-1.4, 1.4), st.floats(-0.8, 1.4))
def test_the_level_line_stays_on_its_level(x: float, y: float) -> None:
    figure = figure_of(BOWL, {"x": x, "y": y}, {"x": (-2.0, 2.0), "y": (-2.0, 2.0)}, steps=2, rate=1e-3)
    line = level_line(figure.field, (x, y), 1.0, figure.view.scale)
    inside = (np.abs(line) <= 2).all(axis=1)
    losses = np.array([Function.of(BOWL)(*p) for p in line[inside]])
    assert np.abs(losses - Function.of(BOWL)(x, y)).max() <= 0.02 * figure.field.top


def test_paths_and_counters_are_the_logs() -> None:
    figure = figure_of(VALLEY, {"x": -1.2, "y": 1.0}, steps=80)
    race = Race(figure, 4.0)
    race.interpolate_mobject(0.25)
    step = int(0.25**race.ease * figure.length + 1e-9)
    for runner, row in zip(figure.runners, figure.rows, strict=True):
        assert row.count.text == str(min(step, runner.last))
        path = figure.path(runner)
        for k, state in enumerate(runner.descent.steps):
            assert path[k] == pytest.approx([state.point["x"], state.point["y"]])
    race.interpolate_mobject(1.0)
    for runner, row in zip(figure.runners, figure.rows, strict=True):
        assert row.count.text == str(runner.last) == row.count.settled
        assert row.count.quantity.value == runner.last == len(runner.descent.steps) - 1
        assert runner.trail is not None
        assert runner.trail.here == pytest.approx(figure.view.place(*figure.path(runner)[-1])[:2])


def test_plain_descent_hops_and_momentum_glides() -> None:
    figure = figure_of(BOWL, {"x": -2.0, "y": 1.5})
    plain, momentum, _ = (r.trail for r in figure.runners)
    assert plain is not None and momentum is not None
    before, between = plain.reach(2.0).here.copy(), plain.reach(2.7).here.copy()
    assert between == pytest.approx(before)
    before, between = momentum.reach(2.0).here.copy(), momentum.reach(2.7).here.copy()
    assert np.hypot(*(between - before)) > 1e-6


def test_who_is_there_stays_in_the_ring() -> None:
    figure = figure_of(BOWL, {"x": -2.0, "y": 1.5}, steps=300)
    goal = figure.view.place(*figure.goal_at)
    for runner in figure.runners:
        assert runner.there is not None
        end = figure.view.place(*figure.path(runner)[-1])
        assert np.hypot(*(end - goal)[:2]) <= 0.156


@pytest.mark.parametrize(
    ("text", "power"), [(BOWL, 0.5), (VALLEY, None), ("x + y", None), ("x**2 - y**2", None)]
)
def test_lines_show_the_form(text: str, power: float | None) -> None:
    """Levels q·n² for a bowl; in a valley of steep walls several lines lie under the start's loss in the valley itself."""
    figure = figure_of(text, {"x": -1.2, "y": 1.0}, {"x": (-2.0, 2.0), "y": (-1.0, 3.0)}, steps=3, rate=1e-4)
    levels = figure.field.levels
    assert len(levels) == LINES and np.all(np.diff(levels) > 0)
    if power is not None:
        assert figure.field.power == power
        n = np.arange(1, LINES + 1)
        assert levels - figure.field.low == pytest.approx(figure.field.top * (n / LINES) ** 2)
    if text == VALLEY:
        assert (levels < 5.0).sum() >= 3


@pytest.mark.parametrize("theme", [NIGHT, PAPER])
@pytest.mark.parametrize("text", ["x*0 + y*0 + 2", "log(x) + y**2", "1/(x*y)", VALLEY])
def test_any_map_can_be_painted(theme: object, text: str) -> None:
    """Flat functions, holes and poles are pictures too."""
    x = np.linspace(-1, 2, 61)
    values = Function.of(text).grid({"x": x, "y": x})
    pixels = Field(x, x, values).paint(theme, 4.0)(120, 90)  # type: ignore[arg-type]
    assert pixels.shape == (90, 120, 3) and np.isfinite(pixels).all() and 0 <= pixels.min() and pixels.max() <= 255
    if text.startswith("log"):  # the hole looks different from the map
        assert np.abs(pixels[:, :35].mean(axis=(0, 1)) - pixels[:, 60:].mean(axis=(0, 1))).max() > 4


def test_one_that_flies_off_leaves_the_map_and_says_so() -> None:
    figure = figure_of("x**2 + y**2", {"x": 1.0, "y": 1.0}, steps=20, rate=1.6)
    plain = figure.runners[0]
    assert plain.lost and plain.there is None and plain.trail is not None
    assert plain.trail.reach(plain.last).gone and plain.trail.head.get_fill_opacity() == 0
    figure.settle()
    assert figure.rows[0].state[0].text == "flew off"
    left, right, bottom, top = figure.view.box
    points = plain.trail.thread.points
    assert points[:, 0].min() >= left - 1e-6 and points[:, 0].max() <= right + 1e-6
    assert points[:, 1].min() >= bottom - 1e-6 and points[:, 1].max() <= top + 1e-6


def test_bars_make_the_same_room_for_words_and_stay_comparable() -> None:
    """Where the words take the bars' place, all bars shrink alike: lengths can be compared, and one group moves (R22)."""
    f = Function.of("x**2 + y**2")
    start = {"x": 1.0, "y": 1.0}
    logs = {o: Descent.run(f, start, optimizer=o, steps=20, rate=r) for o, r in (("plain", 1.6), ("momentum", 0.01))}
    figure = ContourDescent(f, NIGHT, logs, side=Area(-3.6, 3.6, -3.4, -1.3), columns=2)
    shrinks = [a for a in figure.settle() if isinstance(a, Shrink)]
    assert len({row.state[0].text for row in figure.rows}) == 2
    assert shrinks[0].width == shrinks[1].width
    for row, shrink in zip(figure.rows, shrinks, strict=True):
        shrink.interpolate(1.0)
        assert row.track.get_right()[0] <= row.state.get_left()[0] - 0.1


def test_refusals_are_sentences() -> None:
    start = {"x": 1.0, "y": 1.0}
    with pytest.raises(StageError, match="does not hold the start x = 1"):
        figure_of(BOWL, start, {"x": (2.0, 3.0)}, steps=2)
    with pytest.raises(StageError, match="--range names z"):
        figure_of(BOWL, start, {"z": (2.0, 3.0)}, steps=2)


@pytest.mark.parametrize("text", [BOWL, VALLEY, "x + 2*y", "sin(2*x) + y**2/2 + x*y/3"])
def test_the_compass_falls_most_against_the_arrow(text: str) -> None:
    figure = figure_of(text, {"x": -1.2, "y": 1.0}, steps=4, rate=1e-4)
    ways, changes = figure.nudges()
    assert ways[0] == pytest.approx(-figure.arrow_direction())
    assert int(np.argmin(changes)) == 0 and changes[0] < 0
    figure.compass()
    longest = max(figure.needles, key=lambda bar: max(bar.width, bar.height) if bar.get_fill_opacity() else 0.0)
    assert longest is figure.needles[0]
    assert [bar.get_fill_opacity() > 0 for bar in figure.needles] == [c < 0 for c in changes]
