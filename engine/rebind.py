"""Plain ``math`` and numpy code runs unmodified: a copy of the user's function whose global names lead to
the engine.

``math.sin`` needs a float, ``np.array`` makes one; neither asks the Tensor. So the function (and the user's
own
helpers it calls) runs as a copy in which these names mean the engine's primitives. Code, line numbers,
defaults and
closures stay the user's own, and the original function is never touched.
"""

from __future__ import annotations

import builtins
import math
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from . import elementwise as e
from .spans import is_inside
from .tensor import Tensor, _array, holds_tensor


def _either(rule: Callable, plain: Callable) -> Callable:
    """The primitive where a Tensor comes in, the user's own function otherwise."""

    def call(*args: Any, **options: Any) -> Any:
        return rule(*args, **options) if any(map(holds_tensor, args)) else plain(*args, **options)

    call.__name__ = getattr(plain, "__name__", "call")
    return call


def _math_pow(x: Any, z: Any) -> Any:
    return x**z


def _math_log(x: Any, *base: Any) -> Any:
    return e.log(x) / e.log(base[0]) if base else e.log(x)


def _hypot(*xs: Any) -> Any:
    return e.sqrt(sum(x**2 for x in xs))


def _math_sum(values: Any) -> Any:
    return builtins.sum(values)


def _prod(values: Any, *, start: Any = 1) -> Any:
    for value in values:
        start = start * value
    return start


_MATH_RULES: dict[str, Callable] = {
    "sin": e.sin, "cos": e.cos, "tan": e.tan, "asin": e.arcsin, "acos": e.arccos, "atan": e.arctan,
    "sinh": e.sinh, "cosh": e.cosh, "tanh": e.tanh, "asinh": e.arcsinh, "acosh": e.arccosh,
    "atanh": e.arctanh,
    "exp": e.exp, "expm1": e.expm1, "log": _math_log, "log2": e.log2, "log10": e.log10, "log1p": e.log1p,
    "sqrt": e.sqrt, "fabs": e.absolute, "pow": _math_pow, "hypot": _hypot, "fsum": _math_sum, "prod": _prod,
}  # fmt: skip
_VALUE_ONLY = ("isnan", "isinf", "isfinite")


class _Module:
    """A module with some of its functions replaced; every other attribute is the module's own."""

    def __init__(self, module: types.ModuleType, replaced: dict[str, Any]):
        self.__dict__.update({k: v for k, v in vars(module).items() if not k.startswith("__")})
        self.__dict__.update(replaced)
        self._module = module

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


def _value_only(plain: Callable) -> Callable:
    def call(x: Any) -> Any:
        return plain(e.bare(x))

    return call


def _builder(plain: Callable) -> Callable:
    def build(value: Any, *args: Any, **options: Any) -> Any:
        return _array(value) if holds_tensor(value) else plain(value, *args, **options)

    return build


def _lists(plain: Callable) -> Callable:
    """np.sum([x, y]): numpy looks for its protocol in the arguments, not inside lists."""

    def call(*args: Any, **options: Any) -> Any:
        return plain(*map(_array, args), **options)

    return call


_MATH = {name: _either(rule, getattr(math, name)) for name, rule in _MATH_RULES.items()}
_MATH |= {name: _value_only(getattr(math, name)) for name in _VALUE_ONLY}
_NUMPY = {name: _builder(getattr(np, name)) for name in ("array", "asarray", "asanyarray", "float64")}
_NUMPY |= {name: _lists(getattr(np, name)) for name in ("sum", "mean", "average", "std", "var", "dot")}
_SHIMS = {id(math): _Module(math, _MATH), id(np): _Module(np, _NUMPY)}
_REPLACED: dict[int, Any] = (
    _SHIMS
    | {id(getattr(math, name)): shim for name, shim in _MATH.items()}
    | {id(getattr(np, name)): shim for name, shim in _NUMPY.items()}
)


def rebind(function: Callable) -> Callable:
    """The function itself when nothing in it needs replacing, else the copy. Callables that are no plain
    Python
    functions (classes, partials) run as they are; what would lose a derivative in them raises."""
    return _rebind(function, {})


def _rebind(function: Any, done: dict[int, Any]) -> Any:
    if isinstance(function, types.MethodType):
        inner = _rebind(function.__func__, done)
        return function if inner is function.__func__ else types.MethodType(inner, function.__self__)
    if not isinstance(function, types.FunctionType) or is_inside(function.__code__.co_filename):
        return function
    if id(function) in done:
        return done[id(function)]
    done[id(function)] = function  # a recursive helper meets itself here
    scope = function.__globals__
    changed: dict[str, Any] = {}
    pending: list[str] = []
    for name in _global_names(function.__code__):
        value = scope.get(name, None)
        if id(value) in _REPLACED:
            changed[name] = _REPLACED[id(value)]
        elif isinstance(value, types.FunctionType) and value.__globals__ is scope:
            pending.append(name)
    cells = function.__closure__ or ()
    new_cells = []
    for cell in cells:
        try:
            content = cell.cell_contents
        except ValueError:  # not filled yet
            new_cells.append(cell)
            continue
        if content is function:
            new_cells.append(cell)
            continue
        other = _REPLACED.get(id(content), content)
        if isinstance(content, types.FunctionType):
            other = _rebind(content, done)
        new_cells.append(cell if other is content else types.CellType(other))
    for name in pending:
        other = _rebind(scope[name], done)
        if other is not scope[name]:
            changed[name] = other
    if not changed and all(a is b for a, b in zip(cells, new_cells, strict=True)):
        return function
    copy = types.FunctionType(
        function.__code__,
        {**scope, **changed},
        function.__name__,
        function.__defaults__,
        tuple(new_cells) if cells else None,
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    for name, value in list(copy.__globals__.items()):
        if value is function:  # a recursive function calls its copy
            copy.__globals__[name] = copy
    done[id(function)] = copy
    return copy


_names_of: dict[types.CodeType, tuple[str, ...]] = {}


def _global_names(code: types.CodeType) -> tuple[str, ...]:
    """The names a code object, with the functions written inside it, may look up globally."""
    names = _names_of.get(code)
    if names is None:
        found: set[str] = set()
        waiting = [code]
        while waiting:
            current = waiting.pop()
            found.update(current.co_names)
            waiting += [c for c in current.co_consts if isinstance(c, types.CodeType)]
        names = _names_of[code] = tuple(sorted(found))
    return names


__all__ = ["Tensor", "rebind"]
