"""What is written about a film for people: titles of slides, names of numbers."""

from __future__ import annotations

import pytest

from chainreel.engine import Function
from chainreel.rendering.pack.naming import Names, assigned, formula
from chainreel.rendering.pack.titles import titled, told_apart
from chainreel.rendering.pack.words import NAMES, spoken

NETWORK = {"kind": "pass", "net": {"layers": [{"outputs": 3}, {"outputs": 1}]}}


@pytest.mark.parametrize(
    ("title", "words", "made"),
    [
        ("the gradient", "One sweep back.", "The gradient"),
        ("q", "Then q is one half.", "Forward: q"),
        ("predict", "Look at it. Which one wins?", "Which one wins?"),
        ("title", "This is f.", "Forward"),
        ("", "The price is one run forward and one back; nudging costs thirteen runs more.", None),
        ("", "So we step that way, again and again.", "We step that way, again and again"),
        ("", " ".join(["word"] * 40) + ".", "Forward, part 3"),
        ("", "", "Forward, part 3"),
    ],
)
def test_a_slide_has_a_short_title_that_is_no_half_sentence(title, words, made):
    """Its own, its question, its first words up to a stop – or its place, rather than words that are cut."""
    result = titled(title, words, "A film", "forward", {"q"}, 3)
    assert result == (made or "The price is one run forward and one back") and len(result) <= 60


def test_titles_can_be_told_apart():
    """By their chapters where they are short, else by numbers."""
    titles = ["Learning", "The result", "The result", "Learning", "Learning"]
    chapters = ["A chapter whose name is far too long", "forward", "descent", "descent: really", "descent: really"]
    made = told_apart(titles, chapters)
    assert made == ["Learning", "Forward: the result", "Descent: the result", "Descent: learning", "Descent: learning (2)"]


def test_numbers_are_called_by_names_and_not_by_keys():
    """No bracket, no slash, nothing left to be filled in – for every pattern there is."""
    for kind, patterns in NAMES.items():
        if kind in ("scale", "nudge"):
            continue
        for pattern in patterns:
            numbers = iter("1000000")
            key = "".join(next(numbers) if letter == "*" else letter for letter in pattern)
            name = spoken({**NETWORK, "kind": kind}, key)
            assert name and not set(name) & set("{}[]/_"), (kind, key, name)
    assert spoken(NETWORK, "weight/1[0,2]") == "weight from input 1 to unit 3"
    assert spoken({"kind": "scale", "models": ["resnet-50", "gpt-3"]}, "count/1") == "knobs of a text writer, GPT"
    assert spoken({"kind": "claims"}, "backprop") == "Rumelhart, Hinton, Williams: hidden units invent useful features"
    assert "Nature 323" in Names({"03 claims": {"kind": "claims"}}).of("03 claims", "backprop")[1]
    assert spoken({"kind": "nobody knows"}, "value/3") is None


def test_several_of_a_kind_say_which_they_are():
    """Two trainings have their labels; what there is once has none."""
    names = Names({"06 too big": {"kind": "training"}, "06 too small": {"kind": "training"}, "02 rule": {"kind": "cut"}})
    assert names.of("06 too big", "loss/200") == ("loss at step 200 (too big)", "")
    assert names.of("02 rule", "wrong") == ("wrong by the rule", "")
    curves = Names({"gap": {"kind": "response"}, "surprise": {"kind": "response"}})
    assert [curves.of("gap", key)[0] for key in ("value/0", "slope/0")] == ["gap", "slope of gap"]


def test_a_formula_names_only_what_its_text_names():
    """In "u = x*y" and what follows, the steps between have names that nobody saw."""
    text = "u = x*y\n(u + 1) * (u - x) - u/(x*y)"
    described = {"kind": "trace", "function": {"origin": text}}
    trace = Function.of(text).trace({"x": 2.0, "y": 3.0})
    assert formula(trace.output, assigned(described)) == f"{trace.output.name} = (u + 1)·(u − x) − u/(x·y)"
