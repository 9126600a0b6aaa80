"""Printed numbers: what they say can be read back, closes, and never shows a false digit."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainreel.scenes.stage.rounding import MINUS, closes, decimals_for, read_back, shown

numbers = st.floats(min_value=-1e12, max_value=1e12, allow_nan=False)


@given(numbers)
def test_a_printed_number_says_the_value_to_its_last_digit(value):
    """Reading a printed number back differs from the value by at most half a unit of its last digit."""
    text = shown(value)
    back = read_back(text)
    if "10" in text and any(c in text for c in "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"):
        assert back == pytest.approx(value, rel=0.006)
    else:
        half = 0.5 * 10 ** -len(text.partition(".")[2])
        assert abs(Decimal(repr(back)) - Decimal(repr(value))) <= Decimal(half) * Decimal("1.0000001")


@given(numbers, st.integers(0, 8))
def test_no_hyphen_and_no_minus_zero(value, decimals):
    """The minus sign is a true one, and zero never wears it."""
    text = shown(value, decimals)
    assert "-" not in text
    assert not (text.startswith(MINUS) and not text.strip(MINUS + "0."))


def test_halves_go_to_the_even_digit():
    """R19: half-even, so that rounding has no drift."""
    assert [shown(v, 0) for v in (0.5, 1.5, 2.5)] == ["0", "2", "2"]
    assert shown(0.125, 2) == "0.12"


def test_noise_of_floats_does_not_show():
    """24.199999999999996 is 24.2 to a viewer."""
    assert shown(24.199999999999996) == "24.2"
    assert shown(-88.00000000000001) == "−88"


@pytest.mark.parametrize(
    "value, decimals", [(0.0, 0), (3.0, 0), (0.25, 2), (1 / 3, 2), (123.456, 1), (4321.6, 0), (0.04321, 3)]
)
def test_decimals_follow_the_size(value, decimals):
    """Large numbers need fewer decimals, small ones more."""
    assert decimals_for(value) == decimals


def test_closure():
    """R20: 1.5 · 0.73 = 1.095 shows 1.10 and closes; 100 · 0.19 does not close to 19.36."""
    assert closes("1.10", 1.5 * 0.73)
    assert not closes("19.36", 100 * 0.19)
