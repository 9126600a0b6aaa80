"""S18: curves of one number side by side – activations, losses, own ones – with a point that moves on all of them at once.

Reads responses: values and slopes. Invariants: the point is on its curve; the line through it has the engine's slope in the
units of the panel; all panels share one scale, so that steep is steep.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from manim import Animation, AnimationGroup, Create, Dot, FadeIn, FadeOut, Line, Square, Transform, VGroup, VMobject
from manim.utils.rate_functions import smooth

from chainreel.engine import Quantity
from chainreel.engine.learning.responses import Response

from ..stage.area import Area
from ..stage.curve import Curve
from ..stage.errors import StageError
from ..stage.number import Number
from ..stage.parts import round_caps, slot
from ..stage.rounding import shown
from ..stage.theme import Theme, mix
from ..stage.ticks import Tick
from ..stage.type import Label
from ..stage.view import Range, View, span_of
from .figure import Figure

MOST = 6
SAMPLES = 241
ARM = 0.75  # half a tangent, frame units
TITLE, READOUT = 0.42, 0.50  # heights above and below a plot
STATES = {"dead": "dead", "flat": "nearly flat", "alive": "alive"}


class ResponseGallery(Figure):
    """Panels of responses over the range `see`; `responses` by the name of their source.

    Verbs: `appear`, `stand(row)`, `slide(row)`, `judge(row)`, `forget`, `dim(*names)`, `gap(name)`.
    """

    def __init__(self, responses: Mapping[str, Response], theme: Theme, area: Area, see: Range):
        super().__init__(theme)
        if not 1 <= len(responses) <= MOST:
            raise StageError(f"{len(responses)} curves are to be compared; from one to {MOST} can be seen side by side")
        self.responses, self.see = dict(responses), see
        x = np.linspace(*see, SAMPLES)
        looks = {name: r.look(x)[0] for name, r in self.responses.items()}
        for name, y in looks.items():
            if not np.isfinite(y).any():
                raise StageError(f"{name} has no finite value from {see[0]:g} to {see[1]:g}; show another part with --range")
        self.y = shared_span(list(looks.values()), [v for r in self.responses.values() for v in r.values])
        self.panels: dict[str, Panel] = {}
        for (name, response), room in zip(self.responses.items(), rooms(area, len(self.responses)), strict=True):
            self.panels[name] = Panel(theme, name, response, x, looks[name], see, self.y, room)
        self.x_at: float | None = None
        self.judgements = VGroup()

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            f"{self.counted(self.responses, 'curve')} from {self.told(self.see[0])} to {self.told(self.see[1])}, each "
            f"with a point and its slope: {self.listed(self.responses)}."
        )

    def quantity(self, name: str, what: str, row: int = 0) -> Quantity:
        """A number of a response, under the name of its source."""
        return replace(self.responses[name].quantity(what, row), source=name)

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 1.6) -> AnimationGroup:
        """All panels, their curves drawn from left to right."""
        parts: list[Animation] = []
        for panel in self.panels.values():
            parts += [FadeIn(self.keep(panel.frame, 0)), *(Create(layer) for layer in self.keep(panel.curve, 2))]
        return AnimationGroup(*parts, run_time=run_time)

    def stand(self, row: int) -> AnimationGroup:
        """A point on every curve, its tangent, and the two readings."""
        self.x_at = next(iter(self.responses.values())).points[row]
        parts: list[Animation] = []
        for panel in self.panels.values():
            panel.settle(row)
            for part, z in ((panel.tangent, 5), (panel.dot, 8), (panel.readings, 6)):
                self.keep(part, z)
            parts += [FadeIn(panel.dot, scale=0.4), *(Create(line) for line in panel.tangent), FadeIn(panel.readings)]
        return AnimationGroup(*parts, run_time=1.0)

    def slide(self, row: int, run_time: float = 2.2) -> Animation:
        """All points move along their curves to another row, readings running."""
        start = self.x_at
        assert start is not None
        self.x_at = next(iter(self.responses.values())).points[row]
        return Slide(self, start, row, run_time=run_time)

    def judge(self, row: int) -> AnimationGroup:
        """Mint tick for what still answers, muted bar for what is nearly flat, mauve cross for what is dead."""
        self.judgements = VGroup(*(p.verdict(self.responses[n].state(row)) for n, p in self.panels.items()))
        return AnimationGroup(*(FadeIn(self.keep(v, 7), scale=0.7) for v in self.judgements), run_time=0.7)

    def forget(self) -> FadeOut:
        """The marks go."""
        gone, self.judgements = self.judgements, VGroup()
        self.drop(*gone)
        return FadeOut(VGroup(*gone), run_time=0.4)

    def dim(self, *names: str) -> AnimationGroup:
        """Panels that are not spoken about step back; none: all are lit again."""
        return AnimationGroup(
            *(Transform(p.curve, _faded(p.curve, 0.35 if n in names else 1.0)) for n, p in self.panels.items()), run_time=0.6
        )

    def gap(self, name: str) -> AnimationGroup:
        """For a loss: the distance between the guess and the truth, on the axis."""
        panel = self.panels[name]
        return AnimationGroup(*(Create(part) for part in self.keep(panel.gap(), 4)), run_time=1.0)


class Panel:
    """One curve with its little frame, its point and its readings."""

    def __init__(
        self, theme: Theme, name: str, response: Response, x: np.ndarray, y: np.ndarray, see: Range, span: Range, room: Area
    ):  # fmt: skip
        self.theme, self.name, self.response, self.room = theme, name, response, room
        self.role = "loss" if response.kind == "loss" else "value"
        height = room.height - READOUT - 0.42 - TITLE
        step = _step(span[1] - span[0], max(height / 0.75, 2.0))
        numbers = [Tick(float(v) * step, step, theme.muted).width for v in (np.ceil(span[0] / step), np.floor(span[1] / step))]
        box = (room.left + max(*numbers, 0.3) + 0.2, room.right - 0.2, room.bottom + READOUT + 0.42, room.top - TITLE)
        self.view = View(see, span, box)
        self.curve = Curve(theme, x, y, self.view, self.role, 4.0)
        self.frame = self._frame()
        self.dot = Dot(radius=0.10, color=theme.ink).set_stroke(theme.ground, 2.5)
        self.tangent = VGroup(*(round_caps(Line()) for _ in range(2)))
        self.readings = VGroup()
        self.bar: Line | None = None

    def _frame(self) -> VGroup:
        theme, view = self.theme, self.view
        left, right, bottom, top = view.box
        rim = mix(theme.rim, theme.muted, 0.3)
        group = VGroup()
        title = Label(self.name, theme.ink, 26, "semibold", names=True)
        group.add(title.set_baseline(left, self.room.top - 0.28))
        group.add(Line([left, bottom, 0], [right, bottom, 0]).set_stroke(rim, 1.8))
        group.add(Line([left, bottom, 0], [left, top, 0]).set_stroke(rim, 1.8))
        letter = Label(self.response.input, theme.tint("knob"), 24, "medium", names=True)
        group.add(letter.move_to([min(right + 0.06 + letter.width / 2, self.room.right - letter.width / 2), bottom, 0]))
        for axis, (low, high) in enumerate((view.x, view.y)):
            most = max((right - left) / 0.9, 2.0) if axis == 0 else max((top - bottom) / 0.75, 2.0)
            step = _step(high - low, most)
            for value in np.arange(np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9) + 1) * step:
                value = float(value) + 0.0
                place = view.place(value, view.y[0]) if axis == 0 else view.place(view.x[0], value)
                number = Tick(value, step, theme.muted)
                if axis == 0:
                    group.add(number.move_to([place[0], bottom - 0.24, 0]))
                    group.add(Line(place, place + [0, -0.06, 0]).set_stroke(rim, 1.8))
                else:
                    group.add(number.move_to([left - 0.12 - number.width / 2, place[1], 0]))
                    group.add(Line(place, place + [-0.06, 0, 0]).set_stroke(rim, 1.8))
                if value == 0 and 0.05 < (0 - low) / (high - low) < 0.95:
                    end = view.place(0.0, view.y[1]) if axis == 0 else view.place(view.x[1], 0.0)
                    group.add(Line(place, end).set_stroke(rim, 1.2, 0.5))
        return group

    def place(self, x: float, value: float) -> np.ndarray:
        """Where a point of the curve is seen; beyond the rim it stays on it."""
        low, high = self.view.y
        return self.view.place(x, min(max(value, low), high))

    def draw(self, x: float, value: float, slope: float) -> None:
        """Put point and tangent at a place of the curve."""
        at = self.place(x, value)
        inside = self.view.y[0] <= value <= self.view.y[1]
        self.dot.move_to(at)
        self.dot.set_fill(opacity=1.0 if inside else 0.35)
        if self.bar is not None:
            low = self.view.box[2]
            self.bar.put_start_and_end_on([at[0] - 1e-3, low, 0], [self.view.place(self.response.target, 0)[0], low, 0])
        sx, sy = self.view.scale
        direction = np.array([sx, slope * sy, 0.0])
        direction /= np.hypot(*direction[:2])
        left, right, bottom, top = self.view.box
        ends = []
        for sign in (-1.0, 1.0):
            room = [ARM]
            for i, (low, high) in enumerate(((left, right), (bottom, top + 0.1))):
                if abs(direction[i]) > 1e-12:
                    room.append(((high if sign * direction[i] > 0 else low) - at[i]) / (sign * direction[i]))
            ends.append(at + sign * direction * max(min(room), 0.02))
        for line, (width, opacity) in zip(self.tangent, ((13, 0.16 * self.theme.glow), (4.5, 1.0)), strict=True):
            line.put_start_and_end_on(*ends)
            line.set_stroke(self.theme.slope, width, opacity if inside else 0.35 * opacity)

    def settle(self, row: int) -> None:
        """Stand at a row of the response, its two quantities printed."""
        value, slope = (replace(self.response.quantity(w, row), source=self.name) for w in ("value", "slope"))
        self.draw(self.response.points[row], value.value, slope.value)
        middle, y = self.room.center[0], self.room.bottom + READOUT / 2
        whole = min(self.room.width - 0.1, 4.2)
        x = middle - whole / 2
        parts = VGroup()
        for share, quantity, role in ((0.44, value, self.role), (0.56, slope, "slope")):
            width = share * whole - 0.06
            back = slot(self.theme, width, READOUT - 0.04).move_to([x + width / 2, y, 0])
            sign = _sign(self.theme, role).move_to([x + 0.24, y, 0])
            number = Number(quantity, self.theme.tint(role), 28, decimals=_places(quantity.value, role))
            if number.width > width - 0.52:
                number = Number(quantity, self.theme.tint(role), 26, decimals=number.decimals)
            number.ground = self.theme.slot
            if number.width > width - 0.52:
                sign.set_opacity(0)
                number.move_to([x + width / 2, y, 0])
            else:
                number.move_to([x + 0.40 + (width - 0.45) / 2, y, 0])
            parts.add(VGroup(back, sign, number))
            x += width + 0.12
        self.readings.submobjects = parts.submobjects

    def run(self, x: float, value: float, slope: float) -> None:
        """The readings while the point moves: they settle when it stands."""
        for group, number in zip(self.readings, (value, slope), strict=True):
            group[2].set_text(shown(number, 2, auto=False))

    def verdict(self, state: str) -> VGroup:
        """The mark and the word of a state, at the upper right of the panel."""
        theme = self.theme
        colour = {"alive": theme.data, "flat": theme.muted, "dead": theme.tint("loss")}[state]
        strokes = {
            "alive": [[(-0.13, 0.0), (-0.04, -0.1), (0.14, 0.13)]],
            "flat": [[(-0.14, 0.0), (0.14, 0.0)]],
            "dead": [[(-0.1, -0.1), (0.1, 0.1)], [(-0.1, 0.1), (0.1, -0.1)]],
        }[state]
        mark = VGroup()
        for stroke in strokes:
            line = VMobject().set_points_as_corners([[a, b, 0] for a, b in stroke])
            mark.add(round_caps(line.set_stroke(colour, 5).set_fill(opacity=0)))
        group = VGroup(mark)
        rim, y = self.room.right, self.frame[0].get_center()[1]
        label = Label(STATES[state], colour, 22, "medium")
        if label.width + 0.45 > rim - self.frame[0].get_right()[0]:
            label = Label(STATES[state].removeprefix("nearly "), colour, 22, "medium")
        if label.width + 0.45 <= rim - self.frame[0].get_right()[0]:
            group.add(label.move_to([rim - label.width / 2, y, 0]))
            mark.move_to([label.get_left()[0] - 0.22, y, 0])
        else:
            mark.move_to([rim - 0.15, y, 0])
        return group

    def gap(self) -> VGroup:
        """From the guess to the truth on the axis, and the loss as the height over it."""
        low, truth = self.view.box[2], self.view.place(self.response.target, 0)[0]
        bar = self.bar = Line([self.dot.get_center()[0], low, 0], [truth, low, 0]).set_stroke(self.theme.loss, 7)
        mark = Square(0.18).move_to([truth, low, 0]).set_fill(self.theme.data, 1).set_stroke(self.theme.ground, 1.5)
        return VGroup(bar, mark)


class Slide(Animation):
    """All points run along their curves; what is seen between is computed by the engine for every frame."""

    def __init__(self, figure: ResponseGallery, start: float, row: int, **kwargs: Any):
        self.figure, self.row = figure, row
        end = next(iter(figure.responses.values())).points[row]
        self.x = np.linspace(start, end, 121)
        self.looks = {name: r.look(self.x) for name, r in figure.responses.items()}
        moving = VGroup(*(VGroup(p.dot, p.tangent, p.readings, *([p.bar] if p.bar else [])) for p in figure.panels.values()))
        kwargs.setdefault("rate_func", smooth)
        super().__init__(moving, introducer=True, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        for name, panel in self.figure.panels.items():
            if alpha >= 1:
                panel.settle(self.row)
                continue
            values, slopes = self.looks[name]
            at = share * (len(self.x) - 1)
            value, slope = (float(np.interp(at, np.arange(len(self.x)), v)) for v in (values, slopes))
            if np.isfinite(value) and np.isfinite(slope):
                panel.draw(float(np.interp(at, np.arange(len(self.x)), self.x)), value, slope)
                panel.run(self.x[0], value, slope)

    def clean_up_from_scene(self, scene: Any) -> None:
        super().clean_up_from_scene(scene)
        for panel in self.figure.panels.values():
            panel.settle(self.row)
        scene.remove(self.mobject)
        scene.add(self.figure)


def _places(value: float, role: str) -> int | None:
    """Two decimals; a slope that would then look like none gets more, or a power of ten."""
    size = abs(value)
    if size >= 1e4:
        return None
    if role != "slope" or size == 0 or size >= 0.0095:
        return 2 if size < 100 else 1
    return 4 if size >= 9.5e-4 else None


def _sign(theme: Theme, role: str) -> VMobject:
    """What a reading is of: a disc for the value, a diamond for a loss, a sloping line for the slope."""
    if role == "slope":
        return round_caps(Line([-0.11, -0.09, 0], [0.11, 0.09, 0]).set_stroke(theme.slope, 5))
    if role == "loss":
        return Square(0.15).rotate(np.pi / 4).set_fill(theme.loss, 1).set_stroke(width=0)
    return Dot(radius=0.09, color=theme.value)


def _faded(curve: Curve, to: float) -> Curve:
    goal = curve.copy()
    for layer, now in zip(curve, goal, strict=True):
        full = getattr(layer, "full", None)
        if full is None:
            full = layer.full = float(layer.get_stroke_opacity())
        now.set_stroke(opacity=full * to)
    return goal


def _step(size: float, most: float) -> float:
    """A round step that gives at most so many ticks."""
    return next(
        float(f"{r}e{p}") for p in range(-12, 13) for r in (1, 2, 5) if size / float(f"{r}e{p}") <= most
    )  # fmt: skip


def shared_span(looks: list[np.ndarray], keep: list[float]) -> Range:
    """One range of values for all panels: everything, unless one curve alone would press the others flat. `keep` are the
    values where the point stands."""
    spans = [span_of(y, (), 0.02, 0.92) for y in looks]
    low, high = min(a for a, _ in spans), max(b for _, b in spans)
    middle = float(np.median([b - a for a, b in spans]))
    seen = [v for v in keep if np.isfinite(v) and abs(v) <= 4 * middle]
    if high - low > 2.5 * middle and len(spans) > 1:
        low = max(low, min([*(b for _, b in spans), *seen]) - 1.4 * middle)
        high = min(high, low + 2.5 * middle)
    low, high = min([low, *seen]), max([high, *seen])
    pad = 0.08 * (high - low)
    return low - pad, high + pad


def rooms(area: Area, count: int) -> list[Area]:
    """Panels of one size, in reading order, as near to 4:3 as the area allows."""
    def worth(columns: int) -> float:
        rows = -(-count // columns)
        width, height = area.width / columns, area.height / rows
        return min(width / 1.25, height)

    columns = max(range(1, count + 1), key=worth)
    rows = -(-count // columns)
    found = [cell for row in area.rows(*[1] * rows, gap=0.3) for cell in row.columns(*[1] * columns, gap=0.35)]
    last = count - columns * (rows - 1)  # the last row stands in the middle
    shift = (columns - last) * (found[0].width + 0.35) / 2
    return [
        replace(cell, left=cell.left + shift, right=cell.right + shift) if k >= columns * (rows - 1) else cell
        for k, cell in enumerate(found[:count])
    ]  # fmt: skip


__all__ = ["Panel", "ResponseGallery", "rooms", "shared_span"]
