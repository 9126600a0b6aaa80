"""The clip `paths`: all ways from an input to the output, the product along each, and their sum."""

from __future__ import annotations

import math
from typing import Any

from manim import UP, FadeIn, FadeOut, LaggedStart

from chainreel.engine import Paths as Ways

from ..figures.graph_backward import GraphBackward
from ..figures.graph_forward import GraphForward
from ..figures.path_lights import PathLights
from ..stage.area import SHAPES, Area
from ..stage.badge import QuestionBadge
from ..stage.errors import StageError
from ..stage.names import name
from .clip import Clip
from .forward import waves, write_in
from .hold import chosen
from .line import fitted, in_full, roomy, telling, whole
from .words import listing

MOST = 8  # paths that are shown one by one


class Paths(Clip):
    """Every path from an input of `function` to its output; the products along them add up to the slope."""

    shapes = SHAPES
    at: Any
    input: Any

    def prepare(self) -> None:
        """The paths, counted before anything is laid out."""
        free = chosen(self.subject, self.input)
        self.trace = self.trace_at(telling(self))
        self.ways = Ways(self.trace, free)
        if self.ways.count == 0:
            raise StageError(f"the output does not depend on {free}; choose another input with --input")
        if self.ways.count > MOST:
            raise StageError(
                f"{self.ways.count} paths lead from {free} to the output; {MOST} is the most that can be walked one by one. "
                f"That is why reverse mode shares work: it passes each of the {self.ways.arrows} wires once (see the clip "
                "backward)"
            )
        len(self.ways)  # products of single numbers only: arrays are refused here
        self.ledger.source("paths", self.ways.describe())
        self.head, rest = self.area.cut_top(0.66, 0.1)
        columns = 1 if self.shape != "wide" or self.ways.count == 1 else 2
        lines = math.ceil(self.ways.count / columns)
        low, room = rest.cut_bottom(0.52 * lines, 0.25)
        if self.shape == "tall":
            room = Area(room.left, room.right, rest.top - 5.2, rest.top - 0.2)
            low = Area(room.left, room.right, room.bottom - 0.7 - 0.62 * lines, room.bottom - 0.7)
        self.graph, self.head = roomy(self._graph, room, self.head)
        self.lights = PathLights(self.graph, self.ways, low, columns)
        self.alt = (
            f"The graph of a function, in which {self.ways.count} paths from {free} to {self.trace.output.name} light up one "
            "after the other. The product of the local slopes along each is written, and together they are the slope."
        )

    def _graph(self, room: Area) -> GraphForward:
        graph = GraphForward(self.trace, self.look, room, tape=False)
        in_full(graph)
        return graph

    def construct(self) -> None:
        """The graph, the question, each path, the sum, and one sweep that does it all."""
        lights, trace = self.lights, self.trace
        x, f = name(self.ways.name), name(trace.output.name)
        many = self.ways.count > 1
        self._open(x, f)
        if lights.marks:
            with self.beat("Each wire has a local slope.", title="local slopes", hold=0.8):
                self.play(lights.slopes())
        for i, path in enumerate(self.ways):
            inner = [name(step.name) for step in path.steps[1:-1]]
            keys = {f"s{chr(97 + k)}": step for k, step in enumerate(inner)}
            if not inner:
                text = "Straight back from {f} to {x}: {p}."
            elif i == 0 and many:
                text = "Back along one path, by " + listing(["{" + k + "}" for k in reversed(keys)]) + ": multiply, {p}."
            else:
                text = "By " + listing(["{" + k + "}" for k in reversed(keys)]) + ": {p}."
            if len(inner) > 5:
                text, keys = "And another way: {p}.", {}
            known: dict[str, Any] = {"f": f, "x": x} if not inner else dict(keys)
            with self.beat(text, title=f"path {chr(97 + i)}", hold=0.6, p=lights.quantity("product", i), **known):
                self.perform(lights.light(i))
            self.play(lights.calm(i))
        self._sum(x, f)
        self._share()

    def _open(self, x: Any, f: Any) -> None:
        self.top = whole(self.look, self.trace, self.head)
        badge = QuestionBadge(self.look, self.area.right - 0.4, self.area.top - 0.4)
        with self.beat("How many ways lead from {x} to {f}?", title="the question", hold=2.2, x=x, f=f):
            parts = sorted(self.graph.settle_all().submobjects, key=lambda m: float(m.get_left()[0]))
            self.play(LaggedStart(*map(FadeIn, parts), lag_ratio=0.1, run_time=1.8),
                      *([write_in(self.top)] if self.top is not None else []))  # fmt: skip
            self.play(FadeIn(badge, scale=0.6), run_time=0.4)
        self.badge = badge
        text = "{n} paths. We walk them one by one." if self.ways.count > 1 else "Only one. We walk it back."
        known: dict[str, Any] = {"n": self.lights.quantity("count")} if self.ways.count > 1 else {}
        with self.beat(text, title="the count", **known):
            self.play(FadeOut(badge, run_time=0.4), self.lights.slots())

    def _sum(self, x: Any, f: Any) -> None:
        lights = self.lights
        line = fitted(lights.total, self.head)
        many = self.ways.count > 1
        text = "The products add up to {s}. So strongly" if many else "{s}: so strongly"
        text += " does {f} follow {x}."
        with self.beat(text, title="the sum", hold=2.2, s=lights.quantity("slope"), f=f, x=x):
            if line is not None:
                if self.top is not None:
                    self.play(FadeOut(self.top, shift=0.1 * UP), run_time=0.4)
                self.play(*(FadeIn(part, shift=0.1 * UP) for part in [line]), run_time=0.8)
            self.poster()

    def _share(self) -> None:
        """One reverse sweep walks each wire once, and adds on the way."""
        lights, back = self.lights, GraphBackward(self.graph)
        links, arrows = lights.quantity("links"), lights.quantity("arrows")
        known: dict[str, Any] = {}
        if links.value > arrows.value:
            text = "One by one we passed {l} wires. One sweep back passes each of these {a} once, and adds on its way."
            known = {"l": links, "a": arrows}
        else:
            text = "One sweep back finds the same, and adds on its way."
        with self.beat(text, title="one sweep", hold=1.0, **known):
            if lights.marks:
                self.play(*map(FadeOut, lights.marks.values()), run_time=0.4)
            self.play(back.appear_baskets())
            self.perform(back.seed())
            for wave in reversed(waves(self.graph)):
                self.perform(*(back.backward(s, run_time=0.6) for s in reversed(wave)))
        with self.beat("In the basket of {x} lies {s} again.", title="the same slope", hold=3.0, x=name(self.ways.name),
                       s=lights.quantity("slope")):  # fmt: skip
            self.play(back.crown())
