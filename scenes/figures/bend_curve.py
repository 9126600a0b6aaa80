"""What a bend does to numbers: a straight line with points on it is bent, and takes the points along.

The lines are functions of one number, sampled where they are drawn. Invariants: a point is on its curve at every moment; a
number that lands stands at its own value; equal shapes of several curves add up height by height.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from manim import UP, Animation, AnimationGroup, Create, DashedLine, Dot, FadeIn, FadeOut, Line, VGroup
from manim.utils.rate_functions import smooth

from chainreel.engine import Quantity

from ..stage.area import Area
from ..stage.become import Become
from ..stage.curve import Curve
from ..stage.dim import DIMMED, Dim
from ..stage.number import Number
from ..stage.parts import slot
from ..stage.theme import Theme, mix
from ..stage.ticks import Tick
from ..stage.type import Label
from ..stage.view import Range, View
from .figure import Figure
from .symbols import name_formula

Shape: TypeAlias = Callable[[np.ndarray], Any]
SAMPLES = 361
BESIDE = np.array([-0.52, 0.26, 0.0])  # the number of a point, from the point


class BendCurve(Figure):
    """A panel with curves over `see` by `span`; `names` of its two axes, `levels` that are marked on the upright one.

    Verbs: `appear`, `draw`, `land`, `reshape`, `ghost`, `renumber`, `split`, `say`, `hush`, `forget`.
    """

    def __init__(
        self, theme: Theme, area: Area, see: Range, span: Range, names: tuple[str, str], levels: Sequence[float] = ()
    ):  # fmt: skip
        super().__init__(theme)
        self.names = names
        inner = Area(area.left + 0.25, area.right - 0.62, area.bottom + 0.25, area.top - 0.25)
        self.view = View(see, span, inner.box)
        self.back = slot(theme, area.width, area.height).move_to(area.center)
        left, right, bottom, top = inner.box
        cross = self.view.place(0, 0)
        rim = mix(theme.rim, theme.muted, 0.6)
        self.axes = VGroup(
            Line([left, cross[1], 0], [right, cross[1], 0]), Line([cross[0], bottom, 0], [cross[0], top, 0])
        ).set_stroke(rim, 2)
        over = name_formula(names[0], theme, "value", 40)
        up = name_formula(names[1], theme, "value", 40)
        over.move_to([right + 0.12 + over.width / 2, cross[1], 0])
        up.move_to([cross[0] - 0.14 - up.width / 2, top - up.height / 2 + 0.02, 0])
        self.signs = VGroup(over, up)
        self.rulers = VGroup()
        for level in levels:
            y = float(self.view.place(0, level)[1])
            if level:
                self.rulers.add(Line([left, y, 0], [right, y, 0]).set_stroke(rim, 1.6, 0.7))
            number = Tick(level, 1.0, theme.muted, 26)
            self.rulers.add(number.move_to([right + 0.14 + number.width / 2, y, 0]) if level else VGroup())
        self.panel = VGroup(self.back, self.axes, self.rulers)
        self.words, self.ghosts = VGroup(), VGroup()
        self.shapes: dict[str, tuple[Curve, Shape]] = {}
        self.dots: dict[str, Dot] = {}  # by the key of the quantity that landed
        self.tags: dict[str, Number] = {}
        self.where: dict[str, tuple[str, float]] = {}  # on which curve a dot is, and at which x

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return f"A curve of {self.names[1]} over {self.names[0]}, bent where a sum is turned into a value."

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 0.8) -> AnimationGroup:
        """The empty panel."""
        self.keep(self.panel, 8), self.keep(self.signs, 9)
        return AnimationGroup(FadeIn(self.panel), FadeIn(self.signs), run_time=run_time)

    def draw(
        self, name: str, shape: Shape, *, width: float = 4.5, role: str = "value", run_time: float = 1.0
    ) -> AnimationGroup:  # fmt: skip
        """A curve, drawn from left to right."""
        curve = self.keep(self.curve(shape, width, role), 10)
        self.shapes[name] = (curve, shape)
        return AnimationGroup(*(Create(layer) for layer in curve), run_time=run_time)

    def split(self, name: str, parts: Mapping[str, Shape], width: float = 4.5, run_time: float = 1.2) -> AnimationGroup:
        """A curve becomes several others."""
        old, _ = self.shapes.pop(name)
        self.drop(old)
        moves: list[Animation] = []
        for k, (part, shape) in enumerate(parts.items()):
            curve = self.keep(self.curve(shape, width), 10)
            self.shapes[part] = (curve, shape)
            moves.append(Become(old, curve, stay=k > 0))
        return AnimationGroup(*moves, run_time=run_time)

    def land(self, name: str, number: Number, run_time: float = 1.2) -> list[Animation]:
        """A number comes out of a figure, where it stays, and stands at its value on a curve."""
        key, z = number.quantity.key, float(number.quantity.value)
        at = self.on(name, z)
        self.where[key] = (name, z)
        tag = self.tags[key] = self.keep(self._tag(number.quantity, at), 13)
        dot = self.dots[key] = self.keep(Dot(at, 0.10, color=self.theme.ink).set_stroke(self.theme.slot, 2), 12)
        return [Become(number, tag, stay=True, run_time=run_time), FadeIn(dot, scale=0.4, run_time=0.4)]

    def reshape(self, goals: Mapping[str, Shape], run_time: float = 1.6) -> Reshape:
        """Curves take on other shapes, and the points on them follow."""
        moves = []
        for name, goal in goals.items():
            curve, _ = self.shapes[name]
            self.shapes[name] = (curve, goal)
            moves.append((name, curve.y.copy(), self._heights(goal, curve.x)))
        return Reshape(self, moves, run_time=run_time)

    def ghost(self, name: str, low: float, high: float) -> FadeIn:
        """Where a straight stretch of a curve runs now stays seen, faintly, whatever becomes of the curve."""
        line = DashedLine(self.on(name, low), self.on(name, high), dash_length=0.12, dashed_ratio=0.5)
        self.ghosts.add(self.keep(line.set_stroke(self.theme.muted, 2.5, 0.8), 9))
        return FadeIn(line, run_time=0.4)

    def renumber(self, values: Mapping[str, Quantity]) -> AnimationGroup:
        """The numbers of points turn into other ones: what has been made of them. By the keys under which they landed."""
        changes: list[Animation] = []
        for key, value in values.items():
            old = self.tags[key]
            new = self.tags[key] = self.keep(self._tag(value, self.dots[key].get_center()), 13)
            self.drop(old)
            changes.append(Become(old, new))
        return AnimationGroup(*changes, run_time=0.7)

    def say(self, word: str, name: str, x: float, run_time: float = 0.5) -> FadeIn:
        """A word under a curve, at x."""
        label = Label(word, self.theme.ink, 26, "semibold")
        self.words.add(label.move_to(self.on(name, x) - [0, 0.36, 0]))
        return FadeIn(self.keep(label, 13), run_time=run_time)

    def hush(self, *names: str, share: float = DIMMED, run_time: float = 0.6) -> AnimationGroup:
        """These curves step back; without any, what the axes are called."""
        parts = [self.shapes[name][0] for name in names] or [self.signs]
        return AnimationGroup(*(Dim(part, share) for part in parts), run_time=run_time)

    def forget(self, run_time: float = 0.5) -> AnimationGroup:
        """The points and their numbers go; the curves stay."""
        gone = [*self.dots.values(), *self.tags.values(), *self.ghosts]
        self.drop(*gone)
        self.ghosts = VGroup()
        self.dots, self.tags, self.where = {}, {}, {}
        return AnimationGroup(*(FadeOut(part) for part in gone), run_time=run_time)

    # Where things are -----------------------------------------------------------------------------------------------

    def on(self, name: str, x: float) -> np.ndarray:
        """The place of a curve over x, as it is drawn now."""
        curve, _ = self.shapes[name]
        return self.view.place(x, float(np.interp(x, curve.x, curve.y)))

    def curve(self, shape: Shape, width: float = 4.5, role: str = "value") -> Curve:
        """The samples of a shape in this panel."""
        x = np.unique(np.append(np.linspace(*self.view.x, SAMPLES), 0.0))
        return Curve(self.theme, x, self._heights(shape, x), self.view, role, width)

    def _heights(self, shape: Shape, x: np.ndarray) -> np.ndarray:
        return np.asarray(shape(x), float).ravel() * np.ones(len(x))

    def _tag(self, quantity: Quantity, at: np.ndarray) -> Number:
        value = float(quantity.value)
        number = Number(quantity, self.theme.ink, 28, decimals=2)
        number.ground = self.theme.slot
        side = BESIDE if value > 0 else -BESIDE if value else UP * abs(BESIDE[1])  # never over the curve
        return number.move_to(at + side)


class Reshape(Animation):
    """Curves between two shapes: every height runs evenly from the one to the other."""

    def __init__(self, figure: BendCurve, moves: Sequence[tuple[str, np.ndarray, np.ndarray]], **kwargs: Any):
        self.figure, self.moves = figure, moves
        names = [name for name, _, _ in moves]  # in one order, whoever draws it
        self.keys = [key for key, (name, _) in figure.where.items() if name in names]
        moving = VGroup(*(figure.shapes[name][0] for name in names))
        moving.add(*(part for key in self.keys for part in (figure.dots[key], figure.tags[key])))
        kwargs.setdefault("rate_func", smooth)
        super().__init__(moving, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        figure = self.figure
        for name, start, end in self.moves:
            curve, _ = figure.shapes[name]
            curve.y = start + (end - start) * share
            curve.look_through(figure.view)
        for key in self.keys:
            dot, (name, x) = figure.dots[key], figure.where[key]
            at = figure.on(name, x)
            figure.tags[key].shift(at - dot.get_center())
            dot.move_to(at)

    def clean_up_from_scene(self, scene: Any) -> None:
        """The parts belong to the figure again."""
        super().clean_up_from_scene(scene)
        scene.remove(self.mobject)
        scene.add(self.figure)


__all__ = ["BendCurve"]
