"""The clip `paths`: light runs along wires only, products are the engine's, and they add up."""

import math

import pytest

from chainreel.engine import EngineError, Function
from chainreel.engine import Paths as Ways
from chainreel.scenes.clips import clip_class
from chainreel.scenes.figures.graph_forward import GraphForward, edge_key
from chainreel.scenes.figures.path_lights import PathLights
from chainreel.scenes.stage.area import safe_area
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.theme import NIGHT

from .checks import check
from .conftest import FRAMES
from .inputs import INPUTS


def lights_of(text, at, name):
    """The figure below its graph."""
    trace = Function.of(text).trace(at)
    low, rest = safe_area().cut_bottom(1.6)
    return PathLights(GraphForward(trace, NIGHT, rest, tape=False), Ways(trace, name), low)


CASES = [
    ("u = a*b + a; u*(u + c)", {"a": 1, "b": 2, "c": -1}, "a"),
    ("(a*b + c)*a", {"a": 2, "b": 3, "c": -1}, "a"),
    ("x*x*x", {"x": 2}, "x"),
]


@pytest.mark.parametrize(("text", "at", "name"), CASES)
def test_products_add_up_and_widths_follow_them(text, at, name):
    """The rows say what the engine multiplied; a ribbon is as wide as its product is large."""
    lights = lights_of(text, at, name)
    assert len(lights.rows) == lights.paths.count
    products = [row.provenance[-1].quantity.value for row in lights.rows]
    assert math.isclose(sum(products), lights.paths.slope, rel_tol=1e-12)
    assert lights.total().provenance[-1].quantity.value == lights.paths.slope
    ratios = [lights.width(p) / abs(p.product) for p in lights.paths]
    assert max(ratios) - min(ratios) < 1e-9


@pytest.mark.parametrize(("text", "at", "name"), CASES)
def test_light_runs_only_along_the_wires_of_its_path(text, at, name):
    """From the output back to the input, a ribbon for each wire."""
    lights = lights_of(text, at, name)
    for i, path in enumerate(lights.paths):
        lights.light(i)
        wires = [ribbon.wire for ribbon in lights.ribbons[i]]
        assert wires == [lights.graph.wires[edge_key(e)] for e in reversed(path.edges)]
        lights.calm(i)
    for key, mark in lights.marks.items():
        assert math.dist(mark.get_center()[:2], lights.graph.wires[key].at(0.5)[:2]) < 1e-6


@pytest.mark.parametrize("shape", ["wide", "square"])
def test_defaults(run, shape):
    """Four paths with whole numbers, lint clean, on paper too."""
    check(run(clip_class("paths"), shape, theme="paper" if shape == "wide" else "night"))


@pytest.mark.parametrize("number", range(3))
def test_user_inputs(run, number):
    """Two routes, a value used three times, and a single chain."""
    check(run(clip_class("paths"), **INPUTS["paths"][number]))


def test_tall(run):
    """Re-arranged: the graph above, the products below."""
    check(run(clip_class("paths"), "tall", **INPUTS["paths"][0]))
    assert set(clip_class("paths").shapes) == set(FRAMES)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"function": "; ".join(f"x{i + 1} = x{i}*x{i}" for i in range(12)) + "; x12", "at": "x0=1"}, "4096 paths.*24 wires"),
        ({"function": "x + 0*y", "input": "q"}, "q"),
        ({"at": "z=1"}, "z"),
    ],
)
def test_refusals(run, parameters, words):
    """More than eight paths are counted, and the sentence says why reverse mode shares work."""
    with pytest.raises((StageError, EngineError), match=words):
        run(clip_class("paths"), **parameters)
