"""Words and formulas: bundled fonts, no typed numbers, and every glyph knows what it stands for."""

import pytest

from chainreel.engine import Function, Quantity, formula
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.formula import Formula, number_source, typeset
from chainreel.scenes.stage.number import Number, Phrase
from chainreel.scenes.stage.theme import NIGHT
from chainreel.scenes.stage.type import CAPITAL, Label, set_line


def test_capitals_have_the_height_that_r14_counts_on():
    """Size 22 gives at least 13 px of capital height at 480 lines (60 px per unit)."""
    assert Label("H", NIGHT.ink, 22).height * 60 >= 13
    assert abs(Label("H", NIGHT.ink, 72).height - CAPITAL) < 0.01


def test_figures_are_tabular():
    """All digits are equally wide, so a rolling number does not tremble."""
    widths = [set_line(d, 28, "semibold")[1] for d in "0123456789"]
    assert max(widths) - min(widths) < 0.001  # a twentieth of a pixel


def test_typed_numbers_are_refused():
    """R18: a digit in words, and a plain float as a number, are errors."""
    with pytest.raises(StageError, match="typed number"):
        Label("41 steps", NIGHT.ink)
    with pytest.raises(StageError, match="typed number"):
        Phrase("41 steps", NIGHT.ink)
    with pytest.raises(StageError, match="typed number"):
        Number(41.0, NIGHT.ink)
    with pytest.raises(StageError, match="typed number"):
        Phrase("{n} steps", NIGHT.ink, n=41)
    phrase = Phrase("{n} steps", NIGHT.ink, n=Quantity("descent", "steps", 41.0))
    assert phrase.text == "41 steps" and phrase.provenance[0].text == "41"


def test_sizes_below_the_floor_are_refused():
    """R14: nothing is set smaller than a viewer in the last row can read."""
    with pytest.raises(StageError, match="floor"):
        Label("small", NIGHT.ink, 20)
    with pytest.raises(StageError, match="floor"):
        Formula(lambda mark: "x", NIGHT, 30)


def test_a_number_keeps_its_place_while_it_rolls():
    """The middle of the line does not move when the digits change."""
    number = Number(Quantity("trace", "value/0", 12.34), NIGHT.ink).move_to([1.0, 2.0, 0])
    number.set_text(number.settled)
    before = number.get_center()
    number.set_text("0.00")
    number.set_text(number.settled)
    assert abs(number.get_center() - before).max() < 1e-9


def test_marks_do_not_change_the_layout():
    """A coloured formula has the same outlines as a plain one."""
    trace = Function.of("sin(x*y) + x**2/(1 + y)").trace({"x": 1.5, "y": 0.5})
    plain, _ = typeset(formula(trace.output, lambda role, index, body: body))
    coloured = Formula(lambda mark: formula(trace.output, mark), NIGHT, 40)
    assert len(plain) == len(coloured)
    scale = 40 * 0.01045
    for a, b in zip(plain, coloured, strict=True):
        assert abs(a.points * scale - b.points).max() < 1e-6


def test_every_symbol_has_its_role():
    """Inputs are knobs in every place where they stand."""
    trace = Function.of("x*y + sin(x)").trace({"x": 1.0, "y": 2.0})
    made = Formula(lambda mark: formula(trace.output, mark), NIGHT, 40)
    knobs = [g for g in made if g.mark.role == "knob"]
    assert [g.mark.step for g in knobs] == [0, 1, 0]
    assert all(g.get_fill_color().to_hex() == NIGHT.knob for g in knobs)


def test_bad_typst_is_a_sentence():
    """A formula that cannot be set says which one."""
    with pytest.raises(StageError, match="cannot set the formula"):
        typeset("frac(")


@pytest.mark.parametrize("text", ["−0.75", "1.23·10⁶", "10⁻⁷", "−4·10⁻¹²", "∞", "42"])
def test_printed_numbers_can_be_typeset(text):
    """Every printed form is valid Typst."""
    typeset(number_source(text))
