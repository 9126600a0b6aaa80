"""The second part of `explain`: blame runs back, the chain rule at every wire, sums where a value is used twice."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from manim import Animation, Mobject

from ..figures.folding import Block, Node
from ..figures.graph_backward import GraphBackward
from ..figures.lens import Lens, lens_for
from ..stage.names import name
from ..stage.stage import Stage
from .backward import equations, total
from .cue import cue
from .headline import Headline
from .noticed import about_slopes, adding_up, gate_sentence, gates, reused, short
from .words import _NOUNS, blame_sentence

MANY = 10  # boxes; of more only the first one, and a closed gate, are told by themselves

TURN = 0.4  # of the time between two boxes: within it one glass closes, then the next one opens

LONG = 4.0  # seconds of a remark that are too long for a picture that stands still


def start(stage: Stage, back: GraphBackward) -> None:
    """What blame is, and the blame of the output: one."""
    out = name(back.trace.output.name)
    with stage.beat(
        "Now back. How far does {f} move with each value? We call it blame.", title="blame", f=out, hold=0.4,
    ):  # fmt: skip
        stage.play(back.appear_baskets())
        cue(stage, "We call")
        stage.perform(back.seed())


class Sweep:
    """The way back: the first box in full with its equation, a second one quicker – a closed gate where there is one, none
    where much else is to be said –, the rest together. Keeps what is still bright, and the glass over the box in question.
    """

    def __init__(self, stage: Stage, back: GraphBackward, headline: Headline):
        self.stage, self.back, self.headline = stage, back, headline
        self.bright: list[Node] = []
        self.glass: Lens | None = None
        self.rested = False

    def run(self) -> None:
        """All boxes, from the last to the first, and the sums."""
        order = self.back.order
        special = [n for n in gates(self.back.graph.view) if n in order[1:]][:1]
        wordy = order[0].primitive != "add" and bool(reused(self.back.graph.view))  # enough numbers are said without it
        if not special and len(order) <= MANY and not wordy:
            special = order[1:2]
        pending: list[Node] = []
        for k, step in enumerate(order):
            if k == 0:
                self.tell(step, full=True)
            elif step in special:
                self.rest(pending)
                pending = []
                self.tell(step, full=False)
            else:
                pending.append(step)
        self.rest(pending)
        self.sums()

    def tell(self, step: Node, full: bool) -> None:
        """A box by itself."""
        back, stage = self.back, self.stage
        words, known = brief(back, step)
        if full and step.primitive == "add":
            words, known = "The plus hands its blame on, unchanged", {}
        elif full and len(back.order) == 1:
            words, known = blame_sentence(back.trace, step, view=back.graph.view)
        with stage.beat(words + ".", title=step.name, hold=0.5, **known):
            self.move([step], 1.4 if full else 1.1, show=True)
        stage.rest(0.6 if full else 0.4)

    def rest(self, steps: list[Node]) -> None:
        """Many boxes: each does the same by its own rule."""
        if not steps:
            return
        text = f"The {'others do' if len(steps) > 1 else 'next does'} the same: blame times local slope."
        if self.rested:
            text = "And on, box by box, to the inputs."
        self.rested = True
        with self.stage.beat(text, title="the others", hold=0.4):
            size = 1 if len(steps) <= 2 else max(3, -(-len(steps) // 4))
            for i in range(0, len(steps), size):
                self.move(steps[i : i + size], 1.0)
        self.stage.rest(0.4)

    def move(self, steps: list[Node], pace: float, show: bool = False) -> None:
        """Blame of some boxes goes back at once; with `show` the arithmetic is seen, under glass or in the line above."""
        back, headline = self.back, self.headline
        calm = [back.calm(s) for s in self.bright]
        fresh = lens_for(back, steps[0]) if show and back.graph.lens else None
        line = equations(back, steps[0], headline) if show and fresh is None else None
        gone = [] if self.glass is None else [self.glass.close(TURN)]
        look = [] if fresh is None else [[fresh.open(TURN if gone else 0.0), fresh.tell()]]
        self.glass, self.bright = fresh, steps
        moves = [back.backward(s, pace, lamp=s is steps[0]) for s in steps]
        self.stage.perform(*moves, *headline.say(line), *calm, *gone, *look)

    def sums(self) -> None:
        """Where a value is used more than once its contributions add: once in full, once more in short."""
        found = [n for n in reused(self.back.graph.view) if n.is_input] or reused(self.back.graph.view)
        if self.glass is not None:
            self.stage.play(self.glass.close(), run_time=0.5)
            self.glass = None
        if not found:
            return
        words, known = adding_up(self.back.graph.view, found[0])
        with self.stage.beat(words + ".", title=f"the sum for {found[0].name}", hold=1.0, **known):
            line = total(self.back, found[0], self.headline)
            moves = self.headline.say(line)
            if moves:
                self.stage.play(*moves)
            cue(self.stage, "up")
            self.stage.play(Pointed(self.back.sums[found[0].index]))
        self.stage.rest(0.6)


def brief(back: GraphBackward, step: Node) -> tuple[str, dict[str, Any]]:
    """What a box hands back, in as few words as can be."""
    view: Any = back.graph.view
    if isinstance(step, Block):
        return "Blame goes back through the whole stack at once", {}
    edges = [e for e in view.into(step) if not np.ndim(e.contribution)]
    gate = gate_sentence(step, edges, view)
    if gate is not None:
        return gate
    if not all(short(e.contribution) and (e.local is None or short(e.local)) for e in edges):  # the numbers are seen
        noun = _NOUNS.get(step.primitive)
        if noun is None:
            return "{m} hands its blame on, each share times a local slope", {"m": name(step.name)}
        return f"{noun[0].upper()}{noun[1:]} hands its blame on, times its slope", {}
    if len(edges) == 1 and edges[0].local is not None and not np.ndim(edges[0].local) and step.primitive in _NOUNS:
        known = {"l": view.quantity("local", edges[0]), "c": view.quantity("contribution", edges[0])}
        return f"The slope of {_NOUNS[step.primitive]} is " + "{l} here, so {n} gets {c}", {
            **known, "n": name(edges[0].source.name)
        }  # fmt: skip
    if len(edges) == 1 and step.primitive in ("sub", "neg") and edges[0].local in (1.0, -1.0):
        does = "hands its blame on" if edges[0].local == 1.0 else "turns the sign of its blame"
        return f"The minus {does}: " + "{n} gets {c}", {
            "n": name(edges[0].source.name), "c": view.quantity("contribution", edges[0])
        }  # fmt: skip
    if len(edges) == 2 and step.primitive in ("add", "sub", "mul") and edges[0].source is not edges[1].source:
        known = {k: q for i, e in zip("ab", edges, strict=True) for k, q in (
            (i + "n", name(e.source.name)), (i + "c", view.quantity("contribution", e)))}  # fmt: skip
        noun, does = {
            "add": ("plus", "hands it on"), "sub": ("minus", "turns one sign"), "mul": ("product", "swaps its factors"),
        }[step.primitive]  # fmt: skip
        return f"The {noun} {does}: " + "{an} gets {ac} and {bn} gets {bc}", known
    return blame_sentence(back.trace, step, view=view)


def conclude(stage: Stage, back: GraphBackward, headline: Headline) -> Any:
    """All the slopes at once, and what is remarkable about them. Returns the line that shows them, if there is one."""
    many = len(back.trace.inputs) > 1
    text = "One sweep back, and every slope is there. " if many else "One sweep back, and the slope is there. "
    remark, known = about_slopes(back.trace)
    line = None
    with stage.beat(text + remark + ".", title="the gradient", hold=1.0, **known):
        whole = back.gradient_line()
        if whole.width < headline.room + 0.8:
            line = whole.move_to([headline.middle, headline.second, 0]).set_z_index(5)
        stage.play(*headline.say(line), *(back.calm(s) for s in back.graph.operations[:1]), back.crown())
        _point(stage, back, text, known.get("mn"))
        stage.poster()
    stage.rest(2.0)
    return headline.line if line is not None else None


def _point(stage: Stage, back: GraphBackward, before: str, who: Any) -> None:
    """The chip of the input that a remark is about comes forward when the remark begins."""
    steps = [s for s in back.graph.inputs if who is not None and name(s.name) == who and s.index in back.sums]
    said = stage.beats[-1].times
    first = said[len(before.split())].word
    cue(stage, first, 1 + sum(1 for word in said[: len(before.split())] if word.word == first))
    chips = [back.sums[s.index] for s in steps] or [back.sums[s.index] for s in back.graph.inputs if s.index in back.sums]
    stage.play(*(Pointed(chip) for chip in chips))
    last = said[-1]
    if last.start - stage.now > LONG:  # and again when a long remark ends
        cue(stage, last.word, sum(1 for word in said if word.word == last.word))
        stage.play(*(Pointed(chip) for chip in chips))


class Pointed(Animation):
    """A chip swells and is as it was again."""

    def __init__(self, chip: Mobject, most: float = 1.25, run_time: float = 1.0):
        self.most, self.grown = most, 1.0
        super().__init__(chip, run_time=run_time)

    def interpolate_mobject(self, alpha: float) -> None:
        wanted = 1 + (self.most - 1) * math.sin(math.pi * min(max(alpha, 0.0), 1.0))
        self.mobject.scale(wanted / self.grown)
        self.grown = wanted


__all__ = ["Sweep", "brief", "conclude", "start"]
