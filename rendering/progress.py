"""One bar for the whole job, with the time left; plain lines where nobody watches a terminal."""

from __future__ import annotations

import sys
import time
from typing import Any, TextIO


class Progress:
    """Counts frames. ``with Progress() as progress: progress.begin(total); progress.add(1)``.

    On a terminal a tqdm bar; elsewhere a line each quarter and each 20 seconds; nothing with ``quiet``.
    """

    def __init__(self, *, quiet: bool = False, stream: TextIO | None = None):
        self.total, self.done, self.reused = 1, 0, 0
        self.stream = stream or sys.stderr
        self.bar: Any = None
        self.quiet = quiet
        self._began = self._told = time.monotonic()
        self._quarter = 0

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.close()

    def begin(self, total: int, reused: int = 0) -> None:
        """So many frames are to come, of which so many are there already."""
        self.total, self.done, self.reused = max(total, 1), reused, reused
        self._began = self._told = time.monotonic()
        self._quarter = 4 * self.done // self.total
        if not self.quiet and reused < total and self.stream.isatty():
            from tqdm import tqdm

            form = "{desc} {percentage:3.0f}% |{bar}| {n_fmt}/{total_fmt} frames, {remaining} left"
            self.bar = tqdm(
                total=self.total, initial=reused, desc="drawing", file=self.stream, bar_format=form, leave=False
            )

    def add(self, frames: int) -> None:
        """So many more frames are drawn."""
        frames = min(frames, self.total - self.done)  # a share that is drawn again counts once
        self.done += frames
        if self.bar is not None:
            self.bar.update(frames)
        elif not self.quiet:
            now = time.monotonic()
            quarter = 4 * self.done // self.total
            if (quarter > self._quarter and now - self._began > 2) or now - self._told > 20:
                self._quarter, self._told = quarter, now
                left = (now - self._began) * (self.total - self.done) / max(self.done - self.reused, 1)
                print(
                    f"drawing: {self.done} of {self.total} frames, {left:.0f} s left",
                    file=self.stream,
                    flush=True,
                )

    def say(self, words: str) -> None:
        """A line beside the bar."""
        if self.quiet:
            return
        if self.bar is not None:
            self.bar.write(words, file=self.stream)
        else:
            print(words, file=self.stream, flush=True)
