"""A page of files: the scenes of a film and their seeds, as they stand in the source.

Reads the film's own files. Invariants: a row for every chapter, in order; path and seeds are those of the files.
"""

from __future__ import annotations

from collections.abc import Sequence

from manim import RIGHT, Animation, AnimationGroup, FadeIn, LaggedStart, Rectangle, VGroup

from ..films.listing import SceneFile
from ..stage.area import Area
from ..stage.errors import StageError
from ..stage.parts import slot
from ..stage.theme import Theme
from ..stage.type import Label
from .figure import Figure

SIZES = (26, 24, 22)
GAP = 0.45  # between path and seeds, frame units


class FilePage(Figure):
    """The rows of `scenes` on a page in `area`. Verbs: `appear`, `mark(k)` (row k is lit).

    Raises StageError where the rows do not fit and for files of several folders; seeds beyond the page are left out.
    """

    def __init__(self, theme: Theme, scenes: Sequence[SceneFile], area: Area):
        super().__init__(theme)
        self.scenes, self.area = tuple(scenes), area
        if not scenes:
            raise StageError("a page of files needs at least one")
        self.page = slot(theme, area.width, area.height, 0.14).move_to(area.center)
        head, inside = area.inset(0.3, 0.22).cut_top(0.55, 0.1)
        self.folder = scenes[0].path.rpartition("/")[0]
        if any(scene.path.rpartition("/")[0] != self.folder for scene in scenes):
            raise StageError("the files of a page are in one folder")
        pitch = min(inside.height / len(scenes), 0.66)
        fitting = [size for size in SIZES if pitch >= 0.0176 * size]  # a line needs about 1.27 of its em
        if not fitting:
            raise StageError(f"{len(scenes)} files do not fit on a page {area.height:.1f} units high")
        self.head = Label(f"{self.folder}/", theme.muted, 24, "mono", names=True)
        self.head.set_baseline(head.left, float(head.center[1]) - 0.08)
        for self.size in fitting:
            lines = [self._row(scene) for scene in scenes]
            column = inside.left + max(row[0].width for row in lines) + GAP
            if all(column + sum(w.width + GAP for w in row[1:]) <= inside.right + GAP for row in lines):
                break
        self.rows: list[VGroup] = []
        self.said: list[list[str]] = []
        for k, words in enumerate(lines):
            y, at, row = inside.top - pitch * (k + 0.5) - 0.09, column, VGroup()
            row.add(words[0].set_baseline(inside.left, y))
            for word in words[1:]:
                if at + word.width > inside.right:
                    break
                row.add(word.set_baseline(at, y))
                at += word.width + GAP
            self.rows.append(row)
            self.said.append([word.text for word in row[1:]])
        self.bands = [
            Rectangle(width=area.width - 0.16, height=pitch).set_stroke(width=0).set_fill(theme.value, 0.16)
            .move_to([area.center[0], inside.top - pitch * (k + 0.5), 0]) for k in range(len(scenes))
        ]  # fmt: skip

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return f"A page with {self.counted(self.scenes, 'file')}, the scenes of the film, and the seeds that they use."

    def _row(self, scene: SceneFile) -> list[Label]:
        """The name of a file and its seeds."""
        name = Label(scene.path.rpartition("/")[2], self.theme.ink, self.size, "mono", names=True)
        seeds = [f"{name} = {source}" for name, source in scene.seeds]
        return [name, *(Label(s, self.theme.tint("data"), self.size, "mono", names=True) for s in seeds)]

    def appear(self, run_time: float = 2.0) -> AnimationGroup:
        """The page, and its rows one after the other."""
        self.keep(self.page, 1), self.keep(self.head, 4)
        rows: list[Animation] = [FadeIn(self.keep(row, 4), shift=0.15 * RIGHT) for row in self.rows]
        frame = [FadeIn(self.page, run_time=0.6), FadeIn(self.head, run_time=0.6)]
        return AnimationGroup(*frame, LaggedStart(*rows, lag_ratio=0.25), run_time=run_time)

    def mark(self, k: int, run_time: float = 0.6) -> FadeIn:
        """Row k is lit."""
        return FadeIn(self.keep(self.bands[k], 2), run_time=run_time)


__all__ = ["FilePage"]
