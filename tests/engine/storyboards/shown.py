"""Whether a computed number is printed as the storyboard prints it."""

from __future__ import annotations

from decimal import Decimal


def shown(value: float, printed: str) -> bool:
    """Whether ``value`` rounds to ``printed``, at as many decimals as are printed (an exact half may go
    either way)."""
    digits = printed.replace("−", "-").replace(",", "").replace("+", "")
    half = 0.5 * 10.0 ** Decimal(digits).as_tuple().exponent
    return abs(float(value) - float(digits)) <= half * (1 + 1e-9)


def all_shown(values, printed: str) -> bool:
    """The same for a row of numbers, printed with spaces between them."""
    texts = printed.split()
    return len(texts) == len(list(values)) and all(shown(v, t) for v, t in zip(values, texts, strict=True))
