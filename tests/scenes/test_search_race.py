"""S16: counters are those of the log, all begin at one loss, kept tries go down; and a second count agrees."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from chainreel.engine import EngineError
from chainreel.engine.audit import audit
from chainreel.engine.learning.search_race import Dilution, SearchRace
from chainreel.scenes.clips import clip_class
from chainreel.scenes.figures.search_race import Closeup, Counter, DialsCurve, Knobs, SearchPlot, Settings
from chainreel.scenes.stage.area import Area
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.theme import NIGHT

from .checks import check
from .inputs import INPUTS

ROOM = Area(-3.6, 6.2, -2.7, 3.5)
VALLEY = "(a + b + c + d - 1)**2 + (a - b)**2/8 + (b - c - 1)**2/8 + (c - d + 1)**2/8"
START = {"a": -1.5, "b": 1.0, "c": -1.0, "d": 1.5}


@pytest.fixture(scope="module")
def race() -> SearchRace:
    return SearchRace(VALLEY, START, [0.05, 0.2], [0, 1], 600)


def test_counters_are_those_of_the_log(race: SearchRace) -> None:
    plot = SearchPlot(race, NIGHT, ROOM)
    log = race.search(0)
    assert log.tried == len(log.trials) and log.kept == sum(t.kept for t in log.trials)
    for what in ("tried", "kept"):
        counter = Counter(NIGHT, plot, what, NIGHT.muted, np.zeros(3))
        for k in (0, 1, 7, 100):
            counter.reach(k)
            assert counter.count == (k if what == "tried" else sum(t.kept for t in log.trials[:k]))
        counter.reach(log.tried)
        assert counter.count == getattr(log, what) and counter.number.text == counter.number.settled


def test_every_try_has_a_mark_and_kept_ones_go_down(race: SearchRace) -> None:
    plot = SearchPlot(race, NIGHT, ROOM)
    log = race.search(0)
    assert len(plot.kept.places) == log.kept and len(plot.undone.places) == log.tried - log.kept
    assert (np.diff(plot.kept.places[:, 1]) < 1e-12).all()
    plot.kept.reach(50)
    assert len(plot.kept.points) == len(plot.kept.stamp) * sum(t.kept for t in log.trials[:50])
    x = (plot.kept.places[3, 0] - plot.view.box[0]) / plot.view.scale[0] + plot.view.x[0]
    number = [k for k, t in enumerate(log.trials, 1) if t.kept][3]
    assert 10**x == pytest.approx(number)


def test_all_runs_begin_at_the_same_loss(race: SearchRace) -> None:
    plot = SearchPlot(race, NIGHT, ROOM)
    plot.guided()
    begin = plot.place(0, race.start_loss)[:2]
    assert plot.guided_points[0] == pytest.approx(begin) and plot.stair.places[0] == pytest.approx(begin)
    assert plot._stair(race.search(1)).places[0] == pytest.approx(begin)
    assert race.guided.losses[0] == race.start_loss and all(
        np.array_equal(s.start, list(START.values())) for s in race.searches.values()
    )


def test_dials_stand_where_the_search_stands(race: SearchRace) -> None:
    knobs = Knobs(NIGHT, race, Area(-6.2, -4.0, -2.7, 3.5))
    log = race.search(0)
    knobs.reach(log.tried)
    assert [d.value for d in knobs.dials] == pytest.approx(list(log.point))
    knobs.reach(0)
    undone = next(k for k, t in enumerate(log.trials, 1) if not t.kept)
    knobs.reach(undone - 1)
    before = [d.value for d in knobs.dials]
    assert len(knobs.nudge(undone)) == 2 and [d.value for d in knobs.dials] == pytest.approx(before)


def test_settings_are_counted_on_wheels_and_dials() -> None:
    settings = Settings(NIGHT, ["a", "b", "c"], ROOM, positions=10)
    settings.turn(271)
    assert len(settings.wheels) == 3 and [round((d.value + 0.5) * 9) for d in settings.dials] == [2, 7, 1]
    assert len(Settings(NIGHT, [f"w{i}" for i in range(2410)], ROOM).wheels) == 2 * len(Settings(NIGHT, "abcdef", ROOM).dials)


def test_from_near_kept_tries_go_down_and_undone_ones_stand_above(race: SearchRace) -> None:
    plot = SearchPlot(race, NIGHT, ROOM)
    near = Closeup(plot)
    for k in range(1, 7):
        level = near.place(k, near.standing)[1]
        near.mark(k)
        mark = near.submobjects[-1].get_center()
        assert (mark[1] < level) == plot.log.trials[k - 1].kept
        assert near.room.left <= mark[0] <= near.room.right + 1e-9


@pytest.mark.parametrize(
    "key",
    ["start", "goal", "lowest", "guided", "rate", "settings", "tried/0/1", "kept/1/0", "share/0/0", "end/0/0", "arrived/0"],
)  # fmt: skip
def test_numbers_hold_a_second_computation(race: SearchRace, key: str) -> None:
    again = SearchRace.rebuild(race.describe())
    assert again.lookup(key) == race.lookup(key)
    assert audit(race.describe(), key).agrees(race.lookup(key))


def test_luck_thins_out_and_the_count_holds() -> None:
    dilution = Dilution((4, 16, 32), (0, 1, 2))
    for knobs in dilution.knobs:
        for what in ("blind", "guided"):
            key = f"{what}/{knobs}"
            assert audit(dilution.describe(), key).agrees(dilution.lookup(key))
    assert dilution.counts[32][0] > 2 * dilution.counts[4][0] > dilution.counts[32][1]
    figure = DialsCurve(dilution, NIGHT, ROOM)
    for knobs, mark in zip(dilution.knobs, figure.rows["blind"][2], strict=True):
        (sx, sy), view = figure.view.scale, figure.view
        place = mark.get_center()
        assert 10 ** (view.x[0] + (place[0] - view.box[0]) / sx) == pytest.approx(knobs)
        assert 10 ** (view.y[0] + (place[1] - view.box[2]) / sy) == pytest.approx(dilution.counts[knobs][0])


def test_more_settings_than_a_float_can_count() -> None:
    text = " + ".join(f"x{i}**2" for i in range(60))
    race = SearchRace(text, {f"x{i}": 1.0 for i in range(60)}, [0.1], [0], 5, rate=0.1, positions=10**6)
    assert math.isinf(race.lookup("settings"))


@pytest.mark.parametrize("shape", ["wide", "square", "tall"])
def test_the_clip(run: Any, shape: str) -> None:
    check(run(clip_class("search"), shape=shape, theme="paper" if shape == "square" else "night", seeds="0", knobs="4,8"))


@pytest.mark.parametrize("asked", INPUTS["search"])
def test_the_clip_with_other_functions(run: Any, asked: dict[str, Any]) -> None:
    check(run(clip_class("search"), **asked))


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"function": "x**2", "start": "x=0"}, "finds no lower loss"),
        ({"function": "x**2", "nudges": "0.1,0.1"}, "names one twice"),
        ({"function": "x**2", "start": "y=1"}, "names y"),
        ({"function": "x**2", "budget": "3"}, "at least 10"),
        ({"function": "x**2", "nudges": "1,2,3,4,5"}, "as many as are shown"),
    ],
)
def test_refusals(run: Any, asked: dict[str, Any], sentence: str) -> None:
    with pytest.raises((StageError, EngineError), match=sentence):
        run(clip_class("search"), **asked)
