"""Every figure says in one true sentence what it shows, and every clip tells it to those who cannot see."""

from __future__ import annotations

import importlib
import pkgutil
import re
from typing import Any

import pytest

import chainreel.scenes.figures as figures
from chainreel.engine import Function
from chainreel.scenes.clips import CLIPS, clip_class
from chainreel.scenes.figures.figure import Figure
from chainreel.scenes.figures.graph_forward import GraphForward
from chainreel.scenes.figures.loss_slice import LossSlice
from chainreel.scenes.stage.theme import NIGHT


def classes() -> list[type[Figure]]:
    """All figures that there are."""
    for module in pkgutil.iter_modules(figures.__path__):
        importlib.import_module(f"{figures.__name__}.{module.name}")
    found: list[type[Figure]] = []
    waiting = [Figure]
    while waiting:
        below = [c for c in waiting.pop().__subclasses__() if c.__module__.startswith(figures.__name__)]
        found += below
        waiting += below
    return found


def test_every_figure_has_a_sentence_of_its_own() -> None:
    assert len(classes()) >= 35
    for figure in classes():
        owner = next(c for c in figure.__mro__ if "description" in vars(c))
        assert owner is not Figure, f"{figure.__name__} has no description"


def test_no_number_is_typed_into_a_sentence() -> None:
    import ast
    import inspect
    import textwrap

    for figure in classes():
        if "description" not in vars(figure):
            continue
        tree = ast.parse(textwrap.dedent(inspect.getsource(vars(figure)["description"].fget)))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not re.search(r"\d", node.value), f"{figure.__name__}: {node.value!r}"


def test_the_sentence_is_true_for_the_users_own_function() -> None:
    graph = GraphForward(Function.of("x*y + sin(x)").trace({"x": 1.5, "y": -0.5}), NIGHT)
    assert graph.description == "A computational graph of f with 3 boxes: inputs x and y; then p, q and f."
    curve = LossSlice(Function.of("x**2 + y"), NIGHT, "x", (-1.0, 2.0), {"y": 0.25}, exact=True)
    assert curve.description.endswith("held still: y = 0.25.")


@pytest.mark.slow
@pytest.mark.parametrize("clip", CLIPS)
def test_every_clip_tells_what_it_shows(run: Any, clip: str) -> None:
    scene = run(clip_class(clip))
    assert scene.descriptions, f"{clip} tells nothing"
    for at, text in scene.descriptions:
        assert 0 <= at <= scene.now
        assert (text[0].isupper() or text[0].isdigit()) and text.rstrip()[-1] in ".?", text
        assert "None" not in text and "{" not in text, text
    assert len({text for _, text in scene.descriptions}) == len(scene.descriptions)
