"""Declared parameters: the same check for the command line, a notebook and a subclass."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainreel.scenes.clips.catalogue import CLIPS, clip_named
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.parameters import Parameter, parse_point, parse_ranges


@given(st.dictionaries(st.from_regex(r"[a-z]\w{0,3}", fullmatch=True), st.floats(-1e9, 1e9), min_size=1, max_size=5))
def test_a_point_survives_text(point):
    """What is printed as x=1.5,y=-0.5 is read as the same numbers."""
    assert parse_point(",".join(f"{k}={v!r}" for k, v in point.items())) == point


@pytest.mark.parametrize(
    "text, says",
    [("x", "name=value"), ("x=", "name=value"), ("x=abc", "not a number"), ("x=1,x=2", "twice"), ("", "empty"),
     ("x=nan", "finite"), ("x=1e999", "finite"), ("2x=1", "name=value")],
)  # fmt: skip
def test_bad_points_get_a_sentence(text, says):
    """Each says what is wrong with which characters."""
    with pytest.raises(StageError, match=says):
        parse_point(text)


def test_ranges():
    """low:high, the smaller first."""
    assert parse_ranges("x=-3:3,y=0:2") == {"x": (-3.0, 3.0), "y": (0.0, 2.0)}
    with pytest.raises(StageError, match="smaller"):
        parse_ranges("x=3:-3")
    with pytest.raises(StageError, match="low:high"):
        parse_ranges("x=3")


def test_bounds_and_choices():
    """Numbers out of bounds and unknown names are answered, the latter with the nearest one."""
    steps = Parameter("steps", "int", 10, "", low=1, high=50)
    assert steps.coerce("7") == 7
    with pytest.raises(StageError, match="at least 1 and at most 50"):
        steps.coerce("99")
    names = Parameter("optimizers", "names", (), "", choices=("plain", "adam"))
    assert names.coerce("plain,adam") == ("plain", "adam")
    with pytest.raises(StageError, match="did you mean 'adam'"):
        names.coerce("adan")


def test_an_unknown_clip_gets_the_nearest_name():
    """`clip bakward` is answered with `backward`."""
    with pytest.raises(StageError, match="did you mean 'backward'"):
        clip_named("bakward")


def test_the_catalogue_loads_no_pictures():
    """`list` and `--help` answer at once because reading the catalogue imports neither manim nor numpy."""
    code = (
        "import sys, chainreel.scenes.clips.catalogue; "
        "print([m for m in ('manim', 'numpy', 'sympy', 'scipy') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


@pytest.mark.parametrize("name", CLIPS)
def test_every_clip_has_its_class(name):
    """The CamelCase class is importable, and its class attributes are the declared parameters."""
    import chainreel.scenes.clips as clips

    spec = CLIPS[name]
    cls = getattr(clips, spec.class_name)
    assert cls.spec is spec
    for parameter in spec.parameters:
        assert getattr(cls, parameter.name) == parameter.default
