"""A lamp and a wall: the same light falls on a patch of the wall that grows with the square of the distance.

Reads a trace whose first step is the square of its input. Invariants: the patch has as many unit squares as the engine's
area says; its light is as strong as the last value that is shown.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from manim import Animation, AnimationGroup, Circle, Create, FadeIn, FadeOut, Line, VGroup, VMobject
from manim.utils.rate_functions import smooth

from chainreel.engine import Quantity, Trace, symbol

from ..stage.area import Area
from ..stage.curve import corners_to_points
from ..stage.errors import StageError
from ..stage.formula import Formula, Marker, number_source
from ..stage.glow import Glow
from ..stage.ledger import Printed
from ..stage.plate import Plate
from ..stage.rounding import decimals_for, shown
from ..stage.theme import Theme, mix
from ..stage.wire import polygon
from .figure import Figure

SLANT = np.array([0.52, 0.30])  # how a unit into the picture is drawn: right and up, share of a unit
WARM = "#FFE8C4"  # lamplight on night; on paper it is white
WALL = 1.12  # the wall is so much larger than the largest patch


class LampWall(Figure):
    """The lamp at the left of `area`, the wall at the distance that `trace` has for its input; `far` is the farthest shown.

    Verbs: `appear`, `cone`, `patch`, `move(trace)`, `label(k)`. Raises StageError where the first step of the trace is no
    square of a positive input.
    """

    def __init__(self, theme: Theme, trace: Trace, area: Area, *, far: float | None = None, source: str = "trace"):
        super().__init__(theme)
        self.trace, self.source, self.area = trace, source, area
        first = trace.steps[1]
        self.x = float(trace.inputs[0].value)
        if not (self.x > 0 and np.isclose(float(first.value), self.x**2, rtol=1e-9) and len(trace.inputs) == 1):
            raise StageError("a lamp and a wall show a chain that begins with the square of a positive distance")
        self.far = max(far or self.x, self.x)
        tall = WALL * self.far  # units
        room_x, room_y = area.width - 0.9, area.height - 0.8
        self.unit = min(room_x / (self.far + SLANT[0] * tall / 1.0 + 0.15), room_y / (tall * (1 + SLANT[1]) / 1.0))
        self.foot = np.array([area.left + 0.45 + SLANT[0] * tall / 2 * self.unit * 0.35, 0.0])
        half = tall / 2
        self.base = area.bottom + 0.62 + self.unit * (half + SLANT[1] * half)
        self.lamp_at = np.array([area.left + 0.55, self.base])
        self.bulb = Circle(0.17).set_fill(mix(theme.ink, WARM, 0.5) if theme.dark else theme.ink, 1)
        self.bulb.set_stroke(theme.ground, 2).move_to([*self.lamp_at, 0])
        self.light = WARM if theme.dark else "#FFFFFF"
        self.shine = Glow(self.light, 2.4, 2.4, 0.55 * theme.glow).move_to([*self.lamp_at, 0])
        plaster = mix(theme.panel, theme.rim, 0.3) if theme.dark else mix(theme.ground, theme.ink, 0.28)
        self.wall = VMobject().set_fill(plaster, 1).set_stroke(theme.rim, 2)
        self.beam = VMobject().set_fill(self.light, 0.10 if theme.dark else 0.5).set_stroke(width=0)
        self.rays = VMobject().set_fill(opacity=0).set_stroke(theme.muted, 1.6, 0.7)
        self.lit = VMobject().set_stroke(theme.value, 2.5)
        self.cells = VMobject().set_fill(opacity=0).set_stroke(theme.ground if theme.dark else theme.ink, 1.6, 0.8)
        y = area.bottom + 0.30
        self.ruler = VGroup(Line([0, 0, 0], [1, 0, 0]), Line([0, 0, 0], [0, 1, 0]), Line([0, 0, 0], [0, 1, 0]))
        self.ruler.set_stroke(theme.knob, 3)
        self.ruler_y = y
        self.named: dict[int, VMobject] = {}
        self.put(self.x)

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return "A lamp shines on a wall: the farther the wall, the larger the square of light on it, and the weaker the light."

    def quantity(self, k: int) -> Quantity:
        """The value of step k of the chain: the distance, the area, the light."""
        return replace(self.trace.quantity("value", self.trace.steps[k]), source=self.source)

    def _spot(self, x: float, deep: float, up: float) -> np.ndarray:
        """A place of the world on the frame: x from the lamp, `deep` into the picture, `up`; all in units."""
        return self.lamp_at + self.unit * np.array([x + SLANT[0] * deep, up + SLANT[1] * deep])

    def _face(self, x: float, half: float) -> np.ndarray:
        """The corners of a square on the plane at x, (4, 2)."""
        return np.array([self._spot(x, a * half, b * half) for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))])

    def put(self, x: float) -> LampWall:
        """The wall at a distance; light, patch and ruler go with it."""
        self.at = x
        half, wall = x / 2, WALL * self.far / 2
        self.wall.points = polygon(self._face(x, wall))
        corners = self._face(x, half)
        self.lit.points = polygon(corners)
        share = 1.0 / max(x, 1.0) ** 2
        self.lit.set_fill(mix(str(self.wall.get_fill_color()), self.light, 0.25 + 0.70 * share), 0.95)
        order = corners[[0, 1, 2, 3]]
        middle = order.mean(axis=0)
        angles = np.arctan2(*(order - middle)[:, ::-1].T)
        order = order[np.argsort(angles)]
        self.beam.points = polygon(_hull(np.vstack([order, self.lamp_at])))
        self.rays.points = corners_to_points([np.array([self.lamp_at, c]) for c in corners])
        grid = []
        for k in range(1, int(np.ceil(x - 1e-9))):
            at = -half + k
            grid.append(np.array([self._spot(x, at, -half), self._spot(x, at, half)]))
            grid.append(np.array([self._spot(x, -half, at), self._spot(x, half, at)]))
        self.cells.points = corners_to_points(grid)
        y, left, right = self.ruler_y, self.lamp_at[0], self.lamp_at[0] + self.unit * x
        self.ruler[0].put_start_and_end_on([left, y, 0], [right, y, 0])
        for line, end in zip(self.ruler[1:], (left, right), strict=True):
            line.put_start_and_end_on([end, y - 0.12, 0], [end, y + 0.12, 0])
        for k, plate in self.named.items():
            plate.move_to(self._place(k, plate))
        return self

    def squares(self) -> float:
        """How many unit squares the patch covers, measured on the picture."""
        a, b, _, d = self._face(self.at, self.at / 2)
        one, other = (b - a) / self.unit / np.hypot(*SLANT), (d - a) / self.unit
        return float(np.hypot(*one) * np.hypot(*other))

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 1.2) -> AnimationGroup:
        """Lamp, wall and the ruler between them."""
        parts = [self.keep(p, z) for p, z in ((self.wall, 1), (self.shine, -1), (self.bulb, 8), (self.ruler, 6))]
        return AnimationGroup(*map(FadeIn, parts), run_time=run_time)

    def cone(self, run_time: float = 1.2) -> AnimationGroup:
        """The light that falls through a unit square at a unit's distance, and the patch that it lights."""
        beam = [self.keep(p, z) for p, z in ((self.lit, 2), (self.beam, 4))]
        self.keep(self.rays, 5), self.keep(self.cells, 3)
        return AnimationGroup(*map(FadeIn, beam), Create(self.rays), FadeIn(self.cells), run_time=run_time)

    def label(self, k: int, run_time: float = 0.7) -> AnimationGroup:
        """The value of step k where it belongs: the distance on the ruler, the area on the patch, the light beside it."""
        plate = self._label(k)
        old = self.named.get(k)
        gone = [] if old is None else [FadeOut(old)]
        self.drop(*([old] if old is not None else []))
        self.named[k] = self.keep(plate, 9)
        return AnimationGroup(*gone, FadeIn(plate), run_time=run_time)

    def move(self, trace: Trace, source: str, run_time: float = 2.4) -> list[Animation]:
        """The wall moves to the distance of another trace; its numbers are those of `source` then."""
        self.trace, self.source = trace, source
        known = list(self.named)
        hide = [FadeOut(self.named[k]) for k in known]
        self.drop(*(self.named.pop(k) for k in known))
        moves: list[Animation] = [AnimationGroup(*hide, run_time=0.3)] if hide else []
        moves.append(Move(self, float(trace.inputs[0].value), run_time))
        fresh = [self._label(k, float(trace.inputs[0].value)) for k in known]
        for k, plate in zip(known, fresh, strict=True):
            self.named[k] = self.keep(plate, 9)
        if fresh:
            moves.append(AnimationGroup(*map(FadeIn, fresh), run_time=0.5))
        return moves

    # Parts ----------------------------------------------------------------------------------------------------------

    def _label(self, k: int, x: float | None = None) -> Plate:
        step, quantity = self.trace.steps[k], self.quantity(k)
        places = decimals_for(float(quantity.value))
        text = shown(float(quantity.value), places, auto=False)
        role = "knob" if k == 0 else "value"

        def write(mark: Marker) -> str:
            return f"{symbol(step, mark)} {mark('ink', None, '=')} {mark(role, None, number_source(text))}"

        line = Formula(write, self.theme, 40, tinted=True, printed=[Printed(quantity, text, places)])
        plate = Plate(self.theme, line)
        return plate.move_to(self._place(k, plate, x))

    def _place(self, k: int, plate: Any, x: float | None = None) -> np.ndarray:
        x = self.at if x is None else x
        if k == 0:
            return np.array([self.lamp_at[0] + self.unit * x / 2, self.ruler_y, 0.0])
        right = self._spot(x, WALL * self.far / 2, 0)[0] + 0.25
        left = right + plate.width / 2
        return np.array([left, self.base + self.unit * SLANT[1] * WALL * self.far / 2 + (0.45 if k == 1 else -0.35), 0.0])


class Move(Animation):
    """The wall moves."""

    def __init__(self, figure: LampWall, x: float, run_time: float):
        self.figure, self.goal = figure, x
        parts = VGroup(figure.wall, figure.lit, figure.beam, figure.rays, figure.cells, figure.ruler)
        super().__init__(parts, run_time=run_time, rate_func=smooth)

    def begin(self) -> None:
        self.from_x = self.figure.at
        super().begin()

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        self.figure.put(self.goal if share >= 1 else self.from_x + (self.goal - self.from_x) * share)


def _hull(points: np.ndarray) -> np.ndarray:
    """The convex hull of points, (m, 2), anticlockwise."""
    order = points[np.lexsort((points[:, 1], points[:, 0]))]

    def half(some: np.ndarray) -> list[np.ndarray]:
        out: list[np.ndarray] = []
        for p in some:
            while len(out) > 1 and np.linalg.det([out[-1] - out[-2], p - out[-2]]) <= 0:
                out.pop()
            out.append(p)
        return out[:-1]

    return np.array(half(order) + half(order[::-1]))


__all__ = ["LampWall"]
