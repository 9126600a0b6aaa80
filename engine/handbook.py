"""What a handbook says of the derivative of each function of numbers, as text.

``x`` and ``z`` are the operands, ``y`` is the value; one entry per operand. The texts are read by pictures (``formula``)
and by the counting of formulas (``swell``), never by the sweeps: those have rules of their own, written for accuracy
(``elementwise``), and a test compares the two.
"""

from __future__ import annotations

import ast
import functools

DERIVATIVES: dict[str, tuple[str, ...]] = {
    "add": ("1", "1"), "sub": ("1", "-1"), "mul": ("z", "x"), "div": ("1/z", "-(x/z**2)"), "neg": ("-1",),
    "pow": ("z*x**(z - 1)", "x**z*log(x)"), "square": ("2*x",), "sqrt": ("1/(2*sqrt(x))",),
    "cbrt": ("1/(3*cbrt(x)**2)",), "reciprocal": ("-(1/x**2)",),
    "exp": ("exp(x)",), "expm1": ("exp(x)",), "exp2": ("log(2)*2**x",),
    "log": ("1/x",), "log2": ("1/(log(2)*x)",), "log10": ("1/(log(10)*x)",), "log1p": ("1/(1 + x)",),
    "sin": ("cos(x)",), "cos": ("-sin(x)",), "tan": ("1/cos(x)**2",),
    "arcsin": ("1/sqrt(1 - x**2)",), "arccos": ("-(1/sqrt(1 - x**2))",), "arctan": ("1/(1 + x**2)",),
    "sinh": ("cosh(x)",), "cosh": ("sinh(x)",), "tanh": ("1 - tanh(x)**2",),
    "sech2": ("-(2*tanh(x)*sech2(x))",),
    "arcsinh": ("1/sqrt(1 + x**2)",), "arccosh": ("1/sqrt(x**2 - 1)",), "arctanh": ("1/(1 - x**2)",),
    "arctan2": ("z/(x**2 + z**2)", "-(x/(x**2 + z**2))"), "hypot": ("x/y", "z/y"),
    "logaddexp": ("exp(x - y)", "exp(z - y)"), "logaddexp2": ("2**(x - y)", "2**(z - y)"),
    "sigmoid": ("sigmoid(x)*(1 - sigmoid(x))",), "softplus": ("sigmoid(x)",),
    "erf": ("2*exp(-x**2)/sqrt(pi)",), "erfc": ("-(2*exp(-x**2)/sqrt(pi))",), "sinc": ("(cos(pi*x) - sinc(x))/x",),
    "gamma": ("gamma(x)*digamma(x)",), "loggamma": ("digamma(x)",), "digamma": ("trigamma(x)",),
    "abs": ("sign(x)",), "sign": ("0",), "relu": ("1 if x > 0 else 0",), "deg2rad": ("pi/180",), "rad2deg": ("180/pi",),
    "max": ("1 if x > z else 0", "1 if x < z else 0"), "min": ("1 if x < z else 0", "1 if x > z else 0"),
    "fmax": ("1 if x > z else 0", "1 if x < z else 0"), "fmin": ("1 if x < z else 0", "1 if x > z else 0"),
    "floor": ("0",), "ceil": ("0",), "trunc": ("0",), "rint": ("0",), "heaviside": ("0", "0"), "mod": ("1", "-floor(x/z)"),
    "gauss": ("-(2*x*gauss(x))",), "density": ("-(x*density(x))",), "ndtr": ("density(x)",),
    "erfinv": ("sqrt(pi)*exp(y**2)/2",),
    "logit": ("1/(x*(1 - x))",), "log_sigmoid": ("sigmoid(-x)",), "xlogy": ("log(z)", "x/z"), "entr": ("-log(x) - 1",),
    "i0": ("i1(x)",), "j0": ("-j1(x)",), "y0": ("-y1(x)",), "copy": ("1",), "alias": ("1",),
}  # fmt: skip


@functools.cache
def derivative(primitive: str, slot: int) -> ast.expr | None:
    """The syntax tree of the derivative of a function by one operand, None where the handbook has none.

    >>> ast.unparse(derivative("tanh", 0))
    '1 - tanh(x) ** 2'
    """
    texts = DERIVATIVES.get(primitive, ())
    return ast.parse(texts[slot], mode="eval").body if slot < len(texts) else None
