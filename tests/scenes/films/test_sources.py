"""The list of sources at a film's end: all that its chapters show of others, nothing else, large enough to be read."""

from __future__ import annotations

from typing import Any

import pytest
from manim import tempconfig

from chainreel.engine.claims import TABLE, cited, references
from chainreel.rendering.films import shot_of
from chainreel.rendering.settings import Settings
from chainreel.rendering.stills import rehearsed
from chainreel.rendering.transcript import transcript
from chainreel.scenes.films.catalogue import FILMS
from chainreel.scenes.films.sources import SourceList
from chainreel.scenes.stage.area import Area
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.theme import theme_named

FILM = FILMS["who-is-to-blame"]
ROOM = Area(-0.5, 6.26, -2.66, 3.3)
FRAME = {"frame_width": 8 * 854 / 480, "frame_height": 8.0}


def made(lines: list[str], area: Area = ROOM, theme: str = "night") -> SourceList:
    with tempconfig(FRAME):
        return SourceList(theme_named(theme), lines, area)


@pytest.mark.slow
@pytest.mark.parametrize("chapter", FILM.chapters, ids=lambda c: c.slug)
def test_a_chapter_declares_the_claims_that_it_shows(chapter: Any) -> None:
    """What the catalogue says of it is what its ledger has: so the list at the end leaves nothing out."""
    score = rehearsed(shot_of(FILM, chapter), Settings(160, 90, 10))
    assert set(score.claims) == set(chapter.claims)


def test_every_source_has_one_line_and_every_claim_a_source() -> None:
    lines = references(FILM.claims)
    assert len(lines) == len({TABLE[claim].chip for claim in FILM.claims}) == len(set(lines))
    for claim in FILM.claims:
        assert sum(TABLE[claim].chip in line for line in lines) == 1 and TABLE[claim].source


def test_a_year_counts_only_where_it_stood_itself() -> None:
    """Leibniz and Cauchy were read in the same place."""
    assert cited(["via Schmidhuber 2022"], {"descent"}) == ["descent"]
    assert cited(["our own drawings, not photographs"], {"descent"}) == []


@pytest.mark.parametrize("theme", ["night", "paper"])
def test_lines_stand_below_each_other_inside_their_room(theme: str) -> None:
    figure = made(references(FILM.claims), theme=theme)
    figure.appear()
    tops = [float(row.get_top()[1]) for row in figure.rows]
    lows = [float(row.get_bottom()[1]) for row in figure.rows]
    assert all(low > top for low, top in zip(lows, tops[1:], strict=False))
    assert lows[-1] >= ROOM.bottom and float(figure.get_right()[0]) <= ROOM.right + 1e-6
    assert min(label.font_size for row in figure.rows for label in row) >= 22
    assert all(line in figure.description for line in figure.lines)


def test_many_sources_get_smaller_type_and_too_many_are_refused() -> None:
    lines = references(FILM.claims)
    assert made(lines[:2]).rows[0][0].font_size > made(lines).rows[0][0].font_size >= 22 or len(lines) < 8
    with pytest.raises(StageError, match="no room in one list"):
        made(lines * 4)
    with pytest.raises(StageError, match="cites nobody"):
        made([])


def test_the_transcript_ends_with_the_sources_in_full() -> None:
    text = transcript("t", "", [], sources=[TABLE["descent"].source, TABLE["mnist"].source, TABLE["descent"].source])
    assert text.endswith(f"Sources\n- {TABLE['descent'].source}\n- {TABLE['mnist'].source}\n")
    assert "Sources" not in transcript("t", "", [])
