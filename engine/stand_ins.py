"""What the names of math, numpy and scipy mean in a function that is being recorded.

``math.sin`` needs a float, ``np.array`` makes one, ``np.sum([x, y])`` does not look into its list: none of them asks the
Tensor. Each has a stand-in here that leads to the engine's primitive where a Tensor comes in, to the user's own otherwise.
"""

from __future__ import annotations

import builtins
import functools
import math
import sys
import types
from collections.abc import Callable
from sys import _getframe
from typing import Any

import numpy as np

from . import elementwise as e
from . import numpy_rules
from .buffers import writable
from .numpy_rules import as_tensor, holds_tensor
from .primitive import Elementwise
from .shapes import bare
from .tensor import Tensor, install, unary

install(numpy_rules.ufunc_rule, numpy_rules.function_rule, numpy_rules.UFUNCS, numpy_rules.METHODS)


def _either(rule: Callable, plain: Callable) -> Callable:
    """The primitive where a Tensor comes in, the user's own function otherwise."""
    if isinstance(rule, Elementwise) and len(rule.partials or ()) == 1:

        def call(*args: Any, **options: Any) -> Any:
            if len(args) == 1 and type(args[0]) is Tensor:
                return unary(rule, args[0], _getframe(1))
            return rule(*args) if args and holds_tensor(args[0]) else plain(*args, **options)
    else:

        def call(*args: Any, **options: Any) -> Any:
            traced = any(map(holds_tensor, args)) or (options and any(map(holds_tensor, options.values())))
            return rule(*args, **options) if traced else plain(*args, **options)

    return _like(call, plain)


def _like(call: Callable, plain: Callable) -> Callable:
    call.__name__ = getattr(plain, "__name__", "call")
    return call


def _math_log(x: Any, *base: Any) -> Any:
    return e.log(x) / e.log(base[0]) if base else e.log(x)


def _hypot(*xs: Any) -> Any:
    return e.sqrt(sum(x**2 for x in xs))


def _prod(values: Any, *, start: Any = 1) -> Any:
    for value in values:
        start = start * value
    return start


_MATH_RULES: dict[str, Callable] = {
    "sin": e.sin, "cos": e.cos, "tan": e.tan, "asin": e.arcsin, "acos": e.arccos, "atan": e.arctan,
    "sinh": e.sinh, "cosh": e.cosh, "tanh": e.tanh, "asinh": e.arcsinh, "acosh": e.arccosh, "atanh": e.arctanh,
    "exp": e.exp, "expm1": e.expm1, "log": _math_log, "log2": e.log2, "log10": e.log10, "log1p": e.log1p,
    "sqrt": e.sqrt, "fabs": e.absolute, "pow": lambda x, z: x**z, "hypot": _hypot, "fsum": lambda values: builtins.sum(values),
    "prod": _prod,
}  # fmt: skip
_VALUE_ONLY = ("isnan", "isinf", "isfinite")
_MAKERS = ("zeros", "ones", "empty", "full", "eye", "array", "zeros_like", "ones_like", "empty_like", "full_like", "linspace")


_OF_SEQUENCES = ("concatenate", "stack", "hstack", "vstack", "dstack", "column_stack")
_OF_LISTS = ("block", "select", "piecewise", "choose")  # lists of which are no arrays


class _Module:
    """A module with some of its functions replaced; every other attribute is the module's own."""

    def __init__(self, module: types.ModuleType, replaced: dict[str, Any]):
        self.__dict__.update({k: v for k, v in vars(module).items() if not k.startswith("__")})
        self.__dict__.update(replaced)
        self._module = module

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


def _value_only(plain: Callable) -> Callable:
    return _like(lambda x: plain(bare(x)), plain)


def _builder(plain: Callable) -> Callable:
    def build(value: Any, *args: Any, **options: Any) -> Any:
        return as_tensor(value) if holds_tensor(value) else plain(value, *args, **options)

    return _like(build, plain)


def _lists(plain: Callable) -> Callable:
    """np.sum([x, y]): numpy looks for its protocol in the arguments, not inside lists."""
    return _like(lambda *args, **options: plain(*map(as_tensor, args), **options), plain)


def _sequences(plain: Callable) -> Callable:
    """np.concatenate([x, [y, 1.0]]): the same for what takes a sequence of arrays."""

    def call(arrays: Any, *args: Any, **options: Any) -> Any:
        parts = [as_tensor(part) for part in arrays] if isinstance(arrays, (list, tuple)) else arrays
        return plain(parts, *args, **options)

    return _like(call, plain)


