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
_SCHEMES = Parameter(
    "schemes", "names", ("forward",), "which differences are taken", choices=("forward", "central", "richardson", "complex")
)
_PRECISIONS = Parameter(
    "precisions", "names", ("float64", "float32"), "in which precision", choices=("float64", "float32")
)
_OPTIMIZERS = Parameter(
    "optimizers", "names", ("plain", "momentum", "adam"),
    "who races, up to four: plain, momentum, nesterov, adagrad, rmsprop, adadelta, adam, adamw, newton, lbfgs; "
    "with a rate as plain:0.3",
)  # fmt: skip

_BENDS = ("relu", "leaky_relu", "elu", "tanh", "sigmoid", "softplus", "silu", "gelu", "identity")
_FOLD = Parameter("fold", "int", 24, "how many boxes the graph shows at most; the rest is folded", low=1, high=24)
_UNFOLD = Parameter("unfold", "names", (), "folded boxes that open before the values flow, by name, such as h or h,h_2")

_LEARNING = (
    Parameter("layers", "ints", None, "units of the hidden layers, such as 64 or 32,16", low=1, high=128),
    Parameter(
        "optimizer", "choice", "momentum", "who turns the knobs",
        choices=("plain", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"),
    ),
    Parameter("rate", "float", None, "the learning rate (default: one that suits the optimizer)", low=1e-9, high=1e6),
    Parameter("epochs", "int", None, "how often the data are gone through", low=1, high=2000),
)

CLIPS: dict[str, ClipSpec] = {
    spec.name: spec
    for spec in (
        ClipSpec(
            "explain",
            "the whole story of a function: values, blame, a check by nudging, its price, and descent",
            (_function("sin(x*y) + x**2"), _AT, _START, _RANGE),
        ),
        ClipSpec(
            "forward",
            "values flow through the computational graph, left to right",
            (_function("(a*b + c)*a"), _AT, _FOLD, _UNFOLD),
        ),
        ClipSpec(
            "backward",
            "blame flows back through the graph, edge by edge, and adds up where a value is used twice",
            (_function("(a*b + c)*a"), _AT, _FOLD, _UNFOLD),
        ),
        ClipSpec(
            "slice",
            "a loss over one input: the slope at a point, and the steps that follow it down",
            (
                _function("0.1*x**4 - 0.6*x**2 + 0.2*x + 1.2"), _START, _INPUT, _RANGE,
                Parameter("optimizers", "names", ("plain",), _OPTIMIZERS.help), _RATE, _STEPS,
            ),
        ),
        ClipSpec(
            "secant",
            "a secant becomes the tangent: the nudged slope against the engine's, row by row",
            (_function("x*(1 + tanh(x))"), _AT, _INPUT, _RANGE),
        ),
        ClipSpec(
            "kink",
            "left and right slope at one place: one slope, two of them, or none",
            (_function("abs(sin(x))"), _AT, _INPUT, _RANGE),
        ),
        ClipSpec(
            "error-curve",
            "how wrong a difference is for every step: the V of bend and rounding, digit by digit",
            (_function("x*(1 + tanh(x))"), _AT, _INPUT, _SCHEMES, _PRECISIONS),
        ),
        ClipSpec(
            "swell",
            "a function put into itself: its derivative, written out, swells – and folds into a small graph when shared",
            (
                _function("v*(1 + tanh(v))"), _AT,
                Parameter("input", "text", None, "by which input (default: the first)"),
                Parameter("depth", "int", 6, "how often the function is put into itself", low=1, high=40),
            ),
        ),
        ClipSpec(
            "search",
            "blind search against steps along the slope: every try a mark, and what more knobs do to luck",
            (
                _function("(a + b + c + d - 1)**2 + (a - b)**2/8 + (b - c - 1)**2/8 + (c - d + 1)**2/8"),
                Parameter("start", "point", None, "where all begin, such as a=-1,b=1 (default: one with something to gain)"),
                Parameter("nudges", "floats", None, "step sizes of the blind search (default: a small and a large one)",
                          low=1e-9, high=1e6),
                Parameter("seeds", "ints", (0, 1, 2, 3, 4), "a search for each, the first one is shown", low=0, high=10**9),
                Parameter("budget", "int", 3000, "tries at most for each search", low=10, high=50_000),
                _RATE,
                Parameter("knobs", "ints", (4, 16, 64), "numbers of knobs for the curve of luck", low=1, high=512),
            ),
        ),
        ClipSpec(
            "responses",
            "activations, losses or own curves side by side, with their slopes at a moving point: who goes flat, who is dead",
            (
                Parameter(
                    "curves", "text", "relu, sigmoid, tanh",
                    "up to six, by name (relu, gelu, squared, binary_cross_entropy …) or as text such as x*exp(-x)",
                ),
                Parameter("stops", "floats", None, "where the point stands, such as 0.5,5,-5 (default: chosen to fit)"),
                Parameter("see", "text", None, "what part is shown, such as -6:6 (default: chosen to fit)"),
                Parameter("target", "float", 1.0, "the truth that a loss compares the guess with"),
            ),
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
        ClipSpec(
            "code",
            "the user's own source lines: each becomes a box as it runs, then blame walks back up; and a typical bug",
            (
                _function("chainreel.engine.storyboards.recipe:recipe"), _AT,
                Parameter("bug", "choice", "overwrite", "a mistake that is run for real", choices=("overwrite", "none")),
            ),
        ),
        ClipSpec(
            "landscape",
            "the loss of a real network on a plane through its knobs: map, the way of its training, surface, another slice",
            (
                Parameter("data", "text", "moons", "moons, spirals, digits, faces, icons, or a CSV file with a target column"),
                Parameter("target", "text", None, "the column of a CSV file that is learned (default: the last)"),
                Parameter("layers", "ints", (16, 16), "units of each hidden layer, such as 16,16", low=1, high=512),
                Parameter("plane", "choice", "pca", "which plane comes first", choices=("pca", "random")),
                Parameter("optimizer", "choice", "adam", "what trains the network",
                          choices=("plain", "momentum", "nesterov", "adagrad", "rmsprop", "adadelta", "adam", "adamw")),
                Parameter("rate", "float", None, "its rate (default: one that fits the optimizer)", low=1e-9, high=1e3),
                Parameter("steps", "int", 300, "how many steps the training takes", low=2, high=5000),
            ),
        ),
        ClipSpec(
            "chain",
            "a nudge travels through linked wheels: rates along the way multiply, and routes add",
            (
                _function("u = x**2; y = 12/u; y*0.4"), _AT, _INPUT,
                Parameter("nudge", "float", None, "how far the input is moved (default: so far that the forecast is close)"),
            ),
        ),
        ClipSpec(
            "paths",
            "all paths from an input to the output: the product along each, and their sum",
            (_function("u = a*b + a; u*(u + c)"), _AT, _INPUT),
        ),
        ClipSpec(
            "local",
            "one box of the graph enlarged: its rule, the partner's value, a gate open or closed",
            (
                _function("(a*b + c)*a"), _AT,
                Parameter("op", "choice", None, "an operation by itself", choices=(
                    "add", "sub", "mul", "div", "pow", "max", "min", "neg", "square", "sqrt", "exp", "log", "sin", "cos",
                    "tanh", "sigmoid", "relu", "abs",
                )),
                Parameter("step", "text", None, "which step of the function, by its name (default: one that says something)"),
                Parameter("blame", "float", None, "the blame that arrives at --op (default: twice that of the output)"),
            ),
        ),
        ClipSpec(
            "modes",
            "forward mode against reverse mode on the same graph: sweeps and operations counted, then many knobs",
            (
                _function("(a*b + c)*a"), _AT,
                Parameter("knobs", "ints", None, "sizes to extrapolate to, such as 1000,1000000 (default: three networks)",
                          low=1, high=10**15),
            ),
        ),
        ClipSpec(
            "fit",
            "a curve with knobs is fitted to a table of points: misses, squares, slopes, and the descent of all knobs",
            (
                Parameter(
                    "function", "function", "k0 + k1*x + k2*x**2 + k3*x**3 + k4*x**4 + k5*x**5",
                    "the model: x is the place of a point, every other name is a knob",
                ),
                Parameter("data", "file", None, "a CSV file with two columns, x and y"),
                Parameter("points", "text", None, "the points themselves, such as 0:1,1:2.5,2:3"),
                Parameter("start", "point", None, "where the knobs begin, such as k0=0,k1=1"),
                Parameter(
                    "optimizer", "choice", "plain", "who turns the knobs",
                    choices=("plain", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"),
                ),
                _RATE, _STEPS,
            ),
        ),
        ClipSpec(
            "network",
            "values flow through a network of your sizes: one unit's products, sum and bend in full, then all of them",
            (
                Parameter(
                    "layers", "ints", None, "inputs and units of each layer, such as 2,3,1 (default: the whisker net)",
                    low=1, high=64,
                ),
                Parameter("activation", "choice", "relu", "the bend of the hidden units", choices=_BENDS),
                Parameter("at", "floats", None, "the example that goes in, such as 0.9,0.2"),
                Parameter(
                    "weights", "file", None,
                    "an .npz (W and b of each layer) or a .csv (a row per unit, an empty line between layers)",
                ),
                Parameter("unit", "int", 1, "which unit of the first layer is shown in full", low=1, high=64),
                Parameter("names", "names", None, "names of the inputs, such as ears,muzzle"),
            ),
        ),
        ClipSpec(
            "knobs",
            "the inputs of a function as dials, a slope on every screen, one step of all: the forecast and what happens",
            (_function("z = 1.5*w1 + b1; y = w2*relu(z) + b2; (y - 1)**2"), _AT, _RATE, _STEPS),
        ),
        ClipSpec(
            "cards",
            "title, question, claim with its source, cards of your own, a map, the ring of the four moves, a self-test",
            (
                Parameter("title", "text", None, "a chapter's title"),
                Parameter("subtitle", "text", None, "the line below it"),
                Parameter("number", "int", None, "the chapter's number", low=0, high=999),
                Parameter(
                    "move", "choice", "blame", "which move is lit beside the title",
                    choices=("forward", "loss", "blame", "step"),
                ),
                Parameter("question", "text", None, "a question, with time to answer it"),
                Parameter("claim", "text", None, "a claim: an id of the table such as resnet-50, or words of your own"),
                Parameter("source", "text", None, "where your own claim was read; without it there is no card"),
                Parameter("lines", "text", None, "cards of your own, with semicolons between them"),
                Parameter("map", "text", None, "the stops of a lecture, with semicolons between them"),
                Parameter("stop", "int", None, "at which stop of the map we are", low=1, high=7),
                Parameter("recap", "yes", False, "the ring of the four moves, one after the other"),
                Parameter("test", "text", None, "questions for a self-test, with semicolons between them"),
            ),
        ),
        ClipSpec(
            "training",
            "a board of pictures: guesses flip from wrong to right while the network learns, and unseen ones judge it",
            (
                Parameter(
                    "data", "text", "digits",
                    "digits, faces, a folder with a folder of pictures for each class, an .npz or .npy file, or MNIST's folder",
                ),
                *_LEARNING,
                Parameter("pixels", "int", 24, "how many pixels wide pictures from a folder become", low=4, high=32),
            ),
        ),
        ClipSpec(
            "scale",
            "how many adjustable numbers models have, as areas: a zoom from your own layers to the published giants",
            (
                Parameter("layers", "ints", None, "sizes of your own dense layers, such as 784,800,10", low=1, high=20_000_000),
                Parameter(
                    "models", "names", None, "which published models stand beside it",
                    choices=("whisker", "digits", "mnist", "resnet-50", "gpt-3"),
                ),
            ),
        ),
        ClipSpec(
            "boundary",
            "points of two kinds, and the border of a network that moves between them as it learns; seen and unseen",
            (
                Parameter("data", "file", None, "a CSV file: two columns of numbers, one with the kind (default: two moons)"),
                Parameter("columns", "names", None, "which two columns are the plane, such as height,width"),
                Parameter("target", "text", None, "which column is the kind (default: the last)"),
                Parameter("activation", "choice", "tanh", "the bend of the hidden units", choices=_BENDS),
                *_LEARNING,
            ),
        ),
        ClipSpec(
            "timeline",
            "years on a line, a card for each with its source: where the pieces come from, or a history of your own",
            (Parameter("file", "file", None, "a CSV file with rows year,text,source (default: a short history)"),),
        ),
        ClipSpec(
            "blame-map",
            "which pixels push the answer: the slope of the loss in every pixel, for a network trained for real",
            (
                Parameter("data", "text", "digits", "as for the clip training"),
                *_LEARNING,
                Parameter("pixels", "int", 24, "how many pixels wide pictures from a folder become", low=4, high=32),
                Parameter("example", "int", None, "which unseen picture, from 1 on (default: one that it gets wrong)", low=1),
            ),
        ),
        ClipSpec(
            "failures",
            "slopes that vanish or explode, units that die, steps that are too large: each run for real",
            (
                Parameter(
                    "which", "names", ("vanishing", "exploding", "dead", "step"), "which failures, in this order",
                    choices=("vanishing", "exploding", "dead", "step"),
                ),
                Parameter("depth", "int", 5, "how many hidden layers the deep network has", low=2, high=6),
                Parameter("rate", "float", None, "the rate that is too large (default: one known to fail)", low=1e-6, high=1e6),
            ),
        ),
    )
}


def clip_named(name: str) -> ClipSpec:
    """The clip of that name, or a sentence with the nearest one."""
    if name not in CLIPS:
        raise StageError(f"there is no clip '{name}'{nearest(name, list(CLIPS))} (the clips: {', '.join(CLIPS)})")
    return CLIPS[name]
