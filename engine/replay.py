"""A trace's steps run again in another arithmetic: sympy's symbols, or numbers of many digits.

This is the engine's second opinion. It takes from a trace only which primitive was applied to what, knows nothing of
derivative rules, and has its own table of values. At a kink (|x| at 0, a tie of max, a step of floor) the declared
convention picks the straight piece that stands in for the function, so that a derivative taken here is the one the
convention means. Arrays are arrays of numbers of many digits; matrices go through mpmath's own decompositions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import mpmath  # type: ignore[import-untyped]
import numpy as np
import sympy

from .errors import EngineError
from .trace import Constant, Step, Trace

Values = list[Any]


class Arithmetic:
    """Values of the primitives by name. ``number`` brings a float or array into this arithmetic."""

    def __init__(self, functions: Mapping[str, Callable], number: Callable[[Any], Any]):
        self.functions = functions
        self.number = number


def _smooth(m: Any) -> dict[str, Callable]:
    """The smooth functions that sympy and mpmath spell alike."""
    two_over_root_pi = 2 / m.sqrt(m.pi)
    return {
        "sin": m.sin, "cos": m.cos, "tan": m.tan, "arcsin": m.asin, "arccos": m.acos, "arctan": m.atan,
        "sinh": m.sinh, "cosh": m.cosh, "tanh": m.tanh, "arcsinh": m.asinh, "arccosh": m.acosh, "arctanh": m.atanh,
        "exp": m.exp, "expm1": lambda x: m.exp(x) - 1, "exp2": lambda x: 2**x, "log": m.log, "log1p": lambda x: m.log(1 + x),
        "log2": lambda x: m.log(x) / m.log(2), "log10": lambda x: m.log(x) / m.log(10), "sqrt": m.sqrt,
        "sigmoid": lambda x: 1 / (1 + m.exp(-x)), "softplus": lambda x: m.log(1 + m.exp(x)),
        "log_sigmoid": lambda x: -m.log(1 + m.exp(-x)), "logit": lambda x: m.log(x / (1 - x)),
        "sech2": lambda x: m.cosh(x) ** -2,
        "logaddexp": lambda x, z: m.log(m.exp(x) + m.exp(z)), "logaddexp2": lambda x, z: m.log(2**x + 2**z) / m.log(2),
        "hypot": lambda x, z: m.sqrt(x * x + z * z), "arctan2": m.atan2, "deg2rad": lambda x: x * m.pi / 180,
        "rad2deg": lambda x: x * 180 / m.pi, "erf": m.erf, "erfc": m.erfc, "erfinv": m.erfinv, "gauss": lambda x: m.exp(-x * x),
        "density": lambda x: m.exp(-x * x / 2) / m.sqrt(2 * m.pi), "ndtr": lambda x: m.erfc(-x / m.sqrt(2)) / 2,
        "log_ndtr": lambda x: m.log(m.erfc(-x / m.sqrt(2)) / 2), "erfcx": lambda x: m.exp(x * x) * m.erfc(x),
        "erfcx_slope": lambda x: 2 * x * m.exp(x * x) * m.erfc(x) - two_over_root_pi,
        "gamma": m.gamma, "loggamma": m.loggamma, "digamma": m.digamma, "beta": m.beta, "xlogy": lambda x, z: x * m.log(z),
        "xlog1py": lambda x, z: x * m.log(1 + z), "entr": lambda x: -x * m.log(x), "rel_entr": lambda x, z: x * m.log(x / z),
        "kl_div": lambda x, z: x * m.log(x / z) - x + z, "i0": lambda x: m.besseli(0, x), "i1": lambda x: m.besseli(1, x),
        "iv": m.besseli, "j0": lambda x: m.besselj(0, x), "j1": lambda x: m.besselj(1, x), "jv": m.besselj,
    }  # fmt: skip


_COMMON: dict[str, Callable] = {
    "add": lambda x, z: x + z, "sub": lambda x, z: x - z, "mul": lambda x, z: x * z, "div": lambda x, z: x / z,
    "neg": lambda x: -x, "square": lambda x: x * x, "pow": lambda x, z: x**z, "reciprocal": lambda x: 1 / x,
}  # fmt: skip


# -- arrays of numbers of many digits --------------------------------------------------------------------------------
def _each(function: Callable) -> Callable:
    """A function of numbers, for arrays of them."""

    def call(*xs: Any) -> Any:
        if any(isinstance(x, np.ndarray) for x in xs):
            return np.frompyfunc(function, len(xs), 1)(*xs)
        return function(*xs)

    return call


def _put(x: Any, v: Any, key: Any) -> Any:
    result = np.array(x, dtype=object)
    result[key] = v
    return result


def _scatter(x: Any, shape: tuple, key: Any) -> Any:
    result = np.zeros(shape, dtype=object)
    np.add.at(result, key, x)
    return result


def _root_of_squares(x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    return _each(mpmath.sqrt)(np.add.reduce(np.multiply(x, x), axis=axis, keepdims=keepdims))


def _p_length(x: Any, p: float, axis: Any = None, keepdims: Any = False) -> Any:
    powers = _each(lambda t: mpmath.power(abs(t), p))(x)
    return _each(lambda t: mpmath.power(t, 1 / mpmath.mpf(p)))(np.add.reduce(powers, axis=axis, keepdims=keepdims))


def _log_sum(x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    return _each(mpmath.log)(np.add.reduce(_each(mpmath.exp)(x), axis=axis, keepdims=keepdims))


def _from_engine(module: str, name: str) -> Callable:
    """A map that only moves or adds elements: numpy's own code serves objects as well."""

    def call(*xs: Any, **params: Any) -> Any:
        import importlib

        return importlib.import_module(f"chainreel.engine.{module}").TABLE[name].compute(*xs, **params)

    return call


