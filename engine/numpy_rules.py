"""numpy's, math's and scipy's names for the primitives: what NEP 13 and NEP 18 ask for when a Tensor meets a function.

``UFUNCS`` and ``NUMPY`` lead from numpy's function to a rule that takes numpy's own arguments; ``VALUE_UFUNCS`` and
``VALUE_FUNCTIONS`` look at values only (comparisons, argmax): what they return has no slope anywhere. ``METHODS`` are the
methods of an array, ``MATH`` and ``SCIPY`` the functions of ``math`` and ``scipy.special`` by name. Random numbers do not
depend on anything: numpy.random needs no entry, its results are constants.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from . import arrays as a
from . import elementwise as e
from . import linalg, linear
from . import reductions as r
from . import special as s
from .arrays import array_of, as_tensor, holds_tensor
from .shapes import bare, shape_of
from .tape import Tape
from .tensor import Tensor, refuse, refuse_on

Rule = Callable[..., Any]


# -- rules of a line or two -------------------------------------------------------------------------------------------
def _power(x: Any, z: Any) -> Any:
    return x**z if isinstance(x, Tensor) else e.power(x, z)


def _times_power_of_two(x: Any, n: Any) -> Any:
    return x * np.exp2(a.whole(bare(n), "exponents").astype(float)) if bare(n) is n else x * s.exp2(n)


def _mantissa_exponent(x: Any) -> tuple:
    exponent = np.frexp(bare(x))[1]
    return x * np.exp2(-exponent.astype(float)), exponent


def _round(x: Any, decimals: int = 0, out: Any = None) -> Any:
    a.plainly("round", out=out)
    x = array_of(x)
    return s.rint(x) if decimals == 0 else s.rint(x * 10.0**decimals) / 10.0**decimals


def _remainder(x: Any, z: Any) -> Any:
    """IEEE 754: x less the nearest multiple of z."""
    return x - z * round(bare(x) / bare(z))


def _ieee_hypot(*xs: Any) -> Any:
    return s.hypot(*xs) if len(xs) == 2 else r.length(a.stack(xs), axis=None)


def _math_prod(values: Any, *, start: Any = 1) -> Any:
    for value in values:
        start = start * value
    return start


def _copy(x: Any, *args: Any, **options: Any) -> Any:
    x = array_of(x)
    return linear.copy(x) if shape_of(x) else x


def _imaginary(x: Any) -> Any:
    x = array_of(x)
    return e.where(np.ones(shape_of(x), bool) if shape_of(x) else True, 0.0, x)


def _fftshift(back: bool) -> Rule:
    """Zero in the middle, or back in front: a roll by half the length."""

    def call(x: Any, axes: Any = None) -> Any:
        x = array_of(x)
        axes = r.axes_of(axes, len(shape_of(x)))
        half = (shape_of(x)[k] // 2 for k in axes)
        return a.roll(x, shift=tuple(-h if back else h for h in half), axis=axes)

    return call


def _linspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None,
              axis: int = 0) -> Any:  # fmt: skip
    a.plainly("linspace", dtype=dtype)
    start, stop = array_of(start), array_of(stop)
    step = (stop - start) / (num - 1 if endpoint else num)
    ndim = builtins.max(len(shape_of(start)), len(shape_of(stop)))
    steps = np.arange(float(num)).reshape((-1,) + (1,) * ndim)
    result = start + steps * step if ndim else start + np.arange(float(num)) * step
    result = a.moveaxis(result, 0, axis)
    return (result, step) if retstep else result


def _logspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0, **options: Any) -> Any:
    return e.power(array_of(base), _linspace(start, stop, num, endpoint, **options))


def _bincount(x: Any, /, weights: Any = None, minlength: int = 0) -> Any:
    places = a.whole(x, "places")
    length = builtins.max(minlength, int(places.max(initial=-1)) + 1)
    return a.spread(array_of(weights), positions=places, shape=(length,))


def _along_axis(func1d: Rule, axis: int, arr: Any, *args: Any, **options: Any) -> Any:
    rows = a.moveaxis(arr, axis, -1)
    lead = shape_of(rows)[:-1]
    rows = a.reshape(rows, (-1, shape_of(rows)[-1]))
    results = a.stack([func1d(rows[k], *args, **options) for k in range(shape_of(rows)[0])])
    inner = shape_of(results)[1:]
    results = a.reshape(results, (*lead, *inner))
    return a.moveaxis(
        results, tuple(range(-len(inner), 0)), tuple(range(axis % (len(lead) + 1), axis % (len(lead) + 1) + len(inner)))
    )


def _polyfit(x: Any, y: Any, deg: int, rcond: Any = None, full: bool = False, w: Any = None, cov: bool = False) -> Any:
    a.plainly("polyfit", full=full, w=w, cov=cov)
    return linalg.lstsq(a.vander(x, deg + 1), y)[0]


def _astype(x: Any, dtype: Any, *args: Any, **options: Any) -> Any:
    a.plainly("astype", dtype=dtype)
    return _copy(x)


def _multigammaln(x: Any, d: int) -> Any:
    return math.log(math.pi) * d * (d - 1) / 4.0 + builtins.sum(s.loggamma(x - 0.5 * k) for k in range(d))


# -- ufuncs ----------------------------------------------------------------------------------------------------------
UFUNCS: dict[Any, Rule] = {
    np.add: e.add, np.subtract: e.subtract, np.multiply: e.multiply, np.divide: e.divide, np.power: _power,
    np.float_power: e.power, np.negative: e.negative, np.positive: lambda x: x, np.square: e.square, np.sqrt: e.sqrt,
    np.cbrt: s.cbrt, np.reciprocal: lambda x: 1.0 / x, np.conjugate: lambda x: x,
    np.exp: e.exp, np.exp2: s.exp2, np.expm1: e.expm1, np.log: e.log, np.log2: e.log2, np.log10: e.log10, np.log1p: e.log1p,
    np.logaddexp: s.logaddexp, np.logaddexp2: s.logaddexp2,
    np.sin: e.sin, np.cos: e.cos, np.tan: e.tan, np.arcsin: e.arcsin, np.arccos: e.arccos, np.arctan: e.arctan,
    np.sinh: e.sinh, np.cosh: e.cosh, np.tanh: e.tanh, np.arcsinh: e.arcsinh, np.arccosh: e.arccosh, np.arctanh: e.arctanh,
    np.arctan2: s.arctan2, np.hypot: s.hypot,
    np.deg2rad: s.deg2rad, np.radians: s.deg2rad, np.rad2deg: s.rad2deg, np.degrees: s.rad2deg,
    np.absolute: e.absolute, np.fabs: e.absolute, np.sign: e.sign, np.copysign: s.copysign, np.heaviside: s.heaviside,
    np.maximum: e.maximum, np.minimum: e.minimum, np.fmax: s.fmax, np.fmin: s.fmin,
    np.floor: s.floor, np.ceil: s.ceil, np.trunc: s.trunc, np.rint: s.rint, np.nextafter: s.nextafter,
    np.floor_divide: s.floor_divide, np.remainder: s.mod, np.fmod: s.fmod,
    np.divmod: lambda x, z: (s.floor_divide(x, z), s.mod(x, z)), np.modf: lambda x: (x - s.trunc(x), s.trunc(x)),
    np.ldexp: _times_power_of_two, np.frexp: _mantissa_exponent,
    np.matmul: linear.matmul, np.vecdot: linalg.vecdot,
    **{getattr(np, name): getattr(linalg, name) for name in ("matvec", "vecmat") if hasattr(np, name)},
}  # fmt: skip

VALUE_UFUNCS = {
    np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal, np.isfinite, np.isnan, np.isinf,
    np.logical_and, np.logical_or, np.logical_not, np.logical_xor, np.signbit,
}  # fmt: skip

_REDUCE: dict[Any, Rule] = {np.add: r.sum, np.multiply: r.prod, np.maximum: r.max, np.minimum: r.min,
                            np.logaddexp: r.logsumexp}  # fmt: skip
_ACCUMULATE: dict[Any, Rule] = {np.add: r.cumsum, np.multiply: r.cumprod}

# -- functions of numpy, by name -------------------------------------------------------------------------------------
_FUNCTIONS: dict[str, Rule] = {
    # reductions
    "sum": r.sum, "mean": r.mean, "average": r.average, "var": r.var, "std": r.std, "prod": r.prod,
    "max": r.max, "min": r.min, "amax": r.max, "amin": r.min, "ptp": r.ptp, "median": r.median, "quantile": r.quantile,
    "percentile": r.percentile, "cumsum": r.cumsum, "cumprod": r.cumprod, "cumulative_sum": r.cumulative_sum,
    "cumulative_prod": r.cumulative_prod, "trapezoid": r.trapezoid, "trapz": r.trapezoid, "cov": r.cov, "corrcoef": r.corrcoef,
    "nansum": r.nansum, "nanprod": r.nanprod, "nanmean": r.nanmean, "nanvar": r.nanvar, "nanstd": r.nanstd,
    "nanmax": r.nanmax, "nanmin": r.nanmin, "nancumsum": r.nancumsum, "nancumprod": r.nancumprod, "nanmedian": r.nanmedian,
    "nanquantile": r.nanquantile, "nanpercentile": r.nanpercentile,
    # linear algebra
    "dot": linalg.dot, "vdot": linalg.vdot, "inner": linalg.inner, "outer": linalg.outer, "tensordot": linalg.tensordot,
    "einsum": linalg.einsum, "kron": linalg.kron, "cross": linalg.cross, "trace": a.trace, "diagonal": a.numpy_diagonal,
    "linalg.norm": linalg.norm, "linalg.vector_norm": linalg.vector_norm, "linalg.matrix_norm": linalg.matrix_norm,
    "linalg.inv": linalg.inv, "linalg.pinv": linalg.pinv, "linalg.solve": linalg.solve, "linalg.lstsq": linalg.lstsq,
    "linalg.det": linalg.det, "linalg.slogdet": linalg.slogdet, "linalg.cholesky": linalg.cholesky, "linalg.eigh": linalg.eigh,
    "linalg.eigvalsh": linalg.eigvalsh, "linalg.svd": linalg.svd, "linalg.svdvals": linalg.svdvals, "linalg.qr": linalg.qr,
    "linalg.multi_dot": linalg.multi_dot, "linalg.matrix_power": linalg.matrix_power, "linalg.tensorinv": linalg.tensorinv,
    "linalg.tensorsolve": linalg.tensorsolve, "linalg.cond": linalg.cond, "linalg.outer": linalg.outer,
    "linalg.tensordot": linalg.tensordot, "linalg.vecdot": lambda x, z, /, *, axis=-1: linalg.vecdot(x, z, axis),
    "linalg.matmul": linear.matmul, "linalg.matrix_transpose": a.matrix_transpose,
    "linalg.cross": lambda x, z, /, *, axis=-1: linalg.cross(x, z, axis=axis),
    "linalg.trace": lambda x, /, *, offset=0, dtype=None: a.trace(x, offset, -2, -1, dtype),
    "linalg.diagonal": lambda x, /, *, offset=0: a.numpy_diagonal(x, offset, -2, -1),
    "linalg.eig": linalg._no_complex("linalg.eig", "use np.linalg.eigh for a symmetric matrix"),
    "linalg.eigvals": linalg._no_complex("linalg.eigvals", "use np.linalg.eigvalsh for a symmetric matrix"),
    # shapes
    "reshape": a.reshape, "ravel": a.ravel, "transpose": a.transpose, "permute_dims": a.transpose, "swapaxes": a.swapaxes,
    "moveaxis": a.moveaxis, "rollaxis": a.rollaxis, "matrix_transpose": a.matrix_transpose,
    "squeeze": a.reshaped_by(np.squeeze), "expand_dims": a.reshaped_by(np.expand_dims), "atleast_1d": a.at_least(np.atleast_1d),
    "atleast_2d": a.at_least(np.atleast_2d), "atleast_3d": a.at_least(np.atleast_3d), "broadcast_to": a.broadcast_to,
    "broadcast_arrays": a.broadcast_arrays, "meshgrid": a.meshgrid,
    # putting together, taking apart
    "concatenate": a.concatenate, "concat": a.concatenate, "stack": a.stack, "vstack": a.vstack, "hstack": a.hstack,
    "dstack": a.dstack, "column_stack": a.column_stack, "append": a.append, "block": a.block, "insert": a.insert,
    "delete": a.delete, "resize": a.resize, "split": a.split_by(np.split), "array_split": a.split_by(np.array_split),
    "hsplit": a.split_by(np.hsplit), "vsplit": a.split_by(np.vsplit), "dsplit": a.split_by(np.dsplit), "unstack": a.unstack,
    # picking
    "take": a.numpy_take, "take_along_axis": a.take_along_axis, "compress": a.compress, "extract": a.extract,
    "choose": a.choose, "select": a.select, "piecewise": a.piecewise, "where": a.where, "clip": a.clip, "tril": a.tril,
    "triu": a.triu, "diag": a.diag, "diagflat": a.diagflat, "vander": a.vander, "bincount": _bincount,
    "linspace": _linspace, "logspace": _logspace,
    "apply_along_axis": _along_axis, "full_like": a.full_like, "copy": _copy, "astype": _astype,
    # repeating, turning, sorting
    "flip": a.numpy_flip, "fliplr": lambda m: a.numpy_flip(m, 1), "flipud": lambda m: a.numpy_flip(m, 0),
    "roll": a.numpy_roll, "fft.fftshift": _fftshift(False), "fft.ifftshift": _fftshift(True),
    "rot90": a.numpy_rot90, "repeat": a.numpy_repeat, "tile": a.numpy_tile, "pad": a.pad,
    "sort": a.sort, "partition": a.partition, "sort_complex": a.sort_complex,
    # differences, polynomials, tables
    "diff": a.diff, "ediff1d": a.ediff1d, "gradient": a.gradient, "convolve": a.convolve, "correlate": a.correlate,
    "polyval": a.polyval, "polymul": a.convolve, "polyfit": _polyfit, "interp": a.interp, "unwrap": a.unwrap,
    # element by element, but no ufuncs
    "sinc": s.sinc, "i0": s.i0, "nan_to_num": a.nan_to_num, "round": _round, "around": _round, "fix": s.trunc,
    "real": lambda val: val, "real_if_close": lambda a, tol=100: a, "imag": _imaginary,
    "angle": lambda z, deg=False: s.rad2deg(s.angle(z)) if deg else s.angle(z),
}  # fmt: skip

_VALUES = (
    "shape ndim size argmax argmin nanargmax nanargmin argsort argpartition lexsort argwhere flatnonzero nonzero zeros_like "
    "ones_like empty_like any all allclose isclose array_equal array_equiv count_nonzero searchsorted digitize isin isreal "
    "iscomplex isrealobj iscomplexobj isposinf isneginf isscalar result_type can_cast min_scalar_type common_type array_repr "
    "array_str array2string shares_memory may_share_memory tril_indices_from triu_indices_from diag_indices_from "
    "linalg.matrix_rank"
).split()


def _named(name: str) -> Any:
    place: Any = np
    for part in name.split("."):
        place = getattr(place, part, None)
    return place


NUMPY: dict[Any, Rule] = {_named(name): rule for name, rule in _FUNCTIONS.items() if _named(name) is not None}
VALUE_FUNCTIONS = {_named(name) for name in _VALUES}

# -- methods of an array ---------------------------------------------------------------------------------------------


def _value_method(name: str) -> Rule:
    def method(self: Any, *args: Any, **options: Any) -> Any:
        return getattr(np.asarray(bare(self)), name)(*map(plain_values, args), **options)

    return method


def _in_place(name: str, instead: str) -> Rule:
    def method(self: Any, *args: Any, **options: Any) -> Any:
        refuse_on(self.tape, f".{name}() changes an array in place, and values under differentiation never change; {instead}")

    return method


def _item(self: Any, *place: Any) -> Any:
    """One element; it stays a value under differentiation."""
    shape = shape_of(self)
    if not place and math.prod(shape) == 1:
        return a.reshape(self, ())
    if len(place) == 1 and isinstance(place[0], tuple):
        place = place[0]
    return a.ravel(self)[place[0]] if len(place) == 1 else self[place]


def _tolist(self: Any) -> Any:
    return [_tolist(self[k]) for k in range(shape_of(self)[0])] if shape_of(self) else self


METHODS: dict[str, Any] = {
    **{name: _FUNCTIONS[name] for name in (
        "sum", "mean", "var", "std", "prod", "max", "min", "cumsum", "cumprod", "dot", "trace", "diagonal", "ravel", "swapaxes",
        "squeeze", "take", "repeat", "round", "clip", "choose", "copy", "astype")},
    **{name: _value_method(name) for name in (
        "argmax", "argmin", "argsort", "argpartition", "nonzero", "any", "all", "searchsorted")},
    "compress": lambda self, condition, axis=None, out=None: a.compress(condition, self, axis, out),
    "flatten": lambda self, order="C": _copy(a.ravel(self, order)),
    "reshape": lambda self, *shape, order="C", copy=None: a.reshape(self, shape[0] if len(shape) == 1 else shape, order),
    "transpose": lambda self, *axes: a.transpose(self, axes[0] if len(axes) == 1 else axes or None),
    "conj": lambda self: self, "conjugate": lambda self: self, "item": _item, "tolist": _tolist,
    "__copy__": _copy, "__deepcopy__": lambda self, memo: _copy(self),
    "mT": property(a.matrix_transpose), "flat": property(a.ravel), "imag": property(_imaginary),
    "sort": _in_place("sort", "use np.sort"), "partition": _in_place("partition", "use np.partition"),
    "fill": _in_place("fill", "use np.full_like"), "put": _in_place("put", "use item assignment or scatter_add"),
    "resize": _in_place("resize", "use np.resize"),
}  # fmt: skip

# -- math and scipy --------------------------------------------------------------------------------------------------
MATH: dict[str, Rule] = {
    "cbrt": s.cbrt, "exp2": s.exp2, "erf": s.erf, "erfc": s.erfc, "gamma": s.gamma, "lgamma": s.loggamma, "atan2": s.arctan2,
    "fmod": s.fmod, "copysign": s.copysign, "degrees": s.rad2deg, "radians": s.deg2rad, "hypot": _ieee_hypot,
    "floor": s.floor, "ceil": s.ceil, "trunc": s.trunc, "ldexp": _times_power_of_two, "frexp": _mantissa_exponent,
    "modf": UFUNCS[np.modf], "remainder": _remainder, "nextafter": s.nextafter, "fabs": e.absolute,
    "dist": lambda p, q: r.length(array_of(p) - array_of(q), axis=None), "fsum": lambda values: builtins.sum(values),
    "prod": _math_prod, "sumprod": lambda p, q: linear.matmul(array_of(p), array_of(q)), "fma": lambda x, y, z: x * y + z,
    "isclose": lambda x, z, **options: math.isclose(bare(x), bare(z), **options),
}  # fmt: skip

SCIPY: dict[str, Rule] = {
    "softmax": r.softmax, "log_softmax": r.log_softmax, "logsumexp": r.logsumexp, "softplus": e.softplus,
    "expit": e.sigmoid, "log_expit": s.log_sigmoid, "logit": s.logit, "psi": s.digamma, "gammaln": s.loggamma,
    "jn": s.jv, "yn": s.yv, "multigammaln": _multigammaln, "exp10": lambda x: e.power(10.0, x),
    "expm1": e.expm1, "log1p": e.log1p,
    "sinc": s.sinc, "radian": lambda d, m, sec: s.deg2rad(d + m / 60.0 + sec / 3600.0),
    **{name: s.TABLE[name] for name in (
        "cbrt", "exp2", "erf", "erfc", "erfinv", "erfcinv", "erfcx", "ndtr", "ndtri", "log_ndtr", "gamma", "loggamma",
        "digamma", "polygamma", "beta", "betaln", "gammainc", "gammaincc", "betainc",
        "xlogy", "xlog1py", "entr", "rel_entr", "kl_div", "i0", "i1",
        "iv", "i0e", "i1e", "ive", "j0", "j1", "jv", "y0", "y1", "yv", "rgamma",
        "gammasgn")},
}  # fmt: skip


# Plain functions of scipy.linalg and scipy.integrate: numpy's protocols do not reach them.
SCIPY_LINALG: dict[str, Rule] = {
    "expm": linalg.expm, "sqrtm": linalg.sqrtm, "solve_sylvester": linalg.solve_sylvester,
    "solve_triangular": linalg.solve_triangular, "inv": lambda a, **options: linalg.inv(a),
    "det": lambda a, **options: linalg.det(a), "solve": lambda a, b, **options: linalg.solve(a, b),
    "norm": lambda a, ord=None, axis=None, keepdims=False, **options: linalg.norm(a, ord, axis, keepdims),
    "cholesky": lambda a, lower=False, **options: linalg.cholesky(a, upper=not lower),
    "svdvals": lambda a, **options: linalg.svdvals(a),
    "eigvalsh": lambda a, lower=True: linalg.eigvalsh(a, "L" if lower else "U"),
    "eigh": lambda a, lower=True: tuple(linalg.eigh(a, "L" if lower else "U")),
}  # fmt: skip
SCIPY_INTEGRATE: dict[str, Rule] = {"trapezoid": r.trapezoid, "cumulative_trapezoid": r.cumulative_trapezoid}


# -- the two protocols -----------------------------------------------------------------------------------------------
def plain_values(value: Any) -> Any:
    """An argument with every Tensor replaced by its value."""
    if isinstance(value, (list, tuple)):
        return type(value)(map(plain_values, value)) if type(value) in (list, tuple) else value
    return bare(value)


def ufunc_rule(tape: Tape, ufunc: np.ufunc, method: str, inputs: tuple, options: dict[str, Any]) -> Any:
    """NEP 13: what ``np.sin(x)``, ``np.add.reduce(x)`` and the like do when a Tensor is among the operands."""
    name = ufunc.__name__
    if options.get("out") is not None:
        refuse_on(
            tape,
            f"np.{name} cannot write its result into an existing array (out=, or an operator such as += on an "
            "array) while it is differentiated; give the result a new name",
        )
    if method == "reduce" and ufunc in _REDUCE:
        return _REDUCE[ufunc](*inputs, **{"axis": 0, **options})
    if method == "accumulate" and ufunc in _ACCUMULATE:
        return _ACCUMULATE[ufunc](*inputs, **{"axis": 0, **options})
    if ufunc in VALUE_UFUNCS:
        return getattr(ufunc, method)(*map(plain_values, inputs), **options)
    rule = UFUNCS.get(ufunc) or SCIPY.get(name)
    if rule is not None and method == "outer" and not options:
        left, right = map(array_of, inputs)
        return rule(a.reshape(left, shape_of(left) + (1,) * len(shape_of(right))), right)
    if rule is None:
        refuse_on(tape, f"np.{name} has no derivative rule here{nearest(name)}")
    if method != "__call__" or (options and ufunc is not np.vecdot):
        how = f".{method}" if method != "__call__" else f" with {', '.join(f'{option}=' for option in options)}"
        refuse_on(tape, f"np.{name}{how} has no derivative rule here; write it with np.{name} alone, or np.where")
    return rule(*map(as_tensor, inputs), **options)


def function_rule(tape: Tape, function: Rule, args: tuple, options: dict[str, Any]) -> Any:
    """NEP 18: what ``np.concatenate([x, y])`` and the like do when a Tensor is among the arguments."""
    rule = NUMPY.get(function)
    if rule is not None:
        return rule(*args, **options)
    if function in VALUE_FUNCTIONS:
        return function(*map(plain_values, args), **{name: plain_values(value) for name, value in options.items()})
    name = _spelled(function)
    refuse_on(tape, f"{name} has no derivative rule here{nearest(name.rpartition('.')[2])}")


def _spelled(function: Any) -> str:
    module = getattr(function, "__module__", None) or "numpy"
    return f"{module.replace('numpy', 'np', 1)}.{getattr(function, '__name__', function)}"


def nearest(name: str) -> str:
    """The supported spelling that looks most like a name, for a refusal."""
    import difflib

    dotted = sorted(_FUNCTIONS, key=lambda n: "." not in n)  # np.diagonal before np.linalg.diagonal
    known = {n.rpartition(".")[2]: f"np.{n}" for n in dotted} | {f.__name__: f"np.{f.__name__}" for f in UFUNCS}
    match = difflib.get_close_matches(name, sorted(known), 1, 0.75)
    return f"; the nearest with one is {known[match[0]]}" if match else ""


__all__ = [
    "MATH", "METHODS", "NUMPY", "SCIPY", "SCIPY_INTEGRATE", "SCIPY_LINALG", "UFUNCS", "VALUE_FUNCTIONS",
    "VALUE_UFUNCS", "as_tensor",
    "function_rule", "holds_tensor", "nearest", "refuse", "ufunc_rule",
]  # fmt: skip
