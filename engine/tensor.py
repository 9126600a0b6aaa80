"""Tensor: the number that a traced function computes with. Operators, and numpy's two protocols (NEP 13, NEP
18).

The operators on plain floats are written out, because a scalar graph spends its time here; everything else
goes
through ``apply``. What would silently drop the dependency – ``float(x)``, ``np.asarray(x)``, ``x[0] = …`` –
raises,
naming the user's line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from sys import _getframe
from types import FrameType
from typing import Any, NoReturn

import numpy as np

from . import elementwise as e
from . import linear
from .errors import EngineError
from .primitive import bare, shape_of
from .spans import current_span
from .tape import ABSENT, CONSTANT, Node, Tape, apply

_add, _sub, _mul, _div, _neg, _square = e.add, e.subtract, e.multiply, e.divide, e.negative, e.square


class Tensor(Node):
    """A value under differentiation. Write ordinary Python and numpy; comparisons look at the value."""

    __slots__ = ()
    __array_priority__ = 1000

    # -- arithmetic ------------------------------------------------------------------------------------------
    def __add__(self, other: Any) -> Any:
        a = self.value
        if type(a) is float:
            if type(other) is Tensor:
                b = other.value
                tape = self.tape
                if type(b) is float and other.tape is tape:
                    frame = _getframe(1)
                    value, records = a + b, tape.records
                    records.append((_add, value, frame.f_code, frame.f_lasti, self.index, 1.0, other.index, 1.0))
                    return Tensor(value, len(records) - 1, tape)
            elif type(other) is float or type(other) is int:
                frame, tape = _getframe(1), self.tape
                value, records = a + other, tape.records
                records.append((_add, value, frame.f_code, frame.f_lasti, self.index, 1.0, CONSTANT, other))
                return Tensor(value, len(records) - 1, tape)
        return _pair(_add, self, other, _getframe(1))

    def __radd__(self, other: Any) -> Any:
        if type(other) is int and other == 0:  # the start of Python's own sum()
            return self
        return _pair(_add, other, self, _getframe(1))

    def __sub__(self, other: Any) -> Any:
        a = self.value
        if type(a) is float:
            if type(other) is Tensor:
                b = other.value
                tape = self.tape
                if type(b) is float and other.tape is tape:
                    frame = _getframe(1)
                    value, records = a - b, tape.records
                    records.append((_sub, value, frame.f_code, frame.f_lasti, self.index, 1.0, other.index, -1.0))
                    return Tensor(value, len(records) - 1, tape)
            elif type(other) is float or type(other) is int:
                frame, tape = _getframe(1), self.tape
                value, records = a - other, tape.records
                records.append((_sub, value, frame.f_code, frame.f_lasti, self.index, 1.0, CONSTANT, other))
                return Tensor(value, len(records) - 1, tape)
        return _pair(_sub, self, other, _getframe(1))

    def __rsub__(self, other: Any) -> Any:
        return _pair(_sub, other, self, _getframe(1))

    def __mul__(self, other: Any) -> Any:
        a = self.value
        if type(a) is float:
            if type(other) is Tensor:
                b = other.value
                tape = self.tape
                if type(b) is float and other.tape is tape:
                    frame = _getframe(1)
                    value, records = a * b, tape.records
                    records.append((_mul, value, frame.f_code, frame.f_lasti, self.index, b, other.index, a))
                    return Tensor(value, len(records) - 1, tape)
            elif type(other) is float or type(other) is int:
                frame, tape = _getframe(1), self.tape
                value, records = a * other, tape.records
                records.append((_mul, value, frame.f_code, frame.f_lasti, self.index, other, CONSTANT, other))
                return Tensor(value, len(records) - 1, tape)
        return _pair(_mul, self, other, _getframe(1))

    def __rmul__(self, other: Any) -> Any:
        a = self.value
        if type(a) is float and type(other) is float:
            frame, tape = _getframe(1), self.tape
            value, records = other * a, tape.records
            records.append((_mul, value, frame.f_code, frame.f_lasti, CONSTANT, other, self.index, other))
            return Tensor(value, len(records) - 1, tape)
        return _pair(_mul, other, self, _getframe(1))

    def __truediv__(self, other: Any) -> Any:
        a = self.value
        if type(a) is float and type(other) is Tensor and other.tape is self.tape:
            b = other.value
            if type(b) is float and b:
                frame, tape = _getframe(1), self.tape
                value, records = a / b, tape.records
                local = -value / b
                records.append((_div, value, frame.f_code, frame.f_lasti, self.index, 1.0 / b, other.index, local))
                return Tensor(value, len(records) - 1, tape)
        return _pair(_div, self, other, _getframe(1))

    def __rtruediv__(self, other: Any) -> Any:
        return _pair(_div, other, self, _getframe(1))

    def __pow__(self, other: Any, modulo: None = None) -> Any:
        if (type(other) is int or type(other) is float) and other == 2:
            a = self.value
            if type(a) is float:
                frame, tape = _getframe(1), self.tape
                value, records = a * a, tape.records
                records.append((_square, value, frame.f_code, frame.f_lasti, self.index, 2.0 * a, ABSENT, 0.0))
                return Tensor(value, len(records) - 1, tape)
            return apply(_square, (self,), {})
        return apply(e.power, (self, other), {})

    def __rpow__(self, other: Any) -> Any:
        return apply(e.power, (other, self), {})

    def __floordiv__(self, other: Any) -> NoReturn:
        _refuse_on(self.tape, "// has slope 0 wherever it has one, and jumps elsewhere; it has no derivative rule")

    def __mod__(self, other: Any) -> NoReturn:
        _refuse_on(self.tape, "% jumps and has no derivative rule here")

    __rfloordiv__ = __floordiv__
    __rmod__ = __mod__

    def __neg__(self) -> Any:
        a = self.value
        if type(a) is float:
            frame, tape = _getframe(1), self.tape
            records = tape.records
            records.append((_neg, -a, frame.f_code, frame.f_lasti, self.index, -1.0, ABSENT, 0.0))
            return Tensor(-a, len(records) - 1, tape)
        return apply(_neg, (self,), {})

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return apply(e.absolute, (self,), {})

    def __matmul__(self, other: Any) -> Any:
        return apply(linear.matmul, (self, other), {})

    def __rmatmul__(self, other: Any) -> Any:
        return apply(linear.matmul, (other, self), {})

    # -- comparison: on values, for control flow -------------------------------------------------------------
    def __lt__(self, other: Any) -> Any:
        return bare(self) < bare(other)

    def __le__(self, other: Any) -> Any:
        return bare(self) <= bare(other)

    def __gt__(self, other: Any) -> Any:
        return bare(self) > bare(other)

    def __ge__(self, other: Any) -> Any:
        return bare(self) >= bare(other)

    def __eq__(self, other: object) -> Any:
        return bare(self) == bare(other)

    def __ne__(self, other: object) -> Any:
        return bare(self) != bare(other)

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        return bool(bare(self))

    # -- arrays ----------------------------------------------------------------------------------------------
    @property
    def shape(self) -> tuple[int, ...]:
        return shape_of(self)

    @property
    def ndim(self) -> int:
        return len(shape_of(self))

    @property
    def size(self) -> int:
        return int(np.prod(shape_of(self)))

    @property
    def dtype(self) -> np.dtype:
        return np.dtype(float)

    @property
    def T(self) -> Any:
        return apply(linear.transpose, (self,), {})

    def __len__(self) -> int:
        shape = shape_of(self)
        if not shape:
            raise TypeError("a single number has no length")
        return shape[0]

    def __iter__(self) -> Iterator[Any]:
        return (self[k] for k in range(len(self)))

    def __getitem__(self, key: Any) -> Any:
        if not shape_of(self):
            _refuse_on(self.tape, "A single number cannot be indexed")
        return apply(linear.index, (self,), {"key": bare(key)})

    def __setitem__(self, key: Any, value: Any) -> NoReturn:
        _refuse_on(
            self.tape,
            "Writing into an array under differentiation would change a value that other steps may have "
            "used; "
            "build the array with np.stack, np.concatenate or np.where",
        )

    def sum(self, axis: Any = None, keepdims: bool = False) -> Any:
        return linear.total(self, axis=axis, keepdims=keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Any:
        return linear.mean(self, axis=axis, keepdims=keepdims)

    def dot(self, other: Any) -> Any:
        return NUMPY[np.dot](self, other)

    def reshape(self, *shape: Any) -> Any:
        return NUMPY[np.reshape](self, shape[0] if len(shape) == 1 else shape)

    def transpose(self, *axes: Any) -> Any:
        return NUMPY[np.transpose](self, axes[0] if len(axes) == 1 else axes or None)

    def ravel(self) -> Any:
        return self.reshape(-1)

    flatten = ravel

    def copy(self) -> Any:
        return self

    def clip(self, low: Any = None, high: Any = None) -> Any:
        return NUMPY[np.clip](self, low, high)

    # -- numpy's protocols -----------------------------------------------------------------------------------
    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if options.get("out") is not None:
            _refuse_on(
                self.tape,
                f"np.{ufunc.__name__} cannot write its result into an existing array (out=, or an operator "
                "such as += on an array) while it is differentiated; give the result a new name",
            )
        if method == "reduce" and ufunc is np.add:
            return linear.total(*inputs, axis=options.get("axis", 0), keepdims=options.get("keepdims", False))
        if method != "__call__" or options:
            _refuse_on(self.tape, f"np.{ufunc.__name__}.{method} with these options has no derivative rule")
        rule = UFUNCS.get(ufunc)
        if rule is not None:
            return rule(*inputs)
        if ufunc in _VALUE_ONLY:
            return ufunc(*map(bare, inputs))
        _refuse_on(self.tape, f"np.{ufunc.__name__} has no derivative rule here{_nearest(ufunc.__name__)}")

    def __array_function__(self, function: Callable, types: Any, args: tuple, options: dict) -> Any:
        rule = NUMPY.get(function)
        if rule is not None:
            return rule(*args, **options)
        if function in _VALUE_ONLY_FUNCTIONS:
            return function(*map(bare, args), **options)
        _refuse_on(self.tape, f"np.{function.__name__} has no derivative rule here{_nearest(function.__name__)}")

    # -- what would lose the dependency ----------------------------------------------------------------------
    def __array__(self, *args: Any, **options: Any) -> NoReturn:
        _refuse_on(
            self.tape,
            "This would copy a value under differentiation into a plain array and lose its derivative; "
            "use np.stack([...]) to build an array from such values",
        )

    def __float__(self) -> NoReturn:
        _refuse_on(
            self.tape,
            "This turns a value under differentiation into a plain number and would lose its derivative; leave "
            "float() out, build arrays with np.stack or np.array([...]), and call functions as np.sin or math.sin",
        )

    def __int__(self) -> NoReturn:
        _refuse_on(self.tape, "int() of a value under differentiation would lose its derivative")

    __index__ = __int__
    __trunc__ = __int__
    __floor__ = __int__
    __ceil__ = __int__

    def __complex__(self) -> NoReturn:
        _refuse_on(
            self.tape, "complex() of a value under differentiation is not supported: the engine computes with real numbers"
        )

    def __round__(self, digits: Any = None) -> NoReturn:
        _refuse_on(self.tape, "round() of a value under differentiation has slope 0 and would lose its derivative")

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a value under differentiation has no attribute {name}")

    def __repr__(self) -> str:
        return f"Tensor({bare(self)!r})"

    def __format__(self, form: str) -> str:
        return format(bare(self), form)


def _pair(primitive: Any, x: Any, z: Any, frame: FrameType) -> Any:
    """The arithmetic of arrays on one tape, written out; everything less common goes through ``apply``."""
    a, b = x, z
    i = j = CONSTANT
    tape: Any = None
    if type(x) is Tensor:
        a, i, tape = x.value, x.index, x.tape
    if type(z) is Tensor:
        if tape is not None and z.tape is not tape:
            return apply(primitive, (x, z), {})
        b, j, tape = z.value, z.index, z.tape
    left, right = type(a), type(b)
    if left is np.ndarray and i >= 0:
        known = right is float or right is int or (right is np.ndarray and j >= 0)
    else:
        known = right is np.ndarray and j >= 0 and (left is float or left is int)
    if not known:
        return apply(primitive, (x, z), {})
    value, records = primitive.on_array(a, b), tape.records
    records.append((primitive, value, frame.f_code, frame.f_lasti, (i, j), None, (a, b), _NO_PARAMS))
    return Tensor(value, len(records) - 1, tape)


_NO_PARAMS: dict[str, Any] = {}


def _refuse(sentence: str) -> NoReturn:
    _refuse_on(None, sentence)


def _refuse_on(tape: Tape | None, sentence: str) -> NoReturn:
    span = current_span()
    place = f", at {span.text!r:.60} ({span.place})" if span is not None and span.place else ""
    error = EngineError(f"{sentence}{place}.", span)
    if tape is not None:
        tape.refused = error
    raise error


def _nearest(name: str) -> str:
    import difflib

    known = sorted({f.__name__ for f in UFUNCS} | {f.__name__ for f in NUMPY})
    match = difflib.get_close_matches(name, known, 1, 0.75)
    return f"; the nearest with one is np.{match[0]}" if match else ""


# -- numpy's names for the primitives ------------------------------------------------------------------------
UFUNCS: dict[Any, Callable[..., Any]] = {
    np.add: e.add, np.subtract: e.subtract, np.multiply: e.multiply, np.divide: e.divide,
    np.float_power: e.power, np.negative: e.negative, np.positive: lambda x: x, np.square: e.square,
    np.sqrt: e.sqrt,
    np.exp: e.exp, np.expm1: e.expm1, np.log: e.log, np.log2: e.log2, np.log10: e.log10, np.log1p: e.log1p,
    np.sin: e.sin, np.cos: e.cos, np.tan: e.tan, np.arcsin: e.arcsin, np.arccos: e.arccos,
    np.arctan: e.arctan,
    np.sinh: e.sinh, np.cosh: e.cosh, np.tanh: e.tanh,
    np.arcsinh: e.arcsinh, np.arccosh: e.arccosh, np.arctanh: e.arctanh,
    np.absolute: e.absolute, np.fabs: e.absolute, np.sign: e.sign, np.maximum: e.maximum,
    np.minimum: e.minimum,
    np.matmul: linear.matmul,
    np.power: lambda x, z: x**z if isinstance(x, Tensor) else e.power(x, z),
    np.reciprocal: lambda x: 1.0 / x,
}  # fmt: skip

_VALUE_ONLY = {
    np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal, np.isfinite, np.isnan,
    np.isinf,
    np.logical_and, np.logical_or, np.logical_not, np.signbit,
}  # fmt: skip
_VALUE_ONLY_FUNCTIONS = {
    np.shape, np.ndim, np.size, np.argmax, np.argmin, np.argsort, np.zeros_like, np.ones_like, np.any, np.all,
    np.allclose, np.isclose, np.array_equal, np.count_nonzero, np.nonzero, np.searchsorted,
}  # fmt: skip


def _sum(a: Any, axis: Any = None, dtype: None = None, out: None = None, keepdims: Any = False) -> Any:
    return linear.total(_array(a), axis=axis, keepdims=bool(keepdims is True))


def _mean(a: Any, axis: Any = None, dtype: None = None, out: None = None, keepdims: Any = False) -> Any:
    return linear.mean(_array(a), axis=axis, keepdims=bool(keepdims is True))


def _var(a: Any, axis: Any = None, dtype: None = None, out: None = None, ddof: int = 0, keepdims: Any = False) -> Any:
    deviation = a - _mean(a, axis, keepdims=True)
    count = a.size if axis is None else int(np.prod([a.shape[k] for k in np.atleast_1d(axis)]))
    return _sum(deviation**2, axis, keepdims=keepdims) / float(count - ddof)


def _dot(a: Any, b: Any, out: None = None) -> Any:
    if not shape_of(a) or not shape_of(b):
        return a * b
    if len(shape_of(b)) > 2:
        _refuse("np.dot with an array of more than two dimensions has no derivative rule here; use @")
    return linear.matmul(a, b)


def _outer(a: Any, b: Any, out: None = None) -> Any:
    return _reshape(a, (-1, 1)) * _reshape(b, (1, -1))


def _reshape(a: Any, /, shape: Any = None, order: str = "C", *, newshape: Any = None, copy: Any = None) -> Any:
    shape = newshape if shape is None else shape
    concrete = np.empty(shape_of(a)).reshape(shape).shape
    return linear.reshape(a, shape=concrete)


def _transpose(a: Any, axes: Any = None) -> Any:
    return linear.transpose(a, axes=None if axes is None else tuple(k % len(shape_of(a)) for k in axes))


def _where(condition: Any, x: Any = None, y: Any = None) -> Any:
    condition = bare(condition)
    if x is None:
        return np.where(condition)
    return e.where(condition, x, y)


def _clip(a: Any, a_min: Any = None, a_max: Any = None, **options: Any) -> Any:
    low, high = options.get("min", a_min), options.get("max", a_max)
    a = a if low is None else e.maximum(a, low)
    return a if high is None else e.minimum(a, high)


def _stack(arrays: Any, axis: int = 0, **options: Any) -> Any:
    return linear.stack(*arrays, axis=axis)


def _concatenate(arrays: Any, axis: int | None = 0, **options: Any) -> Any:
    arrays = [_array(a) for a in arrays]
    if axis is None:
        arrays, axis = [_reshape(a, (-1,)) for a in arrays], 0
    return linear.concatenate(*arrays, axis=axis)


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    if ord not in (None, 2) or (ord == 2 and axis is None and len(shape_of(x)) > 1):
        _refuse("np.linalg.norm has a derivative rule here for the Euclidean length only")
    return e.sqrt(_sum(x**2, axis, keepdims=keepdims))


def _array(value: Any) -> Any:
    """A list that holds Tensors becomes one Tensor; everything else stays."""
    if isinstance(value, (list, tuple)) and holds_tensor(value):
        return linear.stack(*(_array(part) for part in value), axis=0)
    return value


def holds_tensor(value: Any) -> bool:
    """Whether a list, tuple or their nesting holds a Tensor."""
    if isinstance(value, Tensor):
        return True
    return isinstance(value, (list, tuple)) and any(holds_tensor(part) for part in value)


NUMPY: dict[Any, Callable[..., Any]] = {
    np.sum: _sum, np.mean: _mean, np.average: lambda a: _mean(a), np.var: _var,
    np.std: lambda a, *args, **options: e.sqrt(_var(a, *args, **options)),
    np.dot: _dot, np.vdot: lambda a, b: _dot(_reshape(a, (-1,)), _reshape(b, (-1,))), np.inner: _dot,
    np.outer: _outer,
    np.reshape: _reshape, np.ravel: lambda a, order="C": _reshape(a, (-1,)),
    np.transpose: _transpose, np.squeeze: lambda a, axis=None: _reshape(a, np.squeeze(np.empty(shape_of(a)),
    axis).shape),
    np.expand_dims: lambda a, axis: _reshape(a, np.expand_dims(np.empty(shape_of(a)), axis).shape),
    np.where: _where, np.clip: _clip, np.stack: _stack, np.concatenate: _concatenate,
    np.broadcast_to: lambda a, shape: linear.broadcast_to(a, shape=tuple(np.atleast_1d(shape))),
    np.linalg.norm: _norm,
    np.diff: lambda a, n=1, axis=-1: a[1:] - a[:-1] if len(shape_of(a)) == 1 and n == 1 else _refuse(
        "np.diff has a derivative rule here for one-dimensional arrays and n=1 only"),
    np.copy: lambda a, **options: a,
    np.nan_to_num: lambda a, **options: e.where(np.isfinite(bare(a)), a, 0.0),
}  # fmt: skip
del NUMPY[np.inner]  # equals dot for vectors only
NUMPY[np.inner] = lambda a, b: _dot(a, b) if len(shape_of(b)) <= 1 else linear.matmul(a, b.T)
