"""The clip `network`: values flow through a network; one unit is opened, its sum and its bend, then all of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from manim import FadeIn, FadeOut, Group, VGroup

from chainreel.engine import EngineError, Quantity
from chainreel.engine.datasets import faces
from chainreel.engine.learning import MLP, NetworkPass, elementary
from chainreel.engine.storyboards import film_a

from ..figures.bend_inset import BendInset
from ..figures.graph_forward import GraphForward
from ..figures.marks import cross, tick
from ..figures.morphs import ids, network_to_graph, rest
from ..figures.net_forward import NetForward
from ..figures.portrait import measured
from ..figures.unit_sum import MOST
from ..stage.area import SHAPES, Area
from ..stage.badge import QuestionBadge
from ..stage.errors import StageError
from ..stage.number import Phrase
from ..stage.type import Label
from .clip import Clip

NOBODY: tuple[str, ...] = ()  # a network of the user's has no names for its answers


class Network(Clip):
    """Values flow through a network, one unit in full and then all of them."""

    shapes = SHAPES
    layers: Any = None
    activation: Any = None
    at: Any = None
    weights: Any = None
    unit: Any = None
    names: Any = None

    def prepare(self) -> None:
        """The network, its weights and its input."""
        own = self.layers is not None or self.weights is not None
        if self.names is not None and not own and len(self.names) != 2:
            raise StageError(f"--names gives {len(self.names)} names for two inputs")
        if own:
            net, params = self._own_net()
            x = self._own_input(net.sizes[0])
            self.told, self.truth, self.words = NOBODY, None, tuple(self.names or ())
        else:
            net, params = MLP([2, 3, 1], activation=self.activation, output="sigmoid"), film_a.whisker_params()
            x = np.array(film_a.ICON) if self.at is None else self._own_input(2)
            self.told, self.words = faces(2).classes, tuple(self.names or ("ears", "muzzle"))
            self.truth = int(film_a.CAT) if self.at is None else None
        if self.words and len(self.words) != net.sizes[0]:
            raise StageError(f"--names gives {len(self.words)} names for {net.sizes[0]} inputs")
        self.one = NetworkPass(net, params, x)
        if not 1 <= self.unit <= net.sizes[1]:
            raise StageError(f"--unit is {self.unit}; the first layer has the units 1 to {net.sizes[1]}")

    def _own_net(self) -> tuple[MLP, Any]:
        if self.weights is not None:
            params = read_weights(self.weights)
            sizes = [len(params[0]["W"]), *(len(layer["b"]) for layer in params)]
            if self.layers is not None and list(self.layers) != sizes:
                raise StageError(f"--layers says {_listed(self.layers)}, but {self.weights} has weights for {_listed(sizes)}")
        else:
            sizes = list(self.layers)
            if len(sizes) < 2:
                raise StageError("--layers takes the number of inputs and of the units of each layer, such as 2,3,1")
        net = MLP(sizes, activation=self.activation, output="sigmoid" if sizes[-1] == 1 else "identity")
        if self.weights is None:  # one decimal, so that the sums can be followed by head
            drawn = net.initial(self.seed, "normal", 0.6, biases=True)
            params = [{name: np.round(part, 1) for name, part in layer.items()} for layer in drawn]
        return net, params

    def _own_input(self, count: int) -> np.ndarray:
        if self.at is None:
            return np.round(np.random.default_rng(self.seed).uniform(0.1, 1.0, count), 1)
        if len(self.at) != count:
            raise StageError(f"--at gives {len(self.at)} numbers; the network takes {count}, such as --at {_example(count)}")
        return np.array(self.at)

    def q(self, what: str, *at: int) -> Quantity:
        """A number of the pass."""
        return replace(self.one.quantity(what, at), source="network")

    def construct(self) -> None:
        """The whole clip."""
        look, one, last = self.look, self.one, len(self.one.sizes) - 1
        self.ledger.source("network", one.describe())
        area, inset, icon = self._rooms()
        room = (self.area.left, self.area.right)
        figure = NetForward(one, look, area, source="network", words=self.words, room=room, whole=True)
        self.figure = figure
        picture = self._picture(icon)
        opening = "A network: rounds add up, lines weigh. It has {k} knobs, its weights and biases."
        with self.beat(opening, k=self.q("knobs"), title="a network"):
            shown = None if picture is None else FadeIn(picture, shift=0.2 * np.array([1.0, 0, 0]))
            self.perform(self._nameless().appear(2.2), shown)
        many = "The example goes in: {n} numbers." if one.sizes[0] > 1 else "The example goes in."
        with self.beat(many, n=self.q("units/0"), title="an example"):
            self.perform(figure.enter())
        j = self.unit - 1
        if one.sizes[1] > 1:
            with self.beat(
                "Look at one unit only. Lines are its weights: wide is strong, dashed is negative.", title="one unit"
            ):
                self.perform(self._call(1), figure.open(1, j))
                self.perform(figure.label(bias=False))
        else:
            with self.beat("Lines are weights: wide is strong, dashed is negative.", title="one unit"):
                self.perform(self._call(1), figure.open(1, j))
                self.perform(figure.label(bias=False))
        self._sum(1, j, slow=True)
        self._bend(1, j, inset)
        with self.beat("Every unit of this layer does the same." if one.sizes[1] > 1 else "That was the layer.", title="all"):
            self.perform(figure.close())
            if one.sizes[1] > 1 and last > 1:
                self.perform(figure.fire(1))
        for level in range(2, last):
            with self.beat("And so does the next layer, with what it is given.", title="the next layer"):
                self.perform(self._call(level), figure.fire(level))
        if last > 1:
            self._answer(figure, last, inset)
        self._verdict(figure, last, picture)

    def _nameless(self) -> NetForward:
        """The network without the letters of its layers: each is named when it is spoken about."""
        self.letters = dict(enumerate(self.figure.names))
        del self.letters[0]
        for level in self.letters:
            self.figure.names[level] = VGroup()
        return self.figure

    def _call(self, level: int) -> FadeIn | None:
        """The letters of a layer come."""
        letters = self.letters.pop(level, None)
        if letters is None:
            return None
        self.figure.names[level] = self.figure.keep(letters, 5)
        return FadeIn(letters, run_time=0.6)

    def _sum(self, level: int, j: int, slow: bool) -> None:
        figure, one = self.figure, self.one
        count = one.sizes[level - 1]
        total = self.q(f"sum/{level}", j)
        room = figure.write_sum(level, j)
        if not room.fits:
            with self.beat("Each input times its weight, all added, and the bias: {z}.", z=total, title="weigh and add"):
                self.perform(figure.total())
            return
        if slow:
            with self.beat("Weigh: every input is multiplied by the weight of its line.", title="weigh"):
                for k in range(count):
                    self.perform(figure.weigh(k))
        bias = one.layers[level - 1].bias
        words = "Then shift by the bias, and add: the sum is {z}." if slow and bias else "The last unit weighs and adds: {z}."
        with self.beat(words, z=total, title="add", hold=1.0, decimals={"z": room.decimals}):
            if slow:
                self.perform(figure.label_bias())
            for k in range(0 if not slow else count, count + bool(bias)):
                self.perform(figure.weigh(k))
            self.perform(figure.total())

    def _bend(self, level: int, j: int, inset: Area) -> None:
        figure, layer = self.figure, self.one.layers[level - 1]
        z, h = self.q(f"sum/{level}", j), self.q(f"value/{level}", j)
        name = layer.activation.name
        if name == "identity":
            return
        bend = BendInset(self.look, layer.activation, z, h, inset)
        if name == "relu":
            words = "Then a bend. What is above zero passes." if z.value > 0 else "Then a bend: below zero, it is cut to zero."
        else:
            words = "Then a bend: {z} becomes {h}."
        with self.beat(words, z=z, h=h, title="bend", hold=1.2):
            if self.shape == "square":  # the graph takes the place of the sum
                self.play(FadeOut(figure.sum), run_time=0.4)
            self.play(bend.appear())
            self.perform(bend.land())
            self.perform(figure.bend())
        self.play(FadeOut(bend), run_time=0.5)

    def _answer(self, figure: NetForward, last: int, inset: Area) -> None:
        badge = QuestionBadge(self.look, self.area.right - 0.4, self.area.top - 0.4)
        with self.beat("What will come out?", hold=2.4, title="predict"):
            self.play(FadeIn(badge, scale=0.6), run_time=0.5)
        if self.one.sizes[last] == 1 and figure.roomy(last):
            with self.beat("The last unit reads what the others say.", title="the answer"):
                self.play(FadeOut(badge), run_time=0.3)
                self.perform(self._call(last), figure.open(last, 0))
            self._sum(last, 0, slow=False)
            self._bend(last, 0, inset)
            self.perform(figure.close())
        else:
            with self.beat("The last layer answers.", title="the answer"):
                self.play(FadeOut(badge), run_time=0.3)
                self.perform(self._call(last), figure.fire(last))

    def _verdict(self, figure: NetForward, last: int, picture: Any) -> None:
        one, look = self.one, self.look
        if self.told:
            guess = int(np.argmax(one.chances))
            word = self.told[guess]
            said = Phrase("{c}, {p} %", look.ink, 28, "semibold", c=word, p=self.q("percent", guess), decimals=0)
            reach = self.area.right - said.width / 2 - 0.6
            said.move_to([min(figure.at(last, 0)[0], reach), figure.at(last, 0)[1] - 0.86, 0])
            shows = VGroup(said)
            words = "The answer is {p}: it says {c}."
            if self.truth is not None:
                right = guess == self.truth
                mark = (tick if right else cross)(look, 0.36).move_to(said.get_right() + [0.34, 0, 0])
                shows.add(mark)
                words += " Right." if right else " But it is a {t}. These knobs were set by nobody yet."
            with self.beat(
                words, p=self.q(f"value/{last}", 0), c=word, t=self.told[self.truth or 0], hold=2.4, title="the answer"
            ):
                self.play(FadeIn(shows))
                self.poster()
        else:
            words = "The answer is {p}." if one.sizes[last] == 1 else "These are its answers. Other weights would give others."
            with self.beat(
                words, p=self.q(f"value/{last}", 0), hold=2.4, title="the answer"
            ):
                self.poster()
        graph = self._steps()
        if graph is not None:
            self._redraw(figure, graph)
        sizes = " to ".join(str(n) for n in one.sizes)
        self.alt = (
            f"A network of {sizes} units: lines are weights, the values of an example run from left to right; "
            f"one unit's products, sum and bend are shown in full{', then the whole as a graph of steps' if graph else ''}."
        )

    def _steps(self) -> GraphForward | None:
        """The same network as a graph of elementary steps, where all of them fit the frame: a folded one says less than it."""
        try:
            trace = elementary(self.one)
            area = self.area if self.area.height < 6.5 else self.area.inset(0.0, (self.area.height - 6.5) / 2)
            graph = GraphForward(trace, self.look, area, tape=False, values="steps")
        except (EngineError, StageError):
            return None
        return graph if graph.view.blocks is None else None

    def _redraw(self, figure: NetForward, graph: GraphForward) -> None:
        self.ledger.source("steps", graph.trace.describe())
        with self.beat(
            "Here is the same network as a graph of small steps. Every value is kept; the way back will need them.",
            title="the graph", hold=2.5,
        ):  # fmt: skip
            others = rest(Group(*self.mobjects), ids(figure))
            if others:
                self.play(FadeOut(Group(*others)), run_time=0.5)
            self.perform(network_to_graph(figure, graph, 2.2))

    def _rooms(self) -> tuple[Area, Area, Area]:
        """For the network, the bend's graph, and the picture of the example."""
        whole = self.area
        written = self.one.sizes[0] <= MOST  # with its braces, a sum takes more room
        if self.shape == "wide":
            area = Area(-4.0 if self._pictured else -5.2, 4.9, -1.2 if written else -1.5, 2.22)
            return area, Area(4.15, whole.right, 1.75, whole.top), Area(whole.left, -4.4, -0.42, 1.42)
        if self.shape == "square":
            area = Area(whole.left, whole.right, -0.95 if written else -1.5, 2.3)
            return area, Area(-1.4, 1.4, -2.7, -1.25), Area(whole.left, whole.left, 0, 0)
        area = Area(whole.left, whole.right, -1.9, 3.5)
        return area, Area(-1.6, 1.6, whole.bottom, -3.3), Area(whole.left, whole.left + 1.5, 4.72, 6.22)

    @property
    def _pictured(self) -> bool:
        return bool(self.told) and self.shape != "square" and self.words == ("ears", "muzzle")

    def _picture(self, room: Area) -> Any:
        """The face with these two measures, drawn by the engine's own pencil."""
        if not self._pictured:
            return None
        whole = measured(self.figure, room)
        return whole if self.shape == "wide" else whole[0]


