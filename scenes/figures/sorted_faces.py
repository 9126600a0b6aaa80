"""S20: faces as they are, and all of them in the order of one measured number, cut in two where a rule of a person cuts.

Reads a Cut. Invariants: a face stands left of the line exactly where the rule says the first class, its place follows the
measured number, and a cross lies on exactly those about which the rule is wrong. Faces are drawn by the engine's own pencil.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from manim import Animation, AnimationGroup, Create, FadeIn, LaggedStart, Line, Rectangle, VGroup

from chainreel.engine import Quantity
from chainreel.engine.datasets.drawings import Looks, paint
from chainreel.engine.learning.cut import Cut

from ..stage.area import Area
from ..stage.parts import round_caps
from ..stage.pixels import Pixels
from ..stage.theme import Theme
from ..stage.type import Label
from .figure import Figure
from .marks import crosses

ROWS = 14
SMALL, LARGE = 40, 96  # pixels of a face among many, of one that is looked at
SEEN = slice(5, 33)  # rows of a small face that have something of it
APART = 0.5  # between the two sides, in faces


def drawn(measures: np.ndarray, kinds: np.ndarray, size: int) -> np.ndarray:
    """Faces of these measures (n, 2) and kinds (n,), all of one size and fur: (n, size, size)."""
    n = len(measures)
    still = {"size": 1.12, "right": 0.0, "down": 0.14, "tilt": 0.0}
    fur = 0.50 + 0.24 * ((np.arange(n) * 0.618) % 1.0)
    looks = Looks(
        kind=np.asarray(kinds), ear=measures[:, 0], muzzle=measures[:, 1], fur=fur,
        whiskers=(np.asarray(kinds) == 1).astype(float), **{name: np.full(n, value) for name, value in still.items()},
    )  # fmt: skip
    return paint(looks, size)


class SortedFaces(Figure):
    """All examples of a cut as small faces in an area; `source` is its name in the ledger.

    Verbs: `appear`, `line`, `wrong`. `face(row, side)` is one of them, large.
    """

    def __init__(self, cut: Cut, theme: Theme, area: Area, *, source: str = "cut"):
        super().__init__(theme)
        self.cut, self.area, self.source = cut, area, source
        left = np.flatnonzero(cut.guess == 0)
        right = np.flatnonzero(cut.guess == 1)
        left, right = left[np.argsort(-cut.values[left], kind="stable")], right[np.argsort(cut.values[right], kind="stable")]
        self.columns = (-(-len(left) // ROWS), -(-len(right) // ROWS))
        whole = sum(self.columns) + APART
        tall = (SEEN.stop - SEEN.start) / SMALL
        self.pitch = min(area.width / whole, area.height / ROWS / tall)
        self.high = tall * self.pitch
        wide = whole * self.pitch
        self.x_cut = float(area.center[0]) - wide / 2 + (self.columns[0] + APART / 2) * self.pitch
        self.top = float(area.center[1]) + self.high * ROWS / 2
        self.places = np.zeros((len(cut.data), 2))
        for side, rows in ((-1, left), (1, right)):
            column, row = np.divmod(np.arange(len(rows)), ROWS)
            self.places[rows, 0] = self.x_cut + side * self.pitch * (column + 0.5 + APART / 2)
            self.places[rows, 1] = self.top - self.high * (row + 0.5)
        images = drawn(cut.data.X, cut.data.y, SMALL)
        self.sheets = [self._sheet(images, rows, side) for side, rows in ((-1, left), (1, right))]
        self.cut_line = round_caps(Line(
            [self.x_cut, self.top + 0.22, 0], [self.x_cut, self.top - ROWS * self.high - 0.06, 0]
        ).set_stroke(theme.knob, 4))  # fmt: skip
        self.marks = crosses(theme, self.places[cut.wrong], 0.85 * self.high, 4.5)

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            f"{self.counted(len(self.cut.data), 'small face')} in the order of how pointed the ears are, cut in two by a line; "
            f"{self.told(self.cut.lookup('wrong'))} of them lie on the wrong side."
        )

    def quantity(self, what: str) -> Quantity:
        """A number of the cut, under the name of its source."""
        return replace(self.cut.quantity(what), source=self.source)

    def _sheet(self, images: np.ndarray, rows: np.ndarray, side: int) -> Pixels:
        """One side as a single picture; its last column may be part empty."""
        columns = self.columns[side > 0]
        sheet = np.zeros((ROWS, SEEN.stop - SEEN.start, columns, SMALL))
        column, row = np.divmod(np.arange(len(rows)), ROWS)
        sheet[row, :, column if side > 0 else columns - 1 - column, :] = images[rows][:, SEEN]
        picture = Pixels(self.theme, sheet.reshape(-1, columns * SMALL), columns * self.pitch, rim=None)
        x = self.x_cut + side * self.pitch * (columns + APART) / 2
        return picture.move_to([x, self.top - ROWS * self.high / 2, 0])

    def at(self, row: int) -> np.ndarray:
        """The middle of an example's small face."""
        return np.array([*self.places[row], 0.0])

    def face(self, row: int, side: float) -> Pixels:
        """An example as a large face."""
        one = drawn(self.cut.data.X[[row]], self.cut.data.y[[row]], LARGE)[0]
        return Pixels(self.theme, one, side, rim=None).set_stroke(self.theme.rim, 1.6, 0.9)

    def word(self, row: int, size: float = 28) -> Label:
        """What an example is."""
        return Label(self.cut.data.classes[int(self.cut.data.y[row])], self.theme.ink, size, "semibold", names=True)

    def ring(self, row: int) -> Rectangle:
        """A frame around an example's small face."""
        return Rectangle(width=1.04 * self.pitch, height=1.1 * self.high).set_stroke(self.theme.ink, 2.5).move_to(self.at(row))

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 1.2) -> Animation:
        """All faces, from the cut outwards."""
        return AnimationGroup(*(FadeIn(self.keep(sheet, 2)) for sheet in self.sheets), run_time=run_time)

    def line(self, run_time: float = 0.7) -> Animation:
        """Where the rule cuts."""
        return Create(self.keep(self.cut_line, 4), run_time=run_time)

    def wrong(self, run_time: float = 1.0) -> Animation:
        """A cross on each about which the rule is wrong; the others are dimmed."""
        shades = VGroup(*(self._shade(sheet) for sheet in self.sheets))
        self.keep(shades, 3)
        return LaggedStart(FadeIn(shades), FadeIn(self.keep(self.marks, 5)), lag_ratio=0.3, run_time=run_time)

    def recede(self, share: float = 0.72, run_time: float = 0.6) -> Animation:
        """All of it steps back behind something else."""
        low, high = self.sheets[0].get_corner([-1, -1, 0]), self.sheets[1].get_corner([1, 1, 0])
        veil = Rectangle(width=high[0] - low[0] + 0.3, height=high[1] - low[1] + 0.6).move_to((low + high) / 2)
        return FadeIn(self.keep(veil.set_stroke(width=0).set_fill(self.theme.ground, share), 6), run_time=run_time)

    def _shade(self, sheet: Pixels) -> VGroup:
        """What darkens all faces of a side but the wrong ones: the gaps of a curtain, row by row."""
        curtain = VGroup()
        half = self.pitch / 2
        x0, x1 = float(sheet.get_left()[0]), float(sheet.get_right()[0])
        wrong = self.places[self.cut.wrong]
        for row in range(ROWS):
            y = self.top - self.high * (row + 0.5)
            holes = sorted(float(x) for x, at in wrong if abs(at - y) < self.high / 4 and x0 < x < x1)
            edges = [x0, *(e for hole in holes for e in (hole - half, hole + half)), x1]
            for start, end in zip(edges[::2], edges[1::2], strict=True):
                if end - start > 1e-6:
                    piece = Rectangle(width=end - start, height=self.high).move_to([(start + end) / 2, y, 0])
                    curtain.add(piece.set_stroke(width=0).set_fill(self.theme.ground, 0.45))
        return curtain


def spread(figure: SortedFaces, kind: int, count: int, avoid: Sequence[int] = ()) -> list[int]:
    """Rows of a class about which the rule is right, from the clearest ones, evenly chosen."""
    cut = figure.cut
    rows = np.flatnonzero((cut.data.y == kind) & ~cut.wrong)
    rows = rows[np.argsort(np.abs(cut.values[rows] - cut.at), kind="stable")]
    chosen = rows[np.linspace(0.35 * len(rows), 0.92 * len(rows), count).astype(int)]
    return [int(row) for row in chosen if row not in avoid]


__all__ = ["SortedFaces", "drawn", "spread"]
