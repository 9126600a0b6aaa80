"""A number that may be shown: it knows which engine object it came from and under which key."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Quantity:
    """``source`` names the object ("trace", "descent", "differences"), ``key`` the number in it, such as
    ``"value/3"``, ``"contribution/5.0"`` (step 5, operand 0) or ``"adjoint/2[0,1]"`` (one element of an
    array).

    >>> Quantity("trace", "value/3", 2.5).value
    2.5
    """

    source: str
    key: str
    value: float