def read_weights(path: str) -> list[dict[str, np.ndarray]]:
    """Weights of dense layers from a file: an .npz with W (inputs, outputs) and b after each other, or a .csv with a row
    per unit – its weights, then its bias – and an empty line between layers."""
    file = Path(path).expanduser()
    try:
        if file.suffix.lower() == ".csv":
            blocks = [block.split("\n") for block in file.read_text().replace("\r", "").strip().split("\n\n")]
            tables = [np.array([[float(v) for v in row.split(",")] for row in block if row.strip()]) for block in blocks]
            params = [{"W": table[:, :-1].T, "b": table[:, -1]} for table in tables]
        else:
            with np.load(file, allow_pickle=False) as found:
                arrays = [np.asarray(found[name], float) for name in found.files]
            params = [{"W": W, "b": b.ravel()} for W, b in zip(arrays[::2], arrays[1::2], strict=True)]
    except (OSError, ValueError, UnicodeDecodeError, IndexError, TypeError, AttributeError):
        raise StageError(
            f"{path} holds no weights: give an .npz with W and b of each layer in turn, or a .csv with a row per unit "
            "(its weights, then its bias) and an empty line between layers"
        ) from None
    for level, layer in enumerate(params):
        before = params[level - 1]["W"].shape[1] if level and params[level - 1]["W"].ndim == 2 else None
        shape = layer["W"].shape
        if len(shape) != 2 or len(layer["b"]) != shape[1] or (before is not None and shape[0] != before):
            raise StageError(
                f"{path}: the weights of layer {level + 1} have the shape {shape}, which does not fit its neighbours"
            )
    return params


def _listed(sizes: Any) -> str:
    return ",".join(map(str, sizes))


def _example(count: int) -> str:
    return ",".join(["0.5"] * min(count, 4)) + (",…" if count > 4 else "")


__all__ = ["EngineError", "Label", "Network", "read_weights"]
