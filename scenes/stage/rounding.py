"""How a number is printed: the same rounding on screen, in captions, in the manifest and when a manifest is verified."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Context, Decimal

MINUS = "−"
_EXACT = Context(prec=400)  # enough for the largest number with all its digits
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def decimals_for(value: float) -> int | None:
    """Decimals that show two or three digits that matter; None asks for a power of ten. Short exact values stay short.

    >>> [decimals_for(v) for v in (6.0, 0.5, 1.5682, 0.0312, 123.46, 4e-7)]
    [0, 1, 2, 3, 1, None]
    """
    size = abs(value)
    if size >= 1e6 or (0 < size < 9.5e-4):
        return None
    most = 0 if size >= 1000 else 1 if size >= 100 else 2 if size >= 0.095 or size == 0 else 3 if size >= 0.0095 else 4
    for decimals in range(most):
        if math.isclose(value, round(value, decimals), rel_tol=1e-12):
            return decimals
    return most


def shown(value: float, decimals: int | None = None, *, auto: bool = True) -> str:
    """The printed form: half-even, a true minus sign, no minus before zero. `auto` chooses the decimals from the value.

    >>> shown(-0.75), shown(2.5, 0), shown(-0.001, 2), shown(1234567.0)
    ('−0.75', '2', '0.00', '1.23·10⁶')
    """
    if math.isnan(value):
        return "undefined"
    if math.isinf(value):
        return MINUS + "∞" if value < 0 else "∞"
    if decimals is None and auto:
        decimals = decimals_for(value)
    if decimals is None:
        return _power_of_ten(value)
    text = str(Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN, _EXACT))
    text = format(Decimal(text), "f")
    if not text.strip("-0."):
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def places_for(value: float, decimals: int | None) -> int | None:
    """So many decimals; as many as the value needs by itself with None, or where it would read as a bare zero.

    >>> places_for(0.5, 2), places_for(0.5, None), places_for(0.0312, 1), places_for(0.0, 1)
    (2, 1, 3, 1)
    """
    lost = decimals is not None and value and not shown(value, decimals, auto=False).strip(f"{MINUS}0.")
    return decimals_for(value) if decimals is None or lost else decimals


def _power_of_ten(value: float) -> str:
    mantissa, exponent = f"{value:.2e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".")
    power = str(int(exponent)).translate(SUPERSCRIPTS)
    head = "" if mantissa == "1" else MINUS if mantissa == "-1" else mantissa.replace("-", MINUS) + "·"
    return f"{head}10{power}"


def read_back(text: str) -> float:
    """The number that a printed form says.

    >>> read_back("−0.75"), read_back("1.23·10⁶")
    (-0.75, 1230000.0)
    """
    plain = text.replace(MINUS, "-").replace("∞", "inf").replace("undefined", "nan")
    if "10" in plain and any(c in plain for c in "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"):
        cut = max(i for i in range(len(plain)) if plain[i] in "01" and plain[: i + 1].endswith("10"))
        head, power = plain[: cut - 1].rstrip("·"), plain[cut + 1 :]
        back = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
        factor = {"": "1", "-": "-1"}.get(head, head)
        return float(f"{factor}e{power.translate(back)}")
    return float(plain)


def closes(result: str, recomputed: float) -> bool:
    """Whether arithmetic on the shown numbers gives the shown result at the result's own number of decimals.

    >>> closes("1.10", 1.5 * 0.73), closes("19.36", 100 * 0.19)
    (True, False)
    """
    if "·" in result or not result.replace(MINUS, "").replace(".", "").isdigit():
        return math.isclose(read_back(result), recomputed, rel_tol=5e-3)
    decimals = len(result.partition(".")[2])
    half = 0.5 * 10**-decimals
    return abs(read_back(result) - recomputed) <= half * (1 + 1e-9)
