"""A user's constant, as the engine computes with it."""

from __future__ import annotations

from typing import Any

import numpy as np

from .errors import EngineError
from .spans import current_span


def constant(value: Any) -> Any:
    """A user's constant as the engine computes with it: a float or int, or an ndarray of one dimension or more."""
    kind = type(value)
    if kind is float or kind is int or kind is bool:
        return value
    if isinstance(value, (np.ndarray, np.generic)):
        if value.dtype.kind not in "fiub":
            raise EngineError(
                f"The engine computes with real numbers, not with {value.dtype}; convert the array first.",
                current_span(),
            )
        return value if value.ndim else value.item()
    if isinstance(value, (float, int)):
        return float(value)
    if isinstance(value, (list, tuple)):
        return constant(np.asarray(value))
    raise EngineError(
        f"The engine computes with numbers and arrays, not with a {kind.__name__} ({value!r:.40}).",
        current_span(),
    )


def foreign() -> EngineError:
    """The refusal of a value that belongs to another recording."""
    return EngineError(
        "A value kept from another run takes part in this one; hand it over as a plain number or as an argument.",
        current_span(),
    )
