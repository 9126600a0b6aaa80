"""The progress bar under a cell: plain HTML, so that no widgets need be installed; gone when the film is there."""

from __future__ import annotations

import sys
import time
from typing import Any

from chainreel.rendering.progress import Progress

OFTEN = 0.2  # seconds between two pictures of the bar


class Bar(Progress):
    """Progress that draws itself with IPython's display."""

    def __init__(self, title: str):
        super().__init__(quiet=True)
        self.title = title
        self._handle: Any = None
        self._drawn = 0.0

    def __enter__(self) -> Bar:
        from IPython.display import display

        self._handle = display(self._bundle("is rehearsed …", None), raw=True, display_id=True)
        return self

    def __exit__(self, *_: object) -> None:
        from IPython.display import HTML

        self._handle.update(HTML(""))

    def begin(self, total: int, reused: int = 0) -> None:
        """So many frames are to come, of which so many are there already."""
        super().begin(total, reused)
        self._draw()

    def add(self, frames: int) -> None:
        """So many more frames are drawn."""
        super().add(frames)
        if time.monotonic() - self._drawn > OFTEN or self.done >= self.total:
            self._draw()

    def _draw(self) -> None:
        now = self._drawn = time.monotonic()
        new = self.done - self.reused
        seconds = (now - self._began) * (self.total - self.done) / max(new, 1)
        left = f", {seconds:.0f} s left" if 0 < new and self.done < self.total else ""
        self._handle.update(self._bundle(f"{self.done} of {self.total} frames{left}", self.done / self.total), raw=True)

    def _bundle(self, words: str, share: float | None) -> dict[str, str]:
        from html import escape

        value = "" if share is None else f' value="{share:.3f}"'
        label = escape(f"{self.title}: {words}")
        html = f'<div><progress max="1"{value} style="width:20em" aria-label="{escape(self.title)}"></progress> {label}</div>'
        return {"text/html": html, "text/plain": f"{self.title}: {words}"}


def progress(title: str) -> Progress:
    """A bar for where we are: in a notebook, on a terminal, or lines elsewhere."""
    if "IPython" in sys.modules:
        from IPython import get_ipython

        shell = get_ipython()
        if shell is not None and hasattr(shell, "kernel"):
            return Bar(title)
    return Progress()
