"""All clips on one page: name, what it shows, and its parameters. The classes take their defaults from here.

Nothing is imported that draws, so that `list` and `--help` answer at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..stage.errors import StageError
from ..stage.parameters import Parameter, nearest


@dataclass(frozen=True)
class ClipSpec:
    """A clip as the command line knows it; its class is the name in CamelCase."""

    name: str
    summary: str
    parameters: tuple[Parameter, ...]

    @property
    def class_name(self) -> str:
        """`backward` is class `Backward`."""
        return "".join(word.capitalize() for word in self.name.split("-"))

    @property
    def takes_function(self) -> bool:
        """Whether the clip is about a function of the user's."""
        return any(p.name == "function" for p in self.parameters)

    def parameter(self, name: str) -> Parameter:
        """The parameter of that name."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        names = [p.name for p in self.parameters]
        raise StageError(f"the clip '{self.name}' has no parameter '{name}'{nearest(name, names)}")


def _function(default: str) -> Parameter:
    return Parameter("function", "function", default, "text, path/to/file.py:name or package.module:name")


_AT = Parameter("at", "point", None, "the point, such as x=1.5,y=-0.5 (default: one where the slopes say something)")
_START = Parameter("start", "point", None, "where the descent begins, such as x=-1.2,y=1")
_RANGE = Parameter("range", "ranges", None, "what part is shown, such as x=-3:3 (default: chosen to fit)")
_RATE = Parameter("rate", "float", None, "the learning rate (default: the best of a fixed list of trials)", low=1e-9, high=1e6)
_STEPS = Parameter("steps", "int", None, "how many steps of descent at most", low=1, high=5000)
_INPUT = Parameter("input", "text", None, "which input is turned (default: the first)")
_INPUTS = Parameter("inputs", "names", None, "which two inputs the map shows (default: the first two)")
_OPTIMIZERS = Parameter(
    "optimizers", "names", ("plain", "momentum", "adam"), "who races, in this order",
    choices=("plain", "momentum", "adam"),
)  # fmt: skip

CLIPS: dict[str, ClipSpec] = {
    spec.name: spec
    for spec in (
        ClipSpec(
            "explain",
            "the whole story of a function: values, blame, a check by nudging, and descent",
            (_function("sin(x*y) + x**2"), _AT, _START, _RANGE),
        ),
        ClipSpec(
            "forward",
            "values flow through the computational graph, left to right",
            (_function("(a*b + c)*a"), _AT),
        ),
        ClipSpec(
            "backward",
            "blame flows back through the graph, edge by edge, and adds up where a value is used twice",
            (_function("(a*b + c)*a"), _AT),
        ),
        ClipSpec(
            "slice",
            "a loss over one input: the slope at a point, and the steps that follow it down",
            (_function("0.1*x**4 - 0.6*x**2 + 0.2*x + 1.2"), _START, _INPUT, _RANGE, _RATE, _STEPS),
        ),
        ClipSpec(
            "secant",
            "a secant becomes the tangent: the nudged slope against the engine's, row by row",
            (_function("x*(1 + tanh(x))"), _AT, _INPUT, _RANGE),
        ),
        ClipSpec(
            "descent",
            "a map of the loss over two inputs, and optimizers racing down it",
            (_function("x**2 + 3*y**2 + x*y"), _START, _RANGE, _INPUTS, _OPTIMIZERS, _RATE, _STEPS),
        ),
        ClipSpec(
            "surface",
            "the map rises into a surface: cuts through it, their slopes, and optimizers running down it",
            (_function("x**4/4 - x**2 + x*y/2 + y**2 - x/4"), _START, _RANGE, _INPUTS, _OPTIMIZERS, _RATE, _STEPS),
        ),
    )
}


def clip_named(name: str) -> ClipSpec:
    """The clip of that name, or a sentence with the nearest one."""
    if name not in CLIPS:
        raise StageError(f"there is no clip '{name}'{nearest(name, list(CLIPS))} (the clips: {', '.join(CLIPS)})")
    return CLIPS[name]
