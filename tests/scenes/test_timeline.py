"""S22 and the clip `timeline`: every tick has a source, years run forward, distances in years stand between them."""

from __future__ import annotations

import pytest

from chainreel.engine import EngineError, Quantity
from chainreel.engine.claims import HISTORY, TABLE, Claims
from chainreel.scenes.clips import clip_class
from chainreel.scenes.clips.timeline import history, read_rows
from chainreel.scenes.figures.card_strip import SourceChip
from chainreel.scenes.figures.timeline import Tick, Timeline
from chainreel.scenes.stage.area import Area
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.theme import NIGHT

from .checks import check
from .inputs import INPUTS

ROOM = Area(-6.2, 6.2, -2.7, 3.5)


def tick(year, text="an event", source="a book", **more):
    """A tick with a year of a test's own."""
    return Tick(Quantity("test", f"y/{year}", float(year)), text, source, **more)


@pytest.mark.parametrize("wide", [True, False])
def test_every_tick_has_its_source(wide):
    """Each card carries the chip of its tick; a tick without one is refused."""
    line = Timeline(NIGHT, history(Claims()), ROOM if wide else Area(-3.5, 3.5, -4.8, 6.2), wide=wide)
    line.appear()
    line.make_room()
    for k, name in enumerate(HISTORY):
        line.tell(k)
        chips = [m for m in line.card.get_family() if isinstance(m, SourceChip)]
        assert [c.text for c in chips] == [TABLE[name].chip] and line.card in line.submobjects
        assert line.card.get_left()[0] >= line.area.left - 1e-6 and line.card.get_right()[0] <= line.area.right + 1e-6
        assert line.card.get_top()[1] <= line.area.top + 0.05 and line.card.get_bottom()[1] >= line.area.bottom - 0.05
    with pytest.raises(StageError, match="names no source"):
        Timeline(NIGHT, [tick(1900), tick(1950, source=" ")], ROOM)


def test_ticks_stand_in_the_order_of_their_years():
    """From left to right, from top to bottom; backwards is refused."""
    ticks = [tick(y) for y in (1676, 1847, 1986)]
    xs = [p[0] for p in Timeline(NIGHT, ticks, ROOM).places]
    ys = [p[1] for p in Timeline(NIGHT, ticks, ROOM, wide=False).places]
    assert xs == sorted(xs) and ys == sorted(ys, reverse=True)
    with pytest.raises(StageError, match="forward"):
        Timeline(NIGHT, ticks[::-1], ROOM)


def test_years_between_are_differences():
    """The numbers between two ticks are those of the years."""
    for before, after in zip(history(Claims()), history(Claims())[1:], strict=False):
        assert after.gap.value == after.year.value - before.year.value


def test_reading_a_history(tmp_path):
    """In the order of the years; what is wrong is said with its event."""
    path = tmp_path / "h.csv"
    path.write_text("year,text,source\n1990,b,s\n1950,a,t\n")
    assert read_rows(str(path)) == [(1950.0, "a", "t"), (1990.0, "b", "s")]
    for text, sentence in (
        ("1950,a,s\n1960,b,\n", "no source"), ("1950,a\n1960,b\n", "2 parts"), ("1950,a,s\n", "1 events"),
        ("1950,a,s\nsoon,b,t\n", "'soon' is no year"),
        ("\n".join(f"{1950 + k},e,s" for k in range(10)), "10 events"),
    ):  # fmt: skip
        path.write_text(text)
        with pytest.raises(StageError, match=sentence):
            read_rows(str(path))


# The clip -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["wide", "square", "tall"])
def test_timeline_on_its_default(run, shape):
    """Lint clean; all six years are in the manifest."""
    scene = run(clip_class("timeline"), shape=shape)
    check(scene)
    keys = {n.key for n in scene.ledger.numbers}
    assert set(HISTORY) <= keys and scene.ledger.sources["claims"]["kind"] == "claims"


@pytest.mark.parametrize("number", range(2))
def test_timeline_of_a_users_own(run, number):
    """From a file, in both themes."""
    check(run(clip_class("timeline"), **INPUTS["timeline"][number]))


def test_timeline_refuses_in_a_sentence(tmp_path):
    """A file that is not there, and a text that is too long for a card."""
    path = tmp_path / "h.csv"
    path.write_text("1950,one two three four five six seven eight nine ten eleven twelve thirteen,s\n1960,b,t\n")
    for parameters, sentence in (({"file": "nowhere.csv"}, "not there"), ({"file": str(path)}, "13 words")):
        with pytest.raises((StageError, EngineError), match=sentence):
            clip_class("timeline").configured(**parameters)(skip_animations=True).render()
