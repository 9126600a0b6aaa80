"""Whatever function is brought: the picture is clean, or the refusal is one polite sentence. Never anything else.

Functions are drawn at random – deep and shallow, one input or four, with values used again, numbers from 1e-12 to 1e12,
negative and zero – always the same ones, so that a failure can be looked at again. Each function goes through `forward` or
`backward`, and through `slice` or `descent`, in turn; CHAINREEL_FUNCTIONS=n draws n of them for each share instead.
"""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from chainreel.engine import EngineError
from chainreel.scenes.clips import clip_class
from chainreel.scenes.stage.errors import StageError

NAMES = ("x", "y", "a", "w_1", "theta", "rate")
UNARY = ("sin", "cos", "exp", "log", "sqrt", "tanh", "abs", "sigmoid", "relu", "-")
SHARES = 8  # of the work, so that two cores can share it
FUNCTIONS = int(os.environ.get("CHAINREEL_FUNCTIONS", "26"))  # in each share: 208 in all

sizes = st.integers(-12, 12)
digits = st.sampled_from((1.0, 1.5, 2.0, 3.0, 7.25))
signs = st.sampled_from((1, 1, 1, -1))


@st.composite
def numbers(draw: Any) -> float:
    """Mostly friendly numbers; sometimes zero, tiny or huge."""
    if draw(st.booleans()):
        return float(draw(st.sampled_from((0.0, 0.5, 1.0, 2.0, 3.0, -1.0, -2.5, 0.1))))
    return float(f"{draw(signs) * draw(digits):g}e{draw(sizes)}")


def tree(names: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Formulas over these names."""
    leaves = st.one_of(st.sampled_from(names), st.sampled_from(names), numbers().map(lambda v: f"({v!r})"))

    def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        two = st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})")
        one = st.tuples(st.sampled_from(UNARY), inner).map(lambda t: f"{t[0]}({t[1]})")
        power = st.tuples(inner, st.sampled_from((2, 3, 0.5, -1))).map(lambda t: f"({t[0]})**({t[1]})")
        return st.one_of(two, two, one, power)

    return st.recursive(leaves, larger, max_leaves=9)


@st.composite
def functions(draw: Any) -> tuple[str, dict[str, float]]:
    """A function as text, perhaps with a value of its own that is used again, and a point."""
    names = tuple(draw(st.permutations(NAMES))[: draw(st.integers(1, 4))])
    inner = tree(names)
    text = draw(inner)
    if draw(st.booleans()):
        text = f"u = {draw(inner)}; u*u + {text} - u"
    if not any(re.search(rf"\b{n}\b", text) for n in names):
        text = f"{text} + {names[0]}"
    used = [n for n in names if re.search(rf"\b{n}\b", text)]
    return text, {n: draw(numbers()) for n in used}


def attempt(run: Any, clip: str, text: str, at: dict[str, float]) -> str:
    """Run one clip; says whether it was shown or refused. Anything else is a failure that names the function."""
    place = {"at": at} if clip in ("forward", "backward") else {"start": at}
    try:
        scene = run(clip_class(clip), function=text, **place)
    except (StageError, EngineError) as refusal:
        said, *shown = str(refusal).strip().splitlines()  # a sentence; perhaps the place in the source under it
        assert 10 < len(said) < 400 and len(shown) <= 2, f"{clip} {text!r} at {at}: not one sentence: {refusal!s}"
        return "refused"
    except Exception as problem:
        raise AssertionError(f"{clip} {text!r} at {at}: {type(problem).__name__}: {problem}") from problem
    found = "; ".join(f"{f.time:.1f} s {f.rule}: {f.message}" for f in scene.lint.findings)
    assert not found, f"{clip} {text!r} at {at}: {found}"
    return "shown"


@pytest.mark.slow
@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("clips", (("forward", "backward"), ("slice", "descent")), ids="-".join)
def test_random_functions(run: Any, share: int, clips: tuple[str, ...]) -> None:
    """No function brings anything but a clean picture or a sentence."""
    outcomes: list[str] = []
    problems: list[str] = []

    @seed(20260 + share)
    @settings(
        max_examples=FUNCTIONS, deadline=None, database=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(functions())
    def draw(drawn: tuple[str, dict[str, float]]) -> None:
        clip = clips[(len(outcomes) + len(problems) + share) % len(clips)]
        text, at = drawn
        if clip == "descent" and len(at) < 2:  # a map needs two inputs
            text, at = f"{text} + (b - 1)**2", {**at, "b": 0.5}
        try:
            outcomes.append(attempt(run, clip, text, at))
        except AssertionError as problem:
            problems.append(str(problem))

    draw()
    assert not problems, f"{len(problems)} of {len(outcomes) + len(problems)} runs:\n" + "\n".join(problems)
    assert outcomes.count("shown") >= len(outcomes) // 4, "hardly any function was shown"


HUGE = (  # and tiny: numbers that once reached into the margin, lay on others, or overflowed
    ("exp(300 - theta)", {"theta": -1.0}),
    ("u = ((sin(a)*relu(7.25e-09))/a**3); u*u + exp(abs(2/a)) - u", {"a": 2.0}),
    ("exp(abs(2/a))*b - c", {"a": -0.003, "b": -2.5, "c": -7.25e111}),
    ("tanh(x)*y*theta*rate*a", {"x": -0.5, "y": -7.25e100, "theta": -7.25e100, "rate": -7.25e-111, "a": -7.25e12}),
    ("u = a*b; u*u*u - rate*u*c", {"a": -7.25e40, "b": 7.25e12, "c": -1e120, "rate": -1.5e-111}),
    ("sin(x)*1e200 + y*x - theta", {"x": -1.0, "y": -7.25e199, "theta": -7.25e111}),
)


@pytest.mark.slow
@pytest.mark.parametrize("shape", ("wide", "square", "tall"))
@pytest.mark.parametrize(("text", "at"), HUGE)
def test_huge_numbers_keep_their_place(run: Any, text: str, at: dict[str, float], shape: str) -> None:
    """In every shape of frame, through all four clips."""

    def shaped(scene_class: type, **parameters: Any) -> Any:
        return run(scene_class, shape=shape, **parameters)

    for clip in ("forward", "backward", "slice", *(["descent"] if len(at) > 1 else [])):
        attempt(shaped, clip, text, at)
