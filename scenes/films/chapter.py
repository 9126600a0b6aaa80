"""What all chapters share: a stage whose beats keep the times of the storyboard."""

from __future__ import annotations

from ..stage.area import SHAPES
from ..stage.stage import Stage


class Chapter(Stage):
    """A chapter of a film. Its beats are called after it: `the_secret-03` is the recording of its third beat."""

    shapes = SHAPES[:1]

    def beat_name(self, index: int) -> str:
        """The file's name of the chapter, and the beat's number in it."""
        return f"{type(self).__module__.rpartition('.')[2]}-{index + 1:02d}"