_MOVED = ("gather", "spread", "flip", "roll", "rot90", "take", "take_along", "repeat", "tile", "diagonal", "pad", "convolve")

_ARRAYS: dict[str, Callable] = {
    "sum": lambda x, axis=None, keepdims=False: np.add.reduce(x, axis=axis, keepdims=keepdims),
    "mean": lambda x, axis=None, keepdims=False: (
        np.add.reduce(x, axis=axis, keepdims=keepdims) / (np.size(x) // np.size(np.add.reduce(x, axis=axis)))
    ),
    "broadcast": lambda x, shape: np.broadcast_to(x, shape),
    "matmul": np.matmul, "reshape": np.reshape, "transpose": np.transpose, "copy": np.array, "put": _put,
    "index": lambda x, key: x[key], "scatter": _scatter,
    "stack": lambda *xs, axis=0: np.stack(xs, axis), "concatenate": lambda *xs, axis=0: np.concatenate(xs, axis),
    "cumsum": lambda x, axis: np.add.accumulate(x, axis), "cumprod": lambda x, axis: np.multiply.accumulate(x, axis),
    "prod": lambda x, axis=None, keepdims=False: np.multiply.reduce(x, axis=axis, keepdims=keepdims),
    "norm": _root_of_squares, "pnorm": _p_length, "logsumexp": _log_sum,
    "softmax": lambda x, axis=None: _each(mpmath.exp)(x - _log_sum(x, axis, True)),
    "log_softmax": lambda x, axis=None: x - _log_sum(x, axis, True),
    "einsum": lambda *xs, subscripts: np.einsum(subscripts, *(np.asarray(x, dtype=object) for x in xs)),
    **{name: _from_engine("arrays", name) for name in _MOVED},
    **{name: _from_engine("convolution", name) for name in ("windows", "add_back", "conv")},
}  # fmt: skip


# -- matrices --------------------------------------------------------------------------------------------------------
def _matrices(function: Callable) -> Callable:
    """A function of mpmath's matrices, for stacks of them: one matrix (or number) for each."""

    def call(*xs: Any, **params: Any) -> Any:
        lead = np.broadcast_shapes(*(x.shape[:-2] for x in xs))
        wide = [np.broadcast_to(x, (*lead, *x.shape[-2:])) for x in xs]
        results = [function(*(mpmath.matrix(x[k].tolist()) for x in wide), **params) for k in np.ndindex(*lead)]
        parts = [np.array(r.tolist(), dtype=object) if isinstance(r, mpmath.matrix) else r for r in results]
        return np.array(parts, dtype=object).reshape(*lead, *np.shape(parts[0])) if lead else parts[0]

    return call


def _symmetric(a: Any, uplo: str = "L") -> Any:
    """numpy reads one triangle of a symmetric matrix."""
    first, second = (max, min) if uplo == "L" else (min, max)
    return mpmath.matrix([[a[first(i, j), second(i, j)] for j in range(a.cols)] for i in range(a.rows)])


def _column(vector: Any) -> np.ndarray:
    return np.array([vector[k] for k in range(len(vector))], dtype=object)


_MATRICES: dict[str, Callable] = {
    "inv": _matrices(lambda a: a**-1), "det": _matrices(mpmath.det), "expm": _matrices(mpmath.expm),
    "logdet": _matrices(lambda a: mpmath.log(abs(mpmath.det(a)))), "solve": _matrices(lambda a, b: a**-1 * b),
    "cholesky": _matrices(lambda a: mpmath.cholesky(_symmetric(a))),
    "eigvalsh": _matrices(lambda a, uplo: _column(mpmath.eigsy(_symmetric(a, uplo), eigvals_only=True))),
    "sqrtm": _matrices(lambda a: mpmath.sqrtm(a)), "sylvester": _matrices(lambda a, b, q: _sylvester(a, b, q)),
    "svdvals": _matrices(lambda a: _column(mpmath.svd_r(a, compute_uv=False))),
}  # fmt: skip


def _sylvester(a: Any, b: Any, q: Any) -> Any:
    """x with a x + x b = q, as one system of equations for the elements of x row by row."""
    m, n = q.rows, q.cols
    system = mpmath.zeros(m * n)
    for i in range(m):
        for j in range(n):
            for k in range(m):
                system[i * n + j, k * n + j] += a[i, k]
            for k in range(n):
                system[i * n + j, i * n + k] += b[k, j]
    x = mpmath.lu_solve(system, mpmath.matrix([q[i, j] for i in range(m) for j in range(n)]))
    return mpmath.matrix(m, n) + mpmath.matrix([[x[i * n + j] for j in range(n)] for i in range(m)])


def _eigenvectors(a: Any, uplo: str) -> Any:
    return mpmath.eigsy(_symmetric(a, uplo))[1]


def _svd_packed(a: Any) -> Any:
    u, _, vt = mpmath.svd_r(a)
    return mpmath.matrix(u.tolist() + vt.T.tolist())


def _qr_packed(a: Any) -> Any:
    q, r = mpmath.qr(a, mode="skinny")
    return mpmath.matrix(q.tolist() + r.T.tolist())


_UP_TO_SIGN = {"eigh": _matrices(_eigenvectors), "svd": _matrices(_svd_packed), "qr": _matrices(_qr_packed)}


def _signed(step: Step, operands: list[Any]) -> Any:
    """Columns that are determined up to their sign, with the sign of the trace."""
    columns = _UP_TO_SIGN[step.primitive](*operands, **step.params)
    plain = np.array(columns, dtype=float)
    return columns * np.sign(np.sum(plain * step.value, axis=-2, keepdims=True)).astype(int)


# -- the two arithmetics ---------------------------------------------------------------------------------------------
def _real_power(x: Any, z: Any) -> Any:
    return _each(mpmath.power)(x, z)


def _real_cbrt(x: Any) -> Any:
    return mpmath.sign(x) * mpmath.cbrt(abs(x))


def _digits(value: Any) -> Any:
    return np.frompyfunc(mpmath.mpf, 1, 1)(value) if isinstance(value, np.ndarray) else mpmath.mpf(value)


_ONLY_DIGITS: dict[str, Callable] = {
    "cbrt": _real_cbrt, "sinc": mpmath.sincpi, "polygamma": lambda n, x: mpmath.psi(int(n), x),
    "loggamma": lambda x: mpmath.log(abs(mpmath.gamma(x))), "betaln": lambda x, z: mpmath.log(abs(mpmath.beta(x, z))),
    "sinc_slope": lambda k, x: mpmath.diff(mpmath.sincpi, x, int(k)),
    "gammainc": lambda a, x: mpmath.gammainc(a, 0, x, regularized=True),
    "gammaincc": lambda a, x: mpmath.gammainc(a, x, mpmath.inf, regularized=True),
    "rgamma": mpmath.rgamma, "yv": mpmath.bessely, "y0": lambda x: mpmath.bessely(0, x), "y1": lambda x: mpmath.bessely(1, x),
    "hazard": lambda x: mpmath.npdf(x) / mpmath.ncdf(x),
    "i0e": lambda x: mpmath.exp(-abs(x)) * mpmath.besseli(0, x), "i1e": lambda x: mpmath.exp(-abs(x)) * mpmath.besseli(1, x),
    "ive": lambda n, x: mpmath.exp(-abs(x)) * mpmath.besseli(n, x),
}  # fmt: skip

SYMBOLS = Arithmetic({**_COMMON, **_smooth(sympy)}, sympy.Rational)
DIGITS = Arithmetic(
    {
        **_COMMON, **_ARRAYS, **_MATRICES,
        **{name: _each(function) for name, function in {**_smooth(mpmath.mp), **_ONLY_DIGITS}.items()}, "pow": _real_power,
    },
    _digits,
)  # fmt: skip

# -- straight pieces -------------------------------------------------------------------------------------------------
STEPS = ("sign", "gammasgn", "floor", "ceil", "trunc", "rint", "floordiv", "heaviside", "angle", "nextafter")
PIECES = ("abs", "relu", "max", "min", "where", "mod", "fmod", "copysign", "fmax", "fmin", *STEPS)


def straight_piece(step: Step) -> list[Any]:
    """The weights with which a function made of straight pieces adds up its operands, at the trace's point.

    relu at a positive value: [1]; max at a tie: [0.5, 0.5]. The weights hold the declared conventions.
    """
    xs = [operand.value if isinstance(operand, Constant) else operand.source.value for operand in step.operands]
    with np.errstate(all="ignore"):
        match step.primitive:
            case "abs":
                return [np.sign(xs[0])]
            case "relu":
                return [np.greater(xs[0], 0) * 1.0]
            case "where":
                chosen = np.asarray(xs[0], dtype=bool) * 1.0
                return [0.0, chosen, 1.0 - chosen]
            case "mod" | "fmod":
                return [1.0, -np.rint(np.divide(np.subtract(xs[0], step.value), xs[1]))]
            case "copysign":
                return [np.sign(xs[0]) * np.copysign(1.0, xs[1]), 0.0]
            case "heaviside":
                return [0.0, np.equal(xs[0], 0) * 1.0]
            case "nextafter":
                return [1.0, 0.0]
            case name if name in STEPS:
                return [np.zeros(np.shape(x)) for x in xs]
        larger = 0.5 + 0.5 * np.sign(np.subtract(xs[0], xs[1]))
        if step.primitive in ("fmax", "fmin"):  # a number wins over nan
            larger = np.where(
                np.isnan(xs[0]), step.primitive == "fmin", np.where(np.isnan(xs[1]), step.primitive == "fmax", larger)
            )
        return [larger, 1.0 - larger] if step.primitive in ("max", "fmax") else [1.0 - larger, larger]


def _piece(step: Step, operands: list[Any], arithmetic: Arithmetic) -> Any:
    total: Any = arithmetic.number(_value(step.value)) if step.primitive in STEPS else 0
    for slot, (weight, operand) in enumerate(zip(straight_piece(step), operands, strict=True)):
        if step.primitive in STEPS:  # the value is a constant here; only what moves away from the trace's point counts
            operand = operand - arithmetic.number(_value(_plain(step, slot)))
        if isinstance(weight, np.ndarray) and weight.ndim:
            # an operand that was not chosen does not count, even where it is infinite
            term: Any = np.where(weight == 0, 0, np.where(weight == 0, 0, operand) * weight)
        else:
            weight = float(weight)
            term = 0 if weight == 0 else operand if weight == 1 else operand * arithmetic.number(weight)
        total = total + term
    return total


def _value(value: Any) -> Any:
    return value.astype(float) if isinstance(value, np.ndarray) else float(value)


def _extreme(step: Step, operand: Any) -> Any:
    """The mean of the elements that are tied for it at the trace's point."""
    x, y = np.asarray(_plain(step, 0)), np.asarray(step.value)
    axis, keepdims = step.params.get("axis"), step.params.get("keepdims", False)
    y = y if keepdims or axis is None else np.expand_dims(y, axis)
    tied = (x == y).astype(int)
    total = np.add.reduce(tied * operand, axis=axis, keepdims=keepdims)
    return total / np.add.reduce(tied, axis=axis, keepdims=keepdims)


def _sorted(step: Step, operand: Any) -> Any:
    order = np.argsort(_plain(step, 0), axis=step.params["axis"], kind="stable")
    return np.take_along_axis(operand, order, axis=step.params["axis"])


def _plain(step: Step, slot: int) -> Any:
    operand = step.operands[slot]
    return operand.value if isinstance(operand, Constant) else operand.source.value


def apply_step(step: Step, operands: list[Any], arithmetic: Arithmetic) -> Any:
    """The value of one step for operands in the given arithmetic.

    Raises KeyError for a primitive without a symbol, EngineError for one without a value in many digits.
    """
    name = step.primitive
    if name in PIECES:
        return _piece(step, operands, arithmetic)
    if name == "square":
        operands = operands[:1]
    if arithmetic is DIGITS:
        if name in ("amax", "amin"):
            return _extreme(step, operands[0])
        if name == "sort":
            return _sorted(step, operands[0])
        if name in _UP_TO_SIGN:
            return _signed(step, operands)
        if name not in arithmetic.functions:
            raise EngineError(
                f"The step {step.name} ({name}) cannot be computed a second time with many digits, so it is not audited."
            )
    return arithmetic.functions[name](*operands, **step.params)


def replay(
    trace: Trace, arithmetic: Arithmetic, inputs: Mapping[int, Any], *,
    steps: Mapping[int, Any] | None = None, edges: Mapping[tuple[int, int], Any] | None = None,
    upto: int | None = None,
) -> Values:  # fmt: skip
    """All values again. ``inputs`` replaces inputs, ``steps`` the value of steps, ``edges`` one use of a value."""
    steps, edges = steps or {}, edges or {}
    values: Values = []
    for step in trace.steps[: None if upto is None else upto + 1]:
        if step.index in steps:
            values.append(steps[step.index])
        elif step.is_input:
            given = inputs.get(step.index)
            values.append(arithmetic.number(step.value) if given is None else given)
        else:
            operands = []
            for slot, operand in enumerate(step.operands):
                if (step.index, slot) in edges:
                    operands.append(edges[step.index, slot])
                elif isinstance(operand, Constant):
                    operands.append(_constant(operand, arithmetic))
                else:
                    operands.append(values[operand.source.index])
            values.append(apply_step(step, operands, arithmetic))
    return values


def _constant(constant: Constant, arithmetic: Arithmetic) -> Any:
    value = constant.value
    if isinstance(value, np.ndarray):
        return arithmetic.number(value.astype(float))
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return arithmetic.number(int(value))
    return arithmetic.number(value)
