"""S23: the shown text is the file's, what lights up is the span of the step, numbers are the engine's; the clip `code`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chainreel.engine import EngineError, Function, Trace
from chainreel.engine.audit import audit
from chainreel.engine.slip import Slip
from chainreel.scenes.clips import clip_class
from chainreel.scenes.figures.code_trace import CodeTrace, Line, wrapped
from chainreel.scenes.stage.area import Area
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.theme import NIGHT

from .checks import check

Run = Callable[..., Any]
RECIPE = "chainreel.engine.storyboards.recipe:recipe"
NEURON = str(Path(__file__).resolve().parents[2] / "examples" / "neuron.py")
WIDE = Area(-6.26, 6.26, 0.6, 3.52)


def pane_of(function: str, area: Area = WIDE, **at: float) -> CodeTrace:
    f = Function.of(function)
    return CodeTrace(f.trace(at or f.defaults), NIGHT, area)


@pytest.mark.parametrize(("reference", "area"), [
    (RECIPE, WIDE), (f"{NEURON}:error", WIDE), (f"{NEURON}:error", Area(-3.52, 3.52, 0.0, 3.52)),
])  # fmt: skip
def test_the_shown_text_is_the_files(reference: str, area: Area) -> None:
    pane = pane_of(reference, area)
    import inspect

    place = inspect.getsourcefile(pane.trace.function._call)
    lines = Path(str(place)).read_text().splitlines()
    for line in pane.source.lines:
        assert line.text == lines[line.number - 1][pane.source.indent :].rstrip()
    for number, rows in pane.index.items():  # what is drawn, put together again
        drawn = "".join(pane.texts[k].text.ljust(pane.lines[k].end - pane.lines[k].start) for k in rows)
        assert drawn.rstrip() == lines[number - 1][pane.source.indent :].rstrip()


@pytest.mark.parametrize(("reference", "area"), [
    (RECIPE, WIDE), (f"{NEURON}:error", WIDE), (f"{NEURON}:error", Area(-3.52, 3.52, 0.0, 3.52)),
])  # fmt: skip
def test_what_lights_up_is_the_span_of_the_step(reference: str, area: Area) -> None:
    pane = pane_of(reference, area)
    for step in pane.operations():
        reaches = pane.reaches(step)
        text = pane.lines[reaches[0][0]].line.text
        lit = "".join(text[a:b] for _, a, b in reaches)
        assert step.span is not None and lit.replace(" ", "") == step.span.text.replace(" ", "")
        assert all(pane.lines[k].line.number == step.span.line for k, *_ in reaches)
        plate = pane._plate(step, "value")
        for (row, a, b), box in zip(reaches, plate[1::2], strict=True):
            assert box.get_left()[0] == pytest.approx(pane.place(row, a)[0] - 0.05)
            assert box.width == pytest.approx((b - a) * pane.advance + 0.10)
        words = pane.cut(step)
        assert "".join(w.text for w in words).replace(" ", "") == lit.replace(" ", "")


def test_numbers_beside_the_lines_are_the_engines() -> None:
    pane = pane_of(RECIPE)
    trace = pane.trace
    for step in pane.operations():
        pane.value(step)
        pane.blame(step)
        number, chip = pane.beside[pane.line_of(step)], pane.chips[pane.line_of(step)]
        assert number.quantity == trace.quantity("value", step)
        assert chip.number.quantity == trace.quantity("adjoint", step)
        assert abs(number.get_center()[1] - pane.place(pane.line_of(step))[1]) < 0.2
        assert number.get_right()[0] < chip.get_left()[0]


def test_a_long_function_scrolls_and_nothing_is_lost(tmp_path: Path) -> None:
    body = "".join(f"    v{k} = v{k - 1} * 1.5\n" for k in range(1, 12))
    (tmp_path / "long.py").write_text(f"def long(v0=1.0):\n{body}    return v11\n")
    pane = pane_of(f"{tmp_path / 'long.py'}:long")
    assert pane.rows < len(pane.lines)
    steps = list(pane.operations())
    for step in [*steps, *reversed(steps)]:
        pane.light(step)
        row = pane.line_of(step)
        assert pane.seen(row)
        low, high = pane.bottom, pane.area.top
        assert low < pane.place(row)[1] < high


def test_rows_are_broken_softly() -> None:
    line = Line(3, "    guess = 1 / (1 + np.exp(-z))")
    rows = wrapped(line, 22)
    assert "".join(row.text for row in rows) == line.text and len(rows) == 2
    assert all(len(row.text.rstrip()) + row.shift <= 22 for row in rows)


@pytest.mark.parametrize(("shape", "asked"), [
    ("wide", {}), ("wide", {"theme": "paper", "function": "u = x*y; sin(u) + x**2", "at": "x=1.5,y=-0.5"}),
    ("square", {}), ("tall", {}), pytest.param("wide", {"function": f"{NEURON}:error", "bug": "none"}, marks=pytest.mark.slow),
])  # fmt: skip
def test_the_clip(run: Run, shape: str, asked: dict) -> None:
    scene = run(clip_class("code"), shape=shape, **asked)
    check(scene)
    for number in scene.ledger.numbers:
        source = scene.ledger.sources[number.source]
        made: Any = Slip if source["kind"] == "slip" else Trace
        rebuilt = made.rebuild(source).lookup(number.key)
        assert float(rebuilt) == pytest.approx(number.value)
        if source["kind"] == "slip":
            assert audit(source, number.key).agrees(number.value)
    assert any(beat.title == "the question" and beat.end - beat.start >= 2 for beat in scene.beats)


def test_the_mistake_is_told_as_it_is(run: Run) -> None:
    told = [b.words for b in run(clip_class("code")).beats if b.title == "the ghost run"]
    assert told == ["Run for real with this mistake, a gets 6, not 11."]
    harmless = run(clip_class("code"), function="exp(a)*b", at="a=0.3,b=2")
    assert any(b.title == "hidden" for b in harmless.beats)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("def f(x=1.0):\n    return " + "+".join(["x*x"] * 9) + "\n", "takes 17 steps"),
        ("def helper(x):\n    return x*x\n\ndef f(x=1.0):\n    return helper(x) + x\n", "outside of f"),
        ("def f(x=1.0):\n    return x * " + "1.0000000000000000000000000000000" * 1 + "\n" + "    # c\n" * 50, "lines"),
    ],
)
def test_refusals_are_one_sentence(run: Run, tmp_path: Path, source: str, sentence: str) -> None:
    (tmp_path / "mine.py").write_text(source)
    with pytest.raises((StageError, EngineError), match=sentence) as problem:
        run(clip_class("code"), function=f"{tmp_path / 'mine.py'}:f")
    assert len(str(problem.value).splitlines()[0]) < 250


def test_arrays_have_no_number_beside_their_line(tmp_path: Path) -> None:
    (tmp_path / "table.py").write_text(
        "import numpy as np\nX = np.array([1.0, 2.0])\n\ndef f(w=0.5):\n    g = w * X\n    return np.mean(g**2)\n"
    )
    pane = pane_of(f"{tmp_path / 'table.py'}:f")
    steps = list(pane.operations())
    assert pane.value(steps[0]) is None and np.ndim(steps[0].value) == 1
    assert pane.value(steps[-1]) is not None