def _full(shape: Any, fill_value: Any, *args: Any, **options: Any) -> Any:
    if holds_tensor(fill_value):
        return np.broadcast_to(as_tensor(fill_value), shape)
    return np.full(shape, fill_value, *args, **options)


class _Joined:
    """np.r_ and np.c_ with values under differentiation between the brackets."""

    def __init__(self, plain: Any, join: Callable):
        self.plain, self.join = plain, join

    def __getitem__(self, key: Any) -> Any:
        parts = key if isinstance(key, tuple) else (key,)
        if not any(map(holds_tensor, parts)):
            return self.plain[key]
        arrays = [self.plain[part] if isinstance(part, slice) else np.atleast_1d(as_tensor(part)) for part in parts]
        return self.join(arrays)


def _maker(plain: Callable) -> Callable:
    """np.zeros in a function that writes into arrays: the array may take values under differentiation later."""
    return _like(lambda *args, **options: writable(plain(*args, **options)), plain)


@functools.cache
def _replaced(writes: bool) -> dict[int, Any]:
    """id of a module or function -> what stands in for it; ``writes``: for functions with item assignment."""
    math_rules = {**_MATH_RULES, **numpy_rules.MATH}
    in_math = {name: _either(rule, getattr(math, name)) for name, rule in math_rules.items() if hasattr(math, name)}
    in_math |= {name: _value_only(getattr(math, name)) for name in _VALUE_ONLY}
    in_numpy: dict[str, Any] = {name: _builder(getattr(np, name)) for name in ("array", "asarray", "asanyarray", "float64")}
    plain = _names_in(np)
    in_numpy |= {name: _lists(getattr(np, name)) for name in plain if name not in (*in_numpy, *_OF_SEQUENCES, *_OF_LISTS)}
    in_numpy |= {name: _sequences(getattr(np, name)) for name in _OF_SEQUENCES}
    in_numpy |= {"full": _full, "r_": _Joined(np.r_, np.concatenate), "c_": _Joined(np.c_, np.column_stack)}
    in_linalg = {name: _lists(getattr(np.linalg, name)) for name in _names_in(np.linalg) if name != "multi_dot"}
    in_numpy["linalg"] = _Module(np.linalg, in_linalg)
    if writes:
        in_numpy |= {name: _maker(in_numpy.get(name, getattr(np, name))) for name in _MAKERS}
    table = {id(math): _Module(math, in_math), id(np): _Module(np, in_numpy), id(np.linalg): in_numpy["linalg"]}
    table |= {id(getattr(math, name)): shim for name, shim in in_math.items()}
    table |= {id(getattr(np, name)): shim for name, shim in in_numpy.items()}
    table |= {id(getattr(np.linalg, name)): shim for name, shim in in_linalg.items()}
    return table


def _names_in(module: Any) -> list[str]:
    """The names of a module's functions that have a rule."""
    names = [str(getattr(function, "__name__", "")) for function in numpy_rules.NUMPY]
    return [name for name in names if getattr(module, name, None) in numpy_rules.NUMPY]


def stand_in(value: Any, writes: bool) -> Any:
    """What a global name means while its function is recorded: the value itself for almost everything."""
    found = _replaced(writes).get(id(value))
    if found is not None:
        return found
    if "scipy" in sys.modules:
        found = _scipy().get(id(value))
        if found is not None:
            return found
    return value


_SCIPY = {
    "scipy.special": numpy_rules.SCIPY,
    "scipy.linalg": numpy_rules.SCIPY_LINALG,
    "scipy.integrate": numpy_rules.SCIPY_INTEGRATE,
}


def _scipy() -> dict[int, Any]:
    """id of a loaded module or function of scipy -> what stands in for it."""
    return _loaded_scipy(tuple(name for name in _SCIPY if name in sys.modules))


@functools.cache
def _loaded_scipy(names: tuple[str, ...]) -> dict[int, Any]:
    table: dict[int, Any] = {}
    whole: dict[str, Any] = {}
    for name in names:
        module = sys.modules[name]
        rules = {function: rule for function, rule in _SCIPY[name].items() if hasattr(module, function)}
        stand_ins = {function: _either(rule, getattr(module, function)) for function, rule in rules.items()}
        table |= {id(getattr(module, function)): shim for function, shim in stand_ins.items()}
        table[id(module)] = whole[name.rpartition(".")[2]] = _Module(module, stand_ins)
    table[id(sys.modules["scipy"])] = _Module(sys.modules["scipy"], whole)
    return table
