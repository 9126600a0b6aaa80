"""The clip `code`: the user's own source lines run, every step flies into the graph, and blame walks back up the lines."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from manim import UP, Animation, AnimationGroup, Create, FadeIn, FadeOut, VGroup, VMobject

from chainreel.engine import Step
from chainreel.engine.slip import Slip

from ..figures.code_trace import CodeTrace
from ..figures.graph_backward import GraphBackward
from ..figures.graph_forward import GraphForward, edge_key
from ..stage.area import SHAPES, Area
from ..stage.badge import QuestionBadge
from ..stage.errors import StageError
from ..stage.names import name
from ..stage.number import Number
from ..stage.parts import awaiting, round_caps
from ..stage.plate import Plate
from ..stage.type import Label
from .clip import Clip
from .words import blame_sentence, inputs_sentence, listing, step_sentence

MOST = 14  # boxes: more of them make no picture that lines can be tied to


class Code(Clip):
    """The source of `function` beside its graph: forward line by line, blame back up, and a typical bug run for real."""

    shapes = SHAPES

    at: Any
    bug: Any

    def prepare(self) -> None:
        """The trace, the pane with its lines, the graph below it, and the mistaken sweep."""
        self.trace = self.trace_at(self.at)
        operations = [s for s in self.trace.steps if not s.is_input and not s.dead]
        if len(operations) > MOST:
            raise StageError(
                f"{self.subject.title} takes {len(operations)} steps, and {MOST} can be tied to their lines; show a smaller "
                "function, or use 'clip forward', which folds"
            )
        self.code, self.graph = self._layout(len(operations))
        self.back = GraphBackward(self.graph)
        if any(type(s) is not Step for s in self.graph.operations):
            raise StageError(f"the graph of {self.subject.title} has no room below its lines; show a smaller function")
        self.order: list[Step] = [s for s in self.trace.steps if not s.is_input and not s.dead]
        self.slip = Slip(self.trace) if self.bug != "none" else None
        if self.slip is not None:
            self.ledger.source("slip", self.slip.describe())

    def _layout(self, count: int) -> tuple[CodeTrace, GraphForward]:
        """The pane takes what the lines need, the graph the rest. Better are: four rows of source at a time, a graph with its
        round values, all lines in sight, larger type – in this order."""
        area = self.area
        problem: StageError | None = None
        best: tuple[Any, CodeTrace, GraphForward] | None = None
        widths = (min(area.width, 8.4), area.width) if self.shape == "wide" else (area.width,)
        heights = {"wide": (2.9, 2.4, 1.9), "square": (3.1, 2.6, 1.9), "tall": (5.2, 4.0, 3.0)}[self.shape]
        for high, size, wide in product(heights, (30.0, 26.0, 22.0), widths):
            try:
                code = CodeTrace(self.trace, self.look, Area(area.left, area.left + wide, area.top - high, area.top), size)
                room = Area(area.left, area.right, area.bottom, code.bottom - 0.2)
                if room.height > 6.8:  # no taller, and nearer to the code than to the captions
                    spare = room.height - 6.8
                    room = Area(room.left, room.right, room.bottom + 0.6 * spare, room.top - 0.4 * spare)
                graph = GraphForward(self.trace, self.look, room, tape=False, limit=max(count, 1))
            except StageError as error:
                problem = problem or error
                continue
            total = len(code.lines)
            rank = (code.rows < min(4, total), graph.dense, code.rows < total, wide, -code.size)
            if best is None or rank < best[0]:
                best = (rank, code, graph)
            if rank[:3] == (False, False, False):
                break
        if best is None:
            assert problem is not None
            raise problem
        return best[1], best[2]

    # The film -------------------------------------------------------------------------------------------------------

    def construct(self) -> None:
        """Source, forward, backward, the bug, the result."""
        self._opening()
        self._forward()
        self._backward()
        if self.slip is not None:
            self._mistake(self.slip)
        self._end()
        where = f" of {self.code.source.file}" if self.code.source.file else ""
        bug = "; then the same sweep with a mistake in it" if self.slip is not None else ""
        self.alt = (
            f"The source lines of {self.code.source.name}{where} above its graph: each line lights up as its step runs and "
            f"becomes a box, then blame walks back up the lines{bug}."
        )

    def _opening(self) -> None:
        words, known = inputs_sentence(self.trace)
        with self.beat("The source, as it stands. " + words + ".", title="the source", **known):
            self.play(self.code.appear(), self.graph.appear_inputs())

    def _groups(self) -> list[list[Step]]:
        """The steps in their order, those together that run in one line after the other."""
        groups: list[list[Step]] = []
        for step in self.order:
            if groups and self.code.line_of(groups[-1][-1]) == self.code.line_of(step):
                groups[-1].append(step)
            else:
                groups.append([step])
        return groups

    def _forward(self) -> None:
        for k, group in enumerate(self._groups()):
            last = group[-1]
            words, known = step_sentence(self.trace, last)
            if len(group) > 1:
                words, known = "one line, several steps: {n} comes out", {"n": name(last.name)}
                if not np.ndim(last.value):
                    words, known = words + " as {v}", {**known, "v": self.trace.quantity("value", last)}
            if k == 0:
                words = "The line runs: " + words
            elif not words.startswith("{"):
                words = words[0].upper() + words[1:]
            with self.beat(words + ".", title=last.name, hold=0.3, **known):
                pace = 0.8 if len(group) == 1 else 0.55
                for step in group:
                    self.perform(self.code.light(step))
                    self.perform(self._fly(step, pace))
                    beside = self.code.value(step)
                    arrive, *result = self.graph.forward(step, run_time=pace)
                    self.perform([arrive])
                    self.perform(result, [beside] if beside is not None else None)
        out = self.trace.output
        with self.beat("The lines are a graph.", hold=0.5, title="the graph"):
            self.play(*self.code.rest(), self.graph.crown(out))
            self.poster()

    def _fly(self, step: Step, pace: float = 0.8) -> list[Animation]:
        """The characters of a step leave their line and become its box."""
        graph, node = self.graph, self.graph.nodes[step.index]
        words = self.code.cut(step)
        words.set_z_index(8)
        self.add(words)
        home = np.array(node.box.get_center())
        scale = min(1.0, 0.8 * node.box.width / max(words.width, 1e-6))
        wires = [graph.keep(graph.lines[edge_key(e)], 0) for e in graph.into(step)]
        parts: list[VMobject] = [graph.keep(node.box, 2), graph.keep(node.sign, 3)]
        rest = [graph.keep(p, z) for p, z in ((node.link, 1), (node.ring, 3), (node.name, 4)) if p is not None]
        flight = words.animate(run_time=max(1.1 * pace, 0.6)).scale(scale).move_to(home).set_opacity(0.28)
        become: list[Animation] = [FadeOut(words), *(FadeIn(p) for p in (*parts, *rest)), *map(Create, wires)]
        return [flight, AnimationGroup(*become, run_time=max(0.85 * pace, 0.5))]

    def _backward(self) -> None:
        back, trace = self.back, self.trace
        badge = QuestionBadge(self.look)
        wide = self.shape == "wide" and self.code.area.right < self.area.right - 1.0
        badge.move_to([self.area.right - 0.4, self.area.top - 0.4 if wide else self.area.bottom + 0.4, 0])
        first = name(trace.inputs[0].name)
        twice = [s for s in self.trace.steps if len([e for e in s.uses if not e.dead]) > 1]
        ask = "Now back up the lines: how strongly does {x} move the result?"
        if twice:
            ask, first = "Now back up the lines. {x} is used more than once: what will its blame be?", name(twice[0].name)
        with self.beat(ask, x=first, hold=2.0, title="the question"):
            self.play(back.appear_baskets())
            self.play(FadeIn(badge, scale=0.6), run_time=0.4)
        out = trace.output
        with self.beat("{f} answers for itself fully: its blame is {v}.", f=name(out.name), v=trace.quantity("adjoint", out),
                       title="start at the end"):  # fmt: skip
            self.perform(self.code.light(out, "slope"), [FadeOut(badge, run_time=0.4)])
            chip = self.code.blame(out)
            self.perform(back.seed(), [chip] if chip is not None else None)
        previous: list[Step] = []
        for group in reversed(self._groups()):
            words, known = blame_sentence(trace, group[-1])
            if len(group) > 1:
                words, known = "step by step, the line of {n} hands its blame back", {"n": name(group[-1].name)}
                words = words[0].upper() + words[1:]
            with self.beat(words + ".", title=f"blame of {group[-1].name}", hold=0.5, **known):
                for step in reversed(group):
                    if step is not out:
                        self.perform(self.code.light(step, "slope"))
                        chip = self.code.blame(step)
                        if chip is not None:
                            self.play(chip)
                    pace = 1.4 if len(group) == 1 else 0.9
                    self.perform(back.backward(step, run_time=pace), *[back.calm(s) for s in previous])
                    previous = [step]
        self.poster()

    def _mistake(self, slip: Slip) -> None:
        """The same sweep, run with `=` where `+=` is meant."""
        look, trace = self.look, self.trace
        rule = self._rule()
        hides = [self.code.title] if rule[0].get_left()[0] < self.code.area.right and self.code.source.file else []
        wrong = [s for s in slip.wrong if s.is_input] or list(slip.wrong)
        with self.beat(
            "Shares that meet add up. A common mistake: to overwrite them.", hold=0.8, title="the rule",
        ):  # fmt: skip
            self.play(*self.code.rest(), *map(FadeOut, hides), FadeIn(rule[0]))
            self.play(FadeIn(rule[1]), run_time=0.8)
        if not wrong:
            with self.beat("Here it does no harm, because no value is used twice: that is why it stays hidden.", hold=2.0,
                           title="hidden"):  # fmt: skip
                self.play(rule[0].animate.set_opacity(0.4), run_time=0.6)
            self.play(FadeOut(rule), *map(FadeIn, hides), run_time=0.6)
            return
        step = wrong[0]
        quantity = slip.quantity("adjoint", step)
        tray = self.back._basket(step)
        chip = self.back.sums[step.index]
        ghost = Plate(look, Number(quantity, look.tint("loss"), 28, "bold")).move_to(chip.get_center())
        ring = awaiting(look, tray[1].copy(), "loss", 14).move_to(tray.get_center())
        cross = _cross(look.tint("loss")).next_to(tray, UP, buff=0.1)
        cross = self._beside(cross, tray)
        known: dict[str, Any] = {"n": name(step.name), "w": quantity, "r": trace.quantity("adjoint", step)}
        with self.beat("Run for real with this mistake, {n} gets {w}, not {r}.", hold=1.6, title="the ghost run", **known):
            for part in (ghost, ring, cross):
                part.set_z_index(9)
            self.play(FadeOut(chip), FadeIn(ghost), FadeIn(ring), run_time=0.8)
            self.play(FadeIn(cross, scale=1.5), run_time=0.6)
        tick = self._beside(_tick(look.data), tray)
        with self.beat("Add the shares, and {n} gets {r} again.", n=known["n"], r=known["r"], hold=0.7, title="added up"):
            self.play(FadeOut(ghost), FadeOut(ring), FadeOut(cross), FadeIn(chip), rule[1].animate.set_opacity(0.35))
            self.play(FadeIn(tick.set_z_index(9), scale=1.4), run_time=0.6)
        self.play(FadeOut(rule), FadeOut(tick), *map(FadeIn, hides), run_time=0.5)

    def _beside(self, mark: VMobject, tray: VMobject) -> VMobject:
        """A mark at the right end of a basket."""
        return mark.move_to([tray.get_right()[0] + 0.26, tray.get_center()[1], 0])

    def _rule(self) -> VGroup:
        """`grad += share`, and the mistake: on the right of the pane, or where it has its title."""
        look, code = self.look, self.code
        rows = VGroup()
        for words, colour in (("grad += share", look.data), ("grad = share", look.tint("loss"))):
            rows.add(Label(words, colour, 24, "mono", names=True))
        left, y = code.area.right + 0.45, code.area.top - 1.15
        if self.area.right - left > rows.width:
            for k, row in enumerate(rows):
                row.set_baseline(left, y - 0.55 * k)
            return rows
        rows[0].set_baseline(code.area.left + 0.26, code.area.top - 0.40)
        rows[1].set_baseline(rows[0].get_right()[0] + 0.6, code.area.top - 0.40)
        return rows

    def _end(self) -> None:
        trace = self.trace
        parts: list[str] = []
        known: dict[str, Any] = {}
        for k, step in enumerate(s for s in trace.inputs if not np.ndim(s.adjoint)):
            if k < 4:
                letter = chr(97 + k)
                parts.append("{v" + letter + "} for {n" + letter + "}")
                known["n" + letter], known["v" + letter] = name(step.name), trace.quantity("adjoint", step)
        with self.beat("Once down, once up, and all slopes are there: " + listing(parts) + ".", hold=2.6,
                       title="the slopes", **known):  # fmt: skip
            self.play(*self.code.rest(), self.back.crown())
            self.poster()


def _cross(colour: str) -> VMobject:
    mark = VMobject()
    mark.set_points_as_corners([[-0.12, 0.12, 0], [0.12, -0.12, 0]])
    other = VMobject().set_points_as_corners([[-0.12, -0.12, 0], [0.12, 0.12, 0]])
    mark.append_points(other.points)
    return round_caps(mark.set_stroke(colour, 5).set_fill(opacity=0))


def _tick(colour: str) -> VMobject:
    mark = VMobject().set_points_as_corners([[-0.14, 0.0, 0], [-0.04, -0.11, 0], [0.15, 0.14, 0]])
    return round_caps(mark.set_stroke(colour, 5).set_fill(opacity=0))


__all__ = ["Code"]
