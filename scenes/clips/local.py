"""The clip `local`: one box of the graph enlarged, and what it does with the blame that arrives."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
from manim import FadeIn, FadeOut, RoundedRectangle, TransformFromCopy, VGroup

from chainreel.engine import EngineError, Step, Trace

from ..figures.graph_forward import subtree
from ..figures.local_rule import GATES, LocalRule
from ..stage.area import SHAPES, Area
from ..stage.badge import QuestionBadge
from ..stage.errors import StageError
from ..stage.formula import Formula
from ..stage.names import name
from ..stage.theme import Theme
from ..stage.type import Label
from .clip import Clip, subject
from .forward import write_in
from .line import telling, whole
from .words import _NOUNS, step_sentence

OPS: dict[str, tuple[str, dict[str, float]]] = {
    "add": ("a + b", {"a": 3, "b": 2}), "sub": ("a - b", {"a": 3, "b": 2}), "mul": ("a*b", {"a": 3, "b": 2}),
    "div": ("a/b", {"a": 3, "b": 2}), "pow": ("a**b", {"a": 2, "b": 3}), "max": ("max(a, b)", {"a": 3, "b": 2}),
    "min": ("min(a, b)", {"a": 3, "b": 2}), "neg": ("-x", {"x": 2}), "square": ("x**2", {"x": 1.5}),
    "sqrt": ("sqrt(x)", {"x": 4}), "exp": ("exp(x)", {"x": 0.5}), "log": ("log(x)", {"x": 2}),
    "sin": ("sin(x)", {"x": 1}), "cos": ("cos(x)", {"x": 1}), "tanh": ("tanh(x)", {"x": 0.5}),
    "sigmoid": ("sigmoid(x)", {"x": 0.5}), "relu": ("relu(x)", {"x": 1.5}), "abs": ("abs(x)", {"x": -1.5}),
}  # fmt: skip


class Local(Clip):
    """One box of `function` – the step `step`, or an operation by itself – with its rule, its partner values, its gate."""

    shapes = SHAPES
    at: Any
    op: Any
    step: Any
    blame: Any

    def prepare(self) -> None:
        """The trace, the box, and for a gate what might have been."""
        if self.op is not None:
            text, values = OPS[self.op]
            factor = 2.0 if self.blame is None else self.blame
            self.subject = subject(f"p = {text}; {factor!r}*p")
            known = {k: v for k, v in (self.at or {}).items()}
            self.trace = self.trace_at({**values, **known})
            self.step = self.step or "p"
        else:
            if self.blame is not None:
                raise StageError("--blame goes with --op; in a function of your own the blame is what its rest makes it")
            self.trace = self.trace_at(telling(self))
        chosen = self.trace.step(self.step) if self.step is not None else telling_step(self.trace)
        if chosen.dead:
            raise StageError(f"the output does not depend on {chosen.name}, so no blame reaches it; name another step")
        self.place, self.rows = self._areas(len(chosen.edges))
        self.rule = LocalRule(chosen, self.look, self.place, self.rows)
        self.other = what_if(chosen) if chosen.primitive in GATES else None
        self.alt = (
            f"The box {chosen.name} of a graph, enlarged. Blame arrives from the right and goes on to each operand, times the "
            "local slope there."
        )

    def _areas(self, operands: int) -> tuple[Area, Area]:
        self.head, area = self.area.cut_top(0.3 if self.op else 0.66, 0.0 if self.op else 0.1)
        low, rest = area.cut_bottom((0.78 if self.shape == "wide" else 0.6) * operands, 0.2)
        if self.shape == "tall":
            rest = Area(area.left, area.right, area.top - 6.6, area.top - 1.0)
            low = Area(area.left, area.right, rest.bottom - 0.6 - 0.8 * operands, rest.bottom - 0.6)
        return rest, low

    def construct(self) -> None:
        """What it computes, the blame that comes, its share for each operand, and the other case of a gate."""
        rule, step, trace = self.rule, self.rule.step, self.trace
        said, known = step_sentence(trace, step)
        top = whole(self.look, trace, self.head) if self.op is None else None
        with self.beat("One box, enlarged: " + said + ".", title="the box", **known):
            if top is not None:
                plate = part_plate(self.look, top, step)
                self.play(write_in(top), *([FadeIn(plate)] if plate is not None else []), run_time=0.7)
                if plate is not None:  # the box grows out of its part of the formula
                    self.play(TransformFromCopy(plate, rule.box), run_time=0.6)
            self.perform(rule.appear())
        f, p = name(trace.output.name), name(step.name)
        if step is trace.output:
            text = "It is the last box: {p} follows itself at {j}."
        else:
            text = "From the right comes blame: {f} moves {j} for each unit of {p}."
        words: dict[str, Any] = {"p": p, "j": rule.quantity("adjoint", step)}
        if step is not trace.output:
            words["f"] = f
        with self.beat(text, title="blame arrives", hold=0.6, **words):
            self.perform(rule.arrive())
        badge = QuestionBadge(self.look, self.area.right - 0.4, self.area.top - 0.4)
        first = name(rule.edges[0].source.name)
        with self.beat("How much of it goes on to {a}?", title="predict", hold=2.2, a=first):
            self.play(FadeIn(badge, scale=0.6), run_time=0.4)
        self.play(FadeOut(badge), run_time=0.3)
        for k in range(len(rule.edges)):
            text, known = self._reason(rule, k)
            with self.beat(text, title=f"to {rule.edges[k].source.name}", hold=0.8, **known):
                self.perform(rule.rule(k))
                self.perform(rule.pass_on(k))
        self.poster()
        with self.beat(moral(rule), title="the rule", hold=2.5):
            self.poster()
        if self.other is not None:
            self._might_have_been(self.other)

    def _reason(self, rule: LocalRule, k: int) -> tuple[str, dict[str, Any]]:
        edge = rule.edges[k]
        known: dict[str, Any] = {"a": name(edge.source.name), "l": rule.quantity("local", edge),
                                 "c": rule.quantity("contribution", edge)}  # fmt: skip
        partner = rule.partner(k)
        if partner is not None:
            known["b"] = name(rule.edges[partner].source.name)
            return "For {a} the slope is the partner, {b}: {l}. So {a} gets {c}.", known
        if rule.gated and float(edge.local) == 0.0:  # type: ignore[arg-type]
            return "The gate to {a} is closed: its slope is {l}. So {a} gets {c}.", known
        if rule.gated and rule.step.primitive != "abs":
            return "The gate to {a} is open: its slope is {l}. So {a} gets {c}.", known
        if len(rule.edges) == 1 and rule.step.primitive in _NOUNS:
            return "The slope of " + _NOUNS[rule.step.primitive] + " is {l} here. So {a} gets {c}.", known
        return "For {a} the slope is {l}. So {a} gets {c}.", known

    def _might_have_been(self, other: Step) -> None:
        """The same box at a place where its gate stands the other way."""
        self.ledger.source("other trace", other.trace.describe())
        ghost = LocalRule(other, self.look, self.place, self.rows, name="other trace", ghost=True)
        tag = Label("what if", self.look.muted, 26, "semibold")
        tag.move_to([ghost.box.get_center()[0], float(ghost.box.get_top()[1]) + 0.36, 0])
        moved = next(e for e, own in zip(other.edges, self.rule.edges, strict=True) if e.source.value != own.source.value)
        with self.beat("Had {a} been {v},", title="what if", hold=0.6, a=name(moved.source.name),
                       v=ghost.quantity("value", moved.source)):  # fmt: skip
            self.play(self.rule.leave())
            self.play(*ghost.appear(), FadeIn(tag), run_time=0.8)
            self.perform(ghost.arrive(1.3))
        for k in range(len(ghost.edges)):
            text, known = self._reason(ghost, k)
            with self.beat(text, title=f"what if: to {ghost.edges[k].source.name}", hold=0.8, **known):
                self.perform(ghost.rule(k))
                self.perform(ghost.pass_on(k))
        with self.beat("Same blame, other gate.", title="gates", hold=2.5):
            self.poster()


def part_plate(look: Theme, top: Formula, step: Step) -> RoundedRectangle | None:
    """A plate behind the part of a formula that a step computes; None where that part is not written there."""
    members = subtree(step)
    glyphs = [g for g in top[2:] if g.mark.step in members]  # the first glyphs are the name of the whole
    own = [i for i, g in enumerate(top) if g in glyphs and g.mark.step == step.index]
    if not own:
        return None
    first = last = own[0]
    while first > 2 and top[first - 1].mark.step in members:
        first -= 1
    while last + 1 < len(top) and top[last + 1].mark.step in members:
        last += 1
    group = VGroup(*top[first : last + 1])
    plate = RoundedRectangle(corner_radius=0.10, width=group.width + 0.16, height=max(group.height + 0.16, 0.5))
    plate.set_fill(look.value, 0.20 if look.dark else 0).set_stroke(look.value, 0 if look.dark else 2)
    return plate.move_to(group.get_center()).set_z_index(4)


def moral(rule: LocalRule) -> str:
    """What the box does, in one sentence."""
    primitive, n = rule.step.primitive, len(rule.edges)
    if primitive == "add":
        return "A plus hands on what it gets, unchanged."
    if primitive == "sub" and n == 2:
        return "A minus hands on what it gets, and turns the sign of the second."
    if primitive == "mul" and n == 2:
        return "A product hands each side the value of the other."
    if primitive in GATES and primitive != "abs":
        return "A gate lets everything through, or nothing."
    return "Blame from the right, times the local slope: a box needs nothing else."


def telling_step(trace: Trace) -> Step:
    """A box that says something: a product of two values first, then anything with two operands, then the first box."""
    boxes = [s for s in trace.steps if not s.is_input and not s.dead and s.edges and not np.ndim(s.value)]
    if not boxes:
        raise StageError("this function has no box of single numbers to enlarge")
    inner = [s for s in boxes if s is not trace.output] or boxes
    for wanted in (("mul",), GATES, None):
        for step in inner:
            if wanted is None or (step.primitive in wanted and (wanted is GATES or len(step.edges) == 2)):
                return step
    return boxes[0]


def what_if(step: Step) -> Step | None:
    """The same box at a nearby point at which its gates stand otherwise, or None."""
    trace = step.trace
    own = [float(e.local) for e in step.edges]  # type: ignore[arg-type]
    for at in _nearby(trace):
        try:
            there = trace.function.trace(at, strict=True)
        except EngineError:
            continue
        if len(there) != len(trace):
            continue
        twin = there.steps[step.index]
        if twin.primitive == step.primitive and [float(e.local) for e in twin.edges] != own and not twin.dead:  # type: ignore[arg-type]
            return twin
    return None


def _nearby(trace: Trace) -> Iterator[dict[str, Any]]:
    """Points at which one input, then two, are mirrored, exchanged or moved."""
    at = {k: v for k, v in trace.at.items() if not np.ndim(v)}
    for k, v in at.items():
        yield {**trace.at, k: -v}
    for (i, a), (j, b) in product(at.items(), at.items()):
        if i < j:
            yield {**trace.at, i: b, j: a}
    for k, v in at.items():
        for move in (1.0, -1.0, 2.0, -2.0, 5.0, -5.0, -v):
            yield {**trace.at, k: v + move}
