"""Item assignment: ``out = np.zeros(n)`` filled with ``out[k] = x`` while a function is recorded.

Values on the tape never change. Writing makes a new value, the old one with some elements replaced, and the Tensor under
the user's name moves on to it. A view taken before would be out of date: it is marked, and using it is refused.
"""

from __future__ import annotations

import dis
import functools
from types import CodeType, FrameType
from typing import Any

import numpy as np

from .constants import foreign
from .linear import Joint, index, is_basic
from .marks import ALIAS, INPUT
from .shapes import fit, shape_of
from .tape import CONSTANT, Node
from .tensor import StaleView, Tensor, refuse

LIMIT = 2**31  # bytes that the versions of written arrays may take


def _put(x: Any, v: Any, key: Any) -> np.ndarray:
    result = np.array(x, dtype=float)
    result[key] = v
    return result


def _transpose(slot: int, g: Any, xs: tuple, key: Any) -> Any:
    if slot == 0:
        return put(g, 0.0, key=key)
    part = index(g, key=key)
    winners = _winners(shape_of(g), key)
    return fit(part if winners is None else part * winners, xs[1])


def _winners(shape: tuple[int, ...], key: Any) -> Any:
    """Where an element is named twice only the last value written stays: 1 for it, 0 for the others."""
    if is_basic(key):
        return None
    last = np.zeros(shape, int)
    order = np.arange(last[key].size).reshape(last[key].shape)
    last[key] = order
    return None if (last[key] == order).all() else (last[key] == order) * 1.0


put = Joint("put", _put, _transpose)


def write(target: Tensor, key: Any, value: Any) -> None:
    """``target[key] = value`` for a Tensor that a function under recording has made itself."""
    from .numpy_rules import as_tensor

    array, tape = _own(target), target.tape
    value = as_tensor(value)
    if isinstance(value, Node):
        if value.tape is not tape:
            raise foreign()
    if isinstance(value, Node) or target.index >= 0:
        tape.written += array.nbytes
        if tape.written > LIMIT:
            refuse("Every item assignment keeps a copy of its array, too much memory here; build a list and use np.array")
        new = put(target, value, key=key)
        target.value, target.index = new.value, new.index
    else:
        if not array.flags.writeable:  # steps have used it as a constant
            target.value = array = array.copy()
        array[key] = value
    _outdate(target)


def replace(target: Tensor, new: Any) -> Tensor:
    """``target += …`` and its like: the array under the user's name, and under every other name for it, moves on."""
    array = _own(target)
    if shape_of(new) != array.shape:
        raise ValueError(f"an array of shape {array.shape} cannot take a result of shape {shape_of(new)} in place")
    target.value, target.index = (new.value, new.index) if isinstance(new, Node) else (np.array(new), CONSTANT)
    _outdate(target)
    return target


def goes_back(target: Tensor, frame: FrameType) -> bool:
    """Whether this is the view in ``a[key] += …``: Python writes the result back into a, so the view needs no change."""
    return target.value.base is not None and _is_swap(frame.f_code, frame.f_lasti)


@functools.lru_cache(maxsize=1024)
def _is_swap(code: CodeType, offset: int) -> bool:
    """Whether the instruction after this one brings a container back to the top, instead of storing under a name."""
    following = next((i for i in dis.get_instructions(code) if i.offset > offset), None)
    return following is not None and following.opname == "SWAP"


def _own(target: Tensor) -> np.ndarray:
    """The array of a Tensor that the function has made itself and may write into; anything else is refused."""
    array, tape = target.value, target.tape
    if not isinstance(array, np.ndarray):
        refuse("A single number has no elements to write into")
    primitive = tape.records[target.index][0] if target.index >= 0 else None
    if primitive is INPUT or primitive is ALIAS:
        refuse("Writing into an argument would change the caller's array; write into a copy: y = x.copy()")
    if array.base is not None and (primitive is None or primitive.view):
        refuse("Writing into a view is not followed; write into the array itself, as in out[i, j] = value")
    return array


def _outdate(target: Tensor) -> None:
    """Mark the views of an array that has been written to, and the views of those."""
    for base, view in target.tape.views.pop(id(target), ()):
        found = view()
        if found is not None and base() is target:
            _outdate(found)
            found.__class__ = StaleView


def writable(array: Any) -> Any:
    """A constant array made by np.zeros and its like, as a Tensor on the current tape that can be written into."""
    from .tape import current

    if current.tape is None or type(array) is not np.ndarray or array.dtype != float or not array.ndim:
        return array
    if array.base is not None:
        array = array.copy()
    return Tensor(array, CONSTANT, current.tape)
