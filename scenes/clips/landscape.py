"""The clip `landscape`: the loss of a real network on a plane through its knobs – a slice, said so –, and another slice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from manim import AnimationGroup, FadeIn, FadeOut, ReplacementTransform

from chainreel.engine import EngineError, Quantity, learning
from chainreel.engine.datasets import MAKERS, Dataset, table

from ..figures.model_slice import Directions, ModelSlice, slice_chip
from ..stage.area import SHAPES
from ..stage.badge import QuestionBadge
from ..stage.errors import StageError
from ..stage.folders import trainings_folder
from ..stage.glow import Glow
from ..stage.number import Phrase
from ..stage.parameters import nearest
from .clip import Clip
from .racers import places

KNOWN = ("moons", "spirals", "digits", "faces", "icons")
RATES = {
    "plain": 0.5, "momentum": 0.1, "nesterov": 0.1, "adagrad": 0.1, "rmsprop": 0.01, "adadelta": 1.0, "adam": 0.02,
    "adamw": 0.02,
}  # fmt: skip
MOST = 4_000_000  # knobs times examples: more would take minutes


class Landscape(Clip):
    """The landscape of a network that is trained on `data`: a map, the way of the training on it, a surface, another slice."""

    shapes = SHAPES

    data: Any
    target: Any
    layers: Any
    plane: Any
    optimizer: Any
    rate: Any
    steps: Any

    def prepare(self) -> None:
        """Read the examples, train the network, cut the two planes."""
        examples = self._examples()
        classes = len(examples.classes)
        outputs = classes if classes > 2 else 1
        loss = "cross_entropy" if classes > 2 else "binary_cross_entropy_with_logits" if classes else "mean_squared"
        net = learning.MLP([examples.X.shape[1], *self.layers, outputs])
        cost = sum(net.count()) * len(examples)
        if cost > MOST:
            raise StageError(
                f"{sum(net.count())} knobs and {len(examples)} examples are too many for a landscape, which trains and tries "
                f"thousands of networks; their product may be {MOST:,} – take smaller --layers or fewer rows"
            )
        rate = RATES[self.optimizer] if self.rate is None else self.rate
        log = learning.trained(
            learning.Risk(net, loss), data=examples, optimizer=self.optimizer, lr=rate, steps=self.steps, seed=self.seed,
            snapshots=max(self.steps // 120, 1), folder=trainings_folder(),
        )  # fmt: skip
        if log.diverged:
            raise StageError(f"the training flew off at step {log.diverged_at}; try a smaller --rate")
        self.main = learning.Landscape(log, self.plane, self.seed)
        try:
            self.other = learning.Landscape(log, "pca" if self.plane == "random" else "random", self.seed)
        except EngineError:
            self.other = learning.Landscape(log, "random", self.seed + 1)

    def _examples(self) -> Dataset:
        name = str(self.data)
        if name in KNOWN:
            return MAKERS[name]().flat()
        if not Path(name).expanduser().exists():
            if "." in name or "/" in name:
                raise StageError(f"--data names {name}, which is not there")
            raise StageError(f"--data is '{name}'; it can be {', '.join(KNOWN)} or a CSV file{nearest(name, list(KNOWN))}")
        rows = table(name, self.target)
        if not rows.classes and rows.y.dtype.kind in "iu":
            kinds = sorted(set(rows.y.tolist()))
            if kinds == list(range(len(kinds))) and 2 <= len(kinds) <= 20:  # whole numbers from 0 on are classes
                rows = table(name, self.target, labels=(rows.target,))
        return rows.standardise()[0]

    def q(self, which: str, what: str, index: int = 0) -> Quantity:
        """A number of one of the two slices."""
        slice_ = self.main if which == "landscape" else self.other
        return replace(slice_.quantity(what, index), source=which)

    def construct(self) -> None:
        """The whole clip."""
        look, area = self.look, self.area
        for name, slice_ in (("landscape", self.main), ("another slice", self.other)):
            self.ledger.source(name, slice_.describe())
        room = places(self, None)
        wide = room.columns == 1
        picture = (*room.picture[:3], area.top - 0.55)
        side = room.side
        left = side if wide else room.slots[0]
        counter = replace(side, bottom=-2.6, top=0.1) if wide else room.slots[1]
        pitch = 0.85 if wide else (left.height - 0.3) / 3
        top = 2.15 if wide else left.top - 0.5
        strips = Directions(self.main, look, left.left, left.width, top, pitch)
        figure = ModelSlice(self.main, look, "landscape", picture=picture, side=counter)
        knobs, examples = self.q("landscape", "knobs"), self.q("landscape", "examples")
        title = Phrase("{n} knobs, {e} examples", look.ink, 26, decimals=0, n=knobs, e=examples)
        title.shift([area.left, area.top - 0.28, 0])

        self._strips(strips, title, knobs, examples)
        chip = slice_chip(look, knobs).shift([area.left, area.top - 0.28, 0])
        with self.beat(
            "Each point of this map is a whole network: the trained knobs, plus some of each direction.", title="the map"
        ):
            self.play(strips.rows.animate.scale(1 / self.grown).move_to(self.home), FadeOut(self.pool), run_time=1.4)
            self.play(figure.unroll(), ReplacementTransform(title, chip))
            self.play(figure.trained())
        first, start = self.q("landscape", "shadow", -1), self.q("landscape", "shadow", 0)
        with self.beat(
            "At the ring: the trained network, its loss {a}. Out here: {b}.", a=first, b=start, hold=0.8,
            title="two networks",
        ):  # fmt: skip
            for act in figure.probe():
                self.play(act)
        badge = QuestionBadge(look)
        badge.move_to([area.right - 0.4, area.top - 0.4, 0])
        with self.beat("Near here the training began. Which way did it take?", hold=2.2, title="predict"):
            self.play(figure.clear_probe(), figure.counters(), FadeIn(badge, scale=0.6))
        with self.beat("Its {n} steps, as this slice sees them.", n=self.q("landscape", "steps"), title="the way"):
            self.play(FadeOut(badge, run_time=0.3))
            self.play(figure.race(run_time=4.0))
        with self.beat(self._share("landscape"), hold=1.4, title="the share", **self._shares("landscape")):
            self.play(*figure.settle())
        words = "Lift every point by its loss: a surface."
        words += " Its heights are compressed." if figure.compressed else ""
        words += " What is higher is cut away." if figure.cut_away and not figure.compressed else ""
        with self.beat(words, hold=1.4, title="the surface"):
            self.play(figure.rise(run_time=2.8))
            self.poster()
            self.play(figure.turn(run_time=2.4))
        self._another(figure, strips, picture, counter, wide, pitch, top, left)
        kind = "the plane that its way spans best" if self.plane == "pca" else "a random plane"
        self.alt = (
            f"The loss of a network of {self.main.end.size} knobs over {kind} through its trained knobs, first as a map with "
            "the way of its training, then as a surface; then another plane through the same network."
        )

    def _strips(self, strips: Directions, title: Phrase, knobs: Quantity, examples: Quantity) -> None:
        """The knobs as a strip, and the two directions, large in the middle; `home` is where they go."""
        area = self.area
        self.home = strips.rows.get_center()
        rows = strips.rows
        self.grown = min(2.2, 0.9 * area.width / rows.width, (area.height - 0.9) / rows.height)
        rows.scale(self.grown).move_to([0, (area.top + area.bottom) / 2 - 0.25, 0])
        place, middle = rows[0].get_center(), rows.get_center()
        alone = min(1.5, 0.96 * area.width / rows[0].width)  # at first the knobs have the frame for themselves
        rows[0].scale(alone).move_to(middle)
        self.pool = Glow.pool(self.look, 10, 5).move_to(middle)
        with self.beat(
            "A network with {n} knobs has learned from {e} examples. Its loss depends on every knob.",
            n=knobs, e=examples, title="a network",
        ):  # fmt: skip
            self.play(FadeIn(title), FadeIn(self.pool), strips.knobs())
            self.add(rows[0])  # its bars came one by one
        words = "the two along which its training moved most" if self.plane == "pca" else "at random, as long as the knobs are"
        with self.beat(f"A picture has room for two directions: {words}.", title="two directions"):
            self.play(rows[0].animate.scale(1 / alone).move_to(place), run_time=0.9)
            self.play(strips.two())

    def _shares(self, which: str) -> dict[str, Any]:
        return {"p": self.q(which, "percent"), "t": self.q(which, "true", 0), "s": self.q(which, "shadow", 0)}

    def _share(self, which: str) -> str:
        """How much of the way the plane holds, and what that means for its beginning."""
        slice_ = self.main if which == "landscape" else self.other
        true, seen = (slice_.quantity(what, 0).value for what in ("true", "shadow"))
        but = "yet the map says" if abs(true - seen) > 0.05 * abs(true) else "and the map says"
        return f"The plane holds {{p}} per cent of the way. At its beginning the real loss was {{t}}, {but} {{s}}."

    def _another(self, figure: ModelSlice, strips: Directions, picture: Any, counter: Any, wide: bool, pitch: float, top: float,
                 left: Any) -> None:  # fmt: skip
        """The same trained network, cut by the other plane: another look."""
        look = self.look
        second = ModelSlice(self.other, look, "another slice", picture=picture, side=counter)
        others = Directions(self.other, look, left.left, left.width, top, pitch)
        random = self.other.plane == "random"
        words = "two random directions" if random else "the two directions of its way"
        with self.beat(f"The same network, cut along {words}.", title="another plane"):
            self.play(figure.flatten(run_time=1.8))
            gone = [FadeOut(figure), *(FadeOut(m) for m in (figure.rows[0],) if m not in figure.submobjects)]
            turned = ReplacementTransform(strips.rows[1:], others.rows[1:], run_time=1.2)
            self.play(AnimationGroup(*gone, run_time=0.8), turned, second.unroll())
            track = second.keep(second.tracks[0], 5)
            track.reach(second.length)
            self.play(second.trained(), FadeIn(track))
        percent = self.q("another slice", "percent")
        little = self.other.share < 0.2
        told = "This plane holds {p} per cent of the way" + (", almost nothing." if little else ".")
        with self.beat(f"{told} Every landscape is one slice of many.", p=percent, hold=2.6, title="one of many"):
            self.play(second.rise(run_time=2.8))


__all__ = ["Landscape"]
