"""S1 and the clip `cards`: few words, a source for every claim, four icons of our own, a ring that turns the right way."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from chainreel.engine import EngineError
from chainreel.scenes.clips import clip_class
from chainreel.scenes.figures.card_strip import (
    MOVES,
    ROLE,
    CardStrip,
    ClaimCard,
    QuestionCard,
    RecapRing,
    RouteMap,
    SourceChip,
    TitleCard,
    few_words,
    icon,
    wrapped,
)
from chainreel.scenes.stage.area import Area
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.theme import NIGHT, PAPER
from chainreel.scenes.stage.type import Label

from .checks import check
from .inputs import INPUTS

ROOM = Area(-6.2, 6.2, -2.7, 3.5)
LONG = "one two three four five six seven eight nine ten eleven twelve thirteen"


def labels(figure):
    """Everything that is written on it."""
    return [m for m in figure.get_family() if isinstance(m, Label)]


@pytest.mark.parametrize(
    "make",
    [
        lambda text: TitleCard(NIGHT, ROOM, text),
        lambda text: QuestionCard(NIGHT, ROOM, text),
        lambda text: ClaimCard(NIGHT, ROOM, "", text, "a book"),
        lambda text: CardStrip(NIGHT, ROOM, [text]),
        lambda text: RouteMap(NIGHT, ROOM, text.split()[:7] + [" ".join(text.split()[7:])] if len(text) > 60 else text.split()),
    ],
)
def test_at_most_twelve_words_stand_on_a_card(make):
    """Twelve fit, thirteen are refused in a sentence."""
    make("six words fit on one card")
    with pytest.raises(StageError, match="12|two to seven"):
        make(LONG)


def test_a_claim_has_its_source_chip():
    """On the card, lower left; without a source there is no card."""
    card = ClaimCard(NIGHT, ROOM, "25 million", "people", "a book, 2020")
    assert isinstance(card.chip, SourceChip) and card.chip.text == "a book, 2020"
    assert card.chip.get_left()[0] == pytest.approx(ROOM.left) and card.chip.get_bottom()[1] == pytest.approx(ROOM.bottom)
    card.appear()
    assert card.chip in card.submobjects
    with pytest.raises(StageError, match="source"):
        ClaimCard(NIGHT, ROOM, "25 million", "people", " ")
    with pytest.raises(StageError, match="empty"):
        few_words("  ")


@pytest.mark.parametrize("theme", [NIGHT, PAPER])
def test_icons_differ_by_shape_and_wear_their_roles(theme):
    """Four outlines, four role colours."""
    shapes = {move: icon(theme, move) for move in MOVES}
    counts = {move: sum(len(p.points) for p in sign.get_family()) for move, sign in shapes.items()}
    assert len(set(counts.values())) == 4
    for move, sign in shapes.items():
        colours = {p.get_stroke_color().to_hex() for p in sign.get_family() if p.get_stroke_width() > 0}
        colours |= {p.get_fill_color().to_hex() for p in sign.get_family() if p.get_fill_opacity() > 0}
        assert theme.role(ROLE[move]).upper() in {c.upper() for c in colours}, move
    with pytest.raises(StageError, match="no move"):
        icon(theme, "backward")


def test_the_ring_runs_clockwise_in_the_order_of_the_moves():
    """Each arrow ends nearer to the next round than it began, and turns clockwise."""
    ring = RecapRing(NIGHT, (1.0, 0.5), 1.8)
    for move, following in itertools.pairwise((*MOVES, MOVES[0])):
        arc = ring.arrows[move][0]
        start, end = arc.get_start() - ring.centre, arc.get_end() - ring.centre
        assert start[0] * end[1] - start[1] * end[0] < 0
        goal = ring.rounds[following][0].get_center() - ring.centre
        assert np.hypot(*(end - goal)[:2]) < np.hypot(*(start - goal)[:2])
    ring.appear()
    ring.light("blame")
    assert ring.lit == "blame" and ring.word.text == "blame"
    ring.light("step")
    assert ring.lit == "step" and sum(m is ring.word for m in ring.submobjects) == 1


def test_words_wrap_and_fit():
    """No line is wider than the room, and no word is lost."""
    text = "a rather long text that has to be broken into lines"
    for width in (2.0, 4.0, 9.0):
        made = wrapped(text, NIGHT.ink, 30, width)
        assert made.width <= width and " ".join(line.text for line in made) == text


def test_a_map_has_its_marker_on_a_stop():
    """It moves there, and nowhere else."""
    way = RouteMap(NIGHT, ROOM, ["points", "error", "slopes"])
    way.appear()
    way.go(1)
    assert way.marker.get_center() == pytest.approx(way.places[1], abs=1e-6)
    with pytest.raises(StageError, match="3 stops"):
        way.go(3)


# The clip -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["wide", "square", "tall"])
def test_cards_on_their_defaults(run, shape):
    """Lint clean in every shape, on paper too."""
    check(run(clip_class("cards"), shape=shape, theme="paper" if shape == "square" else "night"))


@pytest.mark.parametrize("number", range(3))
def test_cards_of_a_users_own(run, number):
    """A title with a number, a claim of one's own, a claim of the table with a map."""
    check(run(clip_class("cards"), shape="tall" if number == 1 else "wide", **INPUTS["cards"][number]))


@pytest.mark.parametrize(
    "parameters, sentence",
    [
        ({"claim": "half of all people"}, "no source"),
        ({"claim": "resnet-51"}, "did you mean 'resnet-50'"),
        ({"claim": "gpt-3", "source": "me"}, "its own source"),
        ({"title": LONG}, "13 words"),
        ({"subtitle": "alone"}, "belongs to --title"),
        ({"map": "a; b", "stop": "3"}, "2 stops"),
        ({"lines": ";"}, "empty"),
        ({"test": "a;b;c;d;e;f;g"}, "6 fit"),
        ({"title": "x", "move": "sideways"}, "can be"),
    ],
)
def test_cards_refuse_in_a_sentence(parameters, sentence):
    """Each says what is wrong."""
    with pytest.raises((StageError, EngineError), match=sentence):
        clip_class("cards").configured(**parameters)(skip_animations=True).render()
