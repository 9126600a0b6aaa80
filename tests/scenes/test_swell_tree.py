"""S13: trees have as many operations as the counts say, equal pieces fall together, and the fold is the graph."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainreel.engine import EngineError, Swell
from chainreel.scenes.clips import clip_class
from chainreel.scenes.figures.swell_tree import SwellBars, SwellTree, Tree, graph_of_trace, graph_places
from chainreel.scenes.stage.area import Area
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.theme import NIGHT

from .checks import check
from .inputs import INPUTS

ROOM = Area(-6.2, 2.6, -2.7, 3.5)
TEXTS = ["v*(1 + tanh(v))", "sin(v)*v", "1/(1 + exp(-v))", "v**2 + 3*v", "exp(v)*log(1 + v**2)"]


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(TEXTS), st.integers(1, 4), st.sampled_from(["value", "derivative"]))
def test_a_tree_has_as_many_operations_as_the_count_says(text: str, depth: int, what: str) -> None:
    swell = Swell(text, 4)
    tree = Tree(swell, swell.root(depth, what))
    row = swell.rows[depth - 1]
    assert tree.operations == getattr(row, what) and len(tree.node) == getattr(row, what + "_nodes")
    assert tree.operations == sum(1 for k in tree.node if not swell.forest.is_leaf(int(k)))


@pytest.mark.parametrize("text", TEXTS)
def test_places_hang_under_their_own_and_stay_in_the_area(text: str) -> None:
    tree = Tree(Swell(text, 2), Swell(text, 2).root(2))
    places = tree.spread(ROOM)
    child = np.flatnonzero(tree.parent >= 0)
    assert (places[child, 1] < places[tree.parent[child], 1]).all()
    assert places[:, 0].min() >= ROOM.left and places[:, 0].max() <= ROOM.right
    assert places[:, 1].min() >= ROOM.bottom and places[:, 1].max() <= ROOM.top
    leaves = np.sort(places[tree.leaf, 0])
    assert (np.diff(leaves) > 1e-9).all()


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("depth", [1, 3])
def test_folded_each_piece_stands_once_and_no_wire_goes_left(text: str, depth: int) -> None:
    swell = Swell(text, depth)
    tree = Tree(swell, swell.root(depth))
    at = tree.folded(ROOM)
    for i, p in enumerate(tree.parent):
        if p >= 0:
            assert at[i, 0] < at[p, 0] - 1e-9
    places = {tuple(np.round(xy, 6)) for xy in at}
    pieces = {int(k) for k in tree.node}
    assert len(places) == len(pieces)
    assert sum(1 for k in pieces if not swell.forest.is_leaf(k)) == swell.rows[depth - 1].derivative_shared


def test_the_fold_of_the_formula_ends_at_the_graph_of_the_trace() -> None:
    swell = Swell("v*(1 + tanh(v)) + sin(v)", 1)
    forest, root = swell.forest, swell.root(1, "value")
    written: dict[int, str] = {}
    steps = set()
    for k in sorted(graph_places(swell, root, ROOM)):
        kind = forest.kinds[k]
        if forest.is_leaf(k):
            written[k] = kind[1:].removeprefix("input ")
            continue
        operands = tuple(written[o] for o in forest.operands[k])
        written[k] = f"{kind}({', '.join(operands)})"
        steps.add((kind, operands))
    assert steps == graph_of_trace(swell)


def test_equal_outlines_surround_equal_pieces() -> None:
    figure = SwellTree(Swell("v*(1 + tanh(v))", 3), NIGHT, ROOM)
    figure.grow(3)
    assert figure.picture is not None and figure.outline() is not None
    tree = figure.picture.tree
    places = tree.repeated()
    assert len({int(tree.node[p]) for p in places}) == 1 and 1 < len(figure.outlines) == len(places)
    assert all(len(tree.under(p)) == swell_size(tree, p) for p in places)
    alone = SwellTree(Swell("sin(v)", 1), NIGHT, ROOM)
    alone.grow(1)
    assert alone.outline() is None


def swell_size(tree: Tree, place: int) -> int:
    return tree.forest.nodes[int(tree.node[place])]


def test_the_fold_moves_from_the_tree_to_the_graph() -> None:
    figure = SwellTree(Swell("v*(1 + tanh(v))", 2), NIGHT, ROOM)
    figure.grow(2)
    assert figure.picture is not None
    fold = figure.fold()
    fold.begin()
    fold.interpolate_mobject(0.0)
    assert figure.picture.now == pytest.approx(figure.picture.places)
    fold.interpolate_mobject(1.0)
    assert figure.picture.now == pytest.approx(figure.picture.tree.folded(ROOM))


def test_bars_are_as_long_as_the_counts() -> None:
    swell = Swell("v*(1 + tanh(v))", 4)
    bars = SwellBars(swell, [1, 2, 3, 4], NIGHT, Area(3, 6.2, -2.7, 3.5))
    for row in swell.rows[1:]:
        assert bars.length(row.derivative) / bars.room == pytest.approx(row.derivative / swell.rows[-1].derivative)


@pytest.mark.parametrize("shape", ["wide", "square", "tall"])
def test_the_clip(run: Any, shape: str) -> None:
    check(run(clip_class("swell"), shape=shape, theme="paper" if shape == "square" else "night"))


@pytest.mark.parametrize("asked", [*INPUTS["swell"], {"function": "exp(-x)", "depth": "30"}])
def test_the_clip_with_other_functions(run: Any, asked: dict[str, Any]) -> None:
    check(run(clip_class("swell"), **asked))


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"function": "x + 3"}, "nothing swells"),
        ({"function": "x*y", "input": "z"}, "names z"),
        ({"function": "x**2", "depth": "0"}, "at least 1"),
    ],
)
def test_refusals(run: Any, asked: dict[str, Any], sentence: str) -> None:
    with pytest.raises((StageError, EngineError), match=sentence):
        run(clip_class("swell"), **asked)
