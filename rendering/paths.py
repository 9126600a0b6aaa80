"""Outlines as cairo's own path records: built at once by numpy, appended to a context by one call.

Manim hands cairo every curve by a call from Python, in every frame. The records give cairo the same numbers in the same
order, so the pixels are the same; they are kept until the points change.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from importlib import import_module
from math import isfinite
from typing import Any

import cairo
import numpy as np


def _header(kind: int, length: int) -> float:
    """The first eight bytes of a record: cairo_path_data_type_t and how many rows it has, both int."""
    return float(np.array([kind, length], np.int32).view(np.float64)[0])


MOVE, CURVE, CLOSE = _header(0, 2), _header(2, 4), _header(3, 1)
CURVE_POINTS = 4  # anchor, two handles, anchor
CLOSENESS = 1e-5  # manim's rtol when it asks whether two points are one


class _CPath(ctypes.Structure):
    _fields_ = [("status", ctypes.c_int), ("data", ctypes.c_void_p), ("count", ctypes.c_int)]


class Outline:
    """The path of one mobject: `rows` (n, 2) are cairo_path_data_t, `box` is left, low, right, high in frame units."""

    __slots__ = ("rows", "box", "c")

    def __init__(self, rows: np.ndarray, box: tuple[float, float, float, float]):
        self.rows, self.box = rows, box
        self.c = _CPath(0, rows.__array_interface__["data"][0], len(rows))


def outline(points: np.ndarray, tolerance: float) -> Outline | None:
    """The path that manim would draw for a VMobject's points (n, 3); None where it would draw nothing.

    A new part begins where a curve does not start at the end of the one before; a part whose ends meet is closed.

    >>> line = np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0], [3, 0, 0]])
    >>> outline(line, 1e-6).rows.shape, outline(line, 1e-6).box
    ((6, 2), (0.0, 0.0, 3.0, 0.0))
    """
    count = len(points) // CURVE_POINTS
    if not count:
        return None
    low, high = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    if not all(map(isfinite, (*low, *high))):
        return None
    flat = np.asarray(points[:, :2], np.float64)
    curves = flat[: count * CURVE_POINTS].reshape(count, CURVE_POINTS, 2)
    if len(points) % CURVE_POINTS or not (curves[:-1, 3] == curves[1:, 0]).all():
        rows = _in_parts(flat, curves, tolerance)
    else:
        closed = _near(curves[0, 0].tolist(), curves[-1, 3].tolist(), tolerance)
        rows = np.zeros((2 + 4 * count + closed, 2))
        rows[0, 0] = MOVE
        rows[1] = curves[0, 0]
        body = rows[2 : 2 + 4 * count].reshape(count, 4, 2)
        body[:, 0, 0] = CURVE
        body[:, 1:] = curves[:, 1:]
        if closed:
            rows[-1, 0] = CLOSE
    return Outline(rows, (low[0], low[1], high[0], high[1]))


def _in_parts(flat: np.ndarray, curves: np.ndarray, tolerance: float) -> np.ndarray:
    count = len(curves)
    first = np.ones(count, bool)
    first[1:] = ~_close(curves[:-1, 3], curves[1:, 0], tolerance)
    starts = np.flatnonzero(first)
    last = np.append(starts[1:] - 1, count - 1)
    ends = curves[last, 3]
    loose = flat[count * CURVE_POINTS :]  # manim counts these to the last part, where they touch
    if len(loose) and _close(curves[-1:, 3], loose[:1], tolerance)[0]:
        ends[-1] = loose[-1]
    closed = np.zeros(count, bool)
    closed[last] = _close(curves[starts, 0], ends, tolerance)
    size = 4 + 2 * first + closed
    at = np.cumsum(size) - size + 2 * first
    rows = np.zeros((int(size.sum()), 2))
    rows[at[starts] - 2, 0] = MOVE
    rows[at[starts] - 1] = curves[starts, 0]
    rows[at, 0] = CURVE
    for i in (1, 2, 3):
        rows[at + i] = curves[:, i]
    rows[at[closed] + 4, 0] = CLOSE
    return rows


def _near(a: list[float], b: list[float], tolerance: float) -> bool:
    (x0, y0), (x1, y1) = a, b
    return abs(x0 - x1) <= tolerance + CLOSENESS * abs(x1) and abs(y0 - y1) <= tolerance + CLOSENESS * abs(y1)


def _close(a: np.ndarray, b: np.ndarray, tolerance: float) -> np.ndarray:
    result: np.ndarray = (np.abs(a - b) <= tolerance + CLOSENESS * np.abs(b)).all(axis=1)
    return result


Pen = Callable[[Outline], None]


def pen_of(context: cairo.Context) -> Pen:
    """What makes an outline the path of a context."""
    return _fast_pen(context) if _append is not None else _slow_pen(context)


def _slow_pen(context: cairo.Context) -> Pen:
    """Curve by curve, for a pycairo that keeps its library to itself."""

    def trace(path: Outline) -> None:
        context.new_path()
        kinds, at = path.rows.view(np.int32)[:, :2].tolist(), 0
        while at < len(kinds):
            kind, length = kinds[at]
            numbers = path.rows[at + 1 : at + length].ravel().tolist()
            (context.move_to, None, context.curve_to, context.close_path)[kind](*numbers)  # type: ignore[misc]
            at += length

    return trace


def _fast_pen(context: cairo.Context) -> Pen:
    pointer = ctypes.c_void_p.from_address(id(context) + object.__basicsize__).value
    append, byref, new_path = _append, ctypes.byref, context.new_path
    assert append is not None

    def trace(path: Outline) -> None:
        new_path()
        append(pointer, byref(path.c))

    return trace


def _find_append() -> Any:
    """cairo_append_path of the very library that pycairo is linked to; None if it is out of reach."""
    if cairo.Context.__basicsize__ != object.__basicsize__ + 2 * ctypes.sizeof(ctypes.c_void_p):
        return None  # not the layout that _fast_pen reads: cairo_t *ctx; PyObject *base
    try:
        function = ctypes.PyDLL(import_module("cairo._cairo").__file__).cairo_append_path
    except (AttributeError, OSError):
        return None
    function.argtypes, function.restype = [ctypes.c_void_p, ctypes.POINTER(_CPath)], None
    return function


_append = _find_append()
