"""Many four-cornered faces as one cairo path: the records of all faces are built by numpy, a run of them is one call."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import cairo
import numpy as np

MOVE, LINE = 0, 1  # cairo_path_data_type_t
ROWS = 8  # a head and a point for each corner
FACE = ROWS * 16  # bytes


class _Path(ctypes.Structure):
    _fields_ = [("status", ctypes.c_int), ("data", ctypes.c_void_p), ("count", ctypes.c_int)]


class Quads:
    """Faces (n, 4, 2) in the units of a context; `append` puts a run of them into its path.

    >>> pen = cairo.Context(cairo.ImageSurface(cairo.FORMAT_A8, 8, 8))
    >>> Quads(np.array([[[1.0, 1], [3, 1], [3, 3], [1, 3]]])).append(pen, 0, 1); pen.path_extents()
    (1.0, 1.0, 3.0, 3.0)
    """

    def __init__(self, faces: np.ndarray):
        self.rows = np.zeros((len(faces), ROWS, 2))
        heads = self.rows.view(np.int32)
        heads[:, 0::2, 0], heads[:, 0, 0], heads[:, 0::2, 1] = LINE, MOVE, 2
        self.rows[:, 1::2] = faces
        self._start, self._path = self.rows.ctypes.data, _Path(0, None, 0)
        self._pointer = ctypes.byref(self._path)

    def append(self, pen: cairo.Context, first: int, last: int) -> None:
        """Faces first … last-1."""
        self.onto(pen)(first, last)

    def onto(self, pen: cairo.Context) -> Callable[[int, int], None]:
        """What puts faces first … last-1 into the path of a context; it lives as long as both."""
        if _APPEND is None:
            return lambda first, last: self._one_by_one(pen, first, last)
        context, append = _ADDRESS(id(pen) + _OFFSET).value, _APPEND
        path, start, pointer = self._path, self._start, self._pointer

        def put(first: int, last: int) -> None:
            path.data, path.count = start + first * FACE, (last - first) * ROWS
            append(context, pointer)

        return put

    def _one_by_one(self, pen: cairo.Context, first: int, last: int) -> None:
        for a, *others in self.rows[first:last, 1::2].tolist():
            pen.move_to(*a)
            for corner in others:
                pen.line_to(*corner)


def _find() -> Any:
    """cairo_append_path of the library that pycairo itself uses; None where it cannot be reached."""
    if cairo.Context.__basicsize__ != object.__basicsize__ + 2 * ctypes.sizeof(ctypes.c_void_p):  # cairo_t*, PyObject*
        return None
    try:
        library = ctypes.PyDLL(cairo._cairo.__file__)  # type: ignore[attr-defined,unused-ignore]
        function = library.cairo_append_path
    except (AttributeError, OSError):
        return None
    function.argtypes, function.restype = [ctypes.c_void_p, ctypes.c_void_p], None
    return function


_APPEND, _ADDRESS, _OFFSET = _find(), ctypes.c_void_p.from_address, object.__basicsize__
