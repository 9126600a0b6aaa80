"""What must not change while a function runs: the user's arrays, and arrays that views look into."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np


class Holding:
    """The arrays that a recording holds still."""

    __slots__ = ("locked", "views", "written")

    def __init__(self) -> None:
        self.locked: list[np.ndarray] = []
        self.views: dict[int, list[tuple[weakref.ref, weakref.ref]]] = {}  # id of an array -> views of it that live
        self.written = 0  # bytes of the versions that item assignment has made

    def lock(self, array: np.ndarray) -> None:
        """Forbid writing to a user's array until the recording ends: a constant must not change after its use."""
        flags = array.flags
        if flags.writeable:
            flags.writeable = False
            self.locked.append(array)
        if array.base is not None and isinstance(array.base, np.ndarray):
            self.lock(array.base)

    def see(self, base: Any, view: Any) -> None:
        """Remember that a value looks into another: once that one is written to, the view would be out of date."""
        if isinstance(view.value, np.ndarray) and view.value.base is not None:
            self.views.setdefault(id(base), []).append((weakref.ref(base), weakref.ref(view)))

    def unlock(self) -> None:
        waiting, self.locked = self.locked, []
        while waiting:  # a view can be unlocked only after the array it looks into
            still = []
            for array in waiting:
                try:
                    array.flags.writeable = True
                except ValueError:
                    still.append(array)
            if len(still) == len(waiting):
                return
            waiting = still
