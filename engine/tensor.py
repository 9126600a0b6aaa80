"""Tensor: the number that a traced function computes with. Operators, and numpy's two protocols (NEP 13, NEP 18).

The operators on plain floats are written out, because a scalar graph spends its time here; arrays have one short path
for two operands and one for one; everything else goes through ``apply``. What would silently drop the dependency –
``float(x)``, ``np.asarray(x)`` – raises, naming the user's line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from sys import _getframe
from types import FrameType
from typing import Any, NoReturn

import numpy as np

from . import elementwise as e
from . import linear
from .constants import constant, foreign
from .errors import EngineError
from .primitive import Elementwise
from .shapes import bare, scalar, shape_of
from .spans import OURS, current_span, users
from .tape import ABSENT, CONSTANT, NO_PARAMS, Node, Tape, apply

_add, _sub, _mul, _div, _neg, _square = e.add, e.subtract, e.multiply, e.divide, e.negative, e.square
_ndarray = np.ndarray


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
            return unary(_square, self, _getframe(1))
        return _pair(e.power, self, other, _getframe(1))

    def __rpow__(self, other: Any) -> Any:
        return _pair(e.power, other, self, _getframe(1))

    def __mod__(self, other: Any) -> Any:
        return _protocols["ufunc"](self.tape, np.remainder, "__call__", (self, other), {})

    def __rmod__(self, other: Any) -> Any:
        return _protocols["ufunc"](self.tape, np.remainder, "__call__", (other, self), {})

    def __floordiv__(self, other: Any) -> Any:
        return _protocols["ufunc"](self.tape, np.floor_divide, "__call__", (self, other), {})

    def __rfloordiv__(self, other: Any) -> Any:
        return _protocols["ufunc"](self.tape, np.floor_divide, "__call__", (other, self), {})

    def __neg__(self) -> Any:
        a = self.value
        if type(a) is float:
            frame, tape = _getframe(1), self.tape
            records = tape.records
            records.append((_neg, -a, frame.f_code, frame.f_lasti, self.index, -1.0, ABSENT, 0.0))
            return Tensor(-a, len(records) - 1, tape)
        return unary(_neg, self, _getframe(1))

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return unary(e.absolute, self, _getframe(1))

    def __matmul__(self, other: Any) -> Any:
        return _pair(linear.matmul, self, other, _getframe(1))

    def __rmatmul__(self, other: Any) -> Any:
        return _pair(linear.matmul, other, self, _getframe(1))

    # -- in place: the arrays a function has made move on, numbers get a new value ----------------------------
    def __iadd__(self, other: Any) -> Any:
        return _in_place(_add, self, other, _getframe(1))

    def __isub__(self, other: Any) -> Any:
        return _in_place(_sub, self, other, _getframe(1))

    def __imul__(self, other: Any) -> Any:
        return _in_place(_mul, self, other, _getframe(1))

    def __itruediv__(self, other: Any) -> Any:
        return _in_place(_div, self, other, _getframe(1))

    def __ipow__(self, other: Any, modulo: None = None) -> Any:
        return _in_place(e.power, self, other, _getframe(1))

    def __imatmul__(self, other: Any) -> Any:
        return _in_place(linear.matmul, self, other, _getframe(1))

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
        return linear.transpose(self)

    @property
    def real(self) -> Any:
        return self

    def __len__(self) -> int:
        shape = shape_of(self)
        if not shape:
            raise TypeError("a single number has no length")
        return shape[0]

    def __iter__(self) -> Iterator[Any]:
        return (self[k] for k in range(len(self)))

    def __getitem__(self, key: Any) -> Any:
        array, tape = self.value, self.tape
        if type(array) is not _ndarray:
            refuse_on(tape, "A single number cannot be indexed")
        key = _plain_key(key)
        value = scalar(array[key])
        if self.index < 0:  # an array that depends on nothing yet
            if type(value) is not _ndarray:
                return value
            result = Tensor(value, CONSTANT, tape)
        else:
            frame, records = users(_getframe(1)), tape.records
            records.append((linear.index, value, frame.f_code, frame.f_lasti, (self.index,), None, (array,), {"key": key}))
            result = Tensor(value, len(records) - 1, tape)
            if type(value) is not _ndarray or records[self.index][5] is not None:  # an input is never written to
                return result
        tape.see(self, result)
        return result

    def __setitem__(self, key: Any, value: Any) -> None:
        from .buffers import write

        write(self, _plain_key(key), value)

    # -- numpy's protocols -----------------------------------------------------------------------------------
    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if method == "__call__" and not options:
            primitive = _plain_ufuncs.get(ufunc)
            if primitive is not None:
                if len(inputs) == 1:
                    return unary(primitive, self, _getframe(1))
                x, z = inputs
                return _pair(primitive, x, z, _getframe(1))
        return _protocols["ufunc"](self.tape, ufunc, method, inputs, options)

    def __array_function__(self, function: Callable, types: Any, args: tuple, options: dict) -> Any:
        return _protocols["function"](self.tape, function, args, options)

    # -- what would lose the dependency ----------------------------------------------------------------------
    def __array__(self, *args: Any, **options: Any) -> Any:
        if self.index < 0:  # an array that depends on nothing yet
            return np.array(self.value, *args[:1])
        refuse_on(
            self.tape,
            "This would copy a value under differentiation into a plain array and lose its derivative; "
            "use np.stack([...]) to build an array from such values",
        )

    def __float__(self) -> NoReturn:
        refuse_on(
            self.tape,
            "This turns a value under differentiation into a plain number and would lose its derivative; leave "
            "float() out, build arrays with np.stack or np.array([...]), and call functions as np.sin or math.sin",
        )

    def __int__(self) -> NoReturn:
        refuse_on(self.tape, "int() of a value under differentiation would lose its derivative")

    __index__ = __int__
    __trunc__ = __int__
    __floor__ = __int__
    __ceil__ = __int__

    def __complex__(self) -> NoReturn:
        refuse_on(
            self.tape, "complex() of a value under differentiation is not supported: the engine computes with real numbers"
        )

    def __round__(self, digits: Any = None) -> NoReturn:
        refuse_on(self.tape, "round() of a value under differentiation has slope 0 and would lose its derivative")

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a value under differentiation has no attribute {name}", name=name, obj=self)

    def __repr__(self) -> str:
        return f"Tensor({bare(self)!r})"

    def __format__(self, form: str) -> str:
        return format(bare(self), form)


# -- the short paths for arrays -------------------------------------------------------------------------------------
def unary(primitive: Any, x: Any, frame: FrameType) -> Any:
    """An elementwise function of one Tensor, with what ``apply`` would do written out."""
    a, tape = x.value, x.tape
    if x.index < 0 or type(x) is not Tensor:
        return apply(primitive, (x,), NO_PARAMS)
    records, code = tape.records, frame.f_code
    if code.co_filename in OURS:
        frame = tape.site or users(frame)
        code = frame.f_code
    if type(a) is float:
        try:
            value = primitive.on_float(a)
        except (ValueError, OverflowError, ZeroDivisionError):
            value = float(primitive.on_array(a))
        local = primitive.partials[0](value, a)
        records.append((primitive, value, code, frame.f_lasti, x.index, local, ABSENT, 0.0))
    else:
        value = primitive.on_array(a)
        records.append((primitive, value, code, frame.f_lasti, (x.index,), None, (a,), NO_PARAMS))
    return Tensor(value, len(records) - 1, tape)


def _pair(primitive: Any, x: Any, z: Any, frame: FrameType) -> Any:
    """A function of two operands, at least one of them a Tensor with an array."""
    i = j = CONSTANT
    a, b = x, z
    if type(x) is Tensor:
        tape, a, i = x.tape, x.value, x.index
        if type(z) is Tensor:
            if z.tape is not tape:
                raise foreign()
            b, j = z.value, z.index
    elif type(z) is Tensor:
        tape, b, j = z.tape, z.value, z.index
    else:
        return apply(primitive, (x, z), NO_PARAMS)
    left, right = type(a), type(b)
    if (left is not _ndarray and right is not _ndarray) or (i < 0 and j < 0):
        return apply(primitive, (x, z), NO_PARAMS)
    if i < 0 and left is not float:
        a = constant(a)
        if type(a) is _ndarray:
            tape.lock(a)
    elif j < 0 and right is not float:
        b = constant(b)
        if type(b) is _ndarray:
            tape.lock(b)
    value, records, code = primitive.compute(a, b), tape.records, frame.f_code
    if type(value) is not _ndarray:
        value = float(value)
    if code.co_filename in OURS:
        frame = tape.site or users(frame)
        code = frame.f_code
    records.append((primitive, value, code, frame.f_lasti, (i, j), None, (a, b), NO_PARAMS))
    return Tensor(value, len(records) - 1, tape)


def _in_place(primitive: Any, x: Tensor, other: Any, frame: FrameType) -> Any:
    """x += other: numpy changes the array under all its names. NotImplemented sends Python on to x = x + other."""
    if type(x.value) is not _ndarray:
        return NotImplemented
    from .buffers import goes_back, replace

    if goes_back(x, frame):
        return NotImplemented
    if primitive is e.power and (type(other) is int or type(other) is float) and other == 2:
        return replace(x, unary(_square, x, frame))
    return replace(x, _pair(primitive, x, other, frame))


# -- numpy's protocols: numpy_rules fills these in --------------------------------------------------------------------
_plain_ufuncs: dict[Any, Any] = {}
_protocols: dict[str, Callable[..., Any]] = {}


def install(ufunc_rule: Callable, function_rule: Callable, ufuncs: dict[Any, Any], methods: dict[str, Callable]) -> None:
    """Tell Tensor what numpy's names mean: the two protocols, ufuncs that are a primitive without any twist, methods."""
    _protocols.update(ufunc=ufunc_rule, function=function_rule)
    for ufunc, rule in ufuncs.items():
        if getattr(ufunc, "nout", 0) == 1 and (isinstance(rule, Elementwise) or rule is linear.matmul):
            _plain_ufuncs[ufunc] = rule
    for name, method in methods.items():
        setattr(Tensor, name, method)


class StaleView(Tensor):
    """What a view becomes when the array it looks into has been written to."""

    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        if name in ("value", "index"):
            refuse(
                "This view was taken before its array was written to, so it would be out of date; "
                "take it again after writing, or make it a copy with .copy()"
            )
        return object.__getattribute__(self, name)


def _plain_key(key: Any) -> Any:
    """An index without Tensors: they count by their values, as comparisons do."""
    if isinstance(key, Tensor):
        return _index_of(key)
    if type(key) is tuple:
        return tuple(_index_of(part) if isinstance(part, Tensor) else part for part in key)
    if isinstance(key, np.ndarray):
        return key.copy()  # the user may change it later
    return list(key) if type(key) is list else key


def _index_of(key: Tensor) -> NoReturn:
    refuse_on(key.tape, "An index must be a whole number or a mask, not a value under differentiation")


def refuse(sentence: str) -> NoReturn:
    """Raise an EngineError that names the user's line."""
    refuse_on(None, sentence)


def refuse_on(tape: Tape | None, sentence: str) -> NoReturn:
    """``refuse``, remembered on the tape, so that user code that catches it cannot lose a dependency."""
    span = current_span()
    place = f", at {span.text!r:.60} ({span.place})" if span is not None and span.place else ""
    error = EngineError(f"{sentence}{place}.", span)
    if tape is not None:
        tape.refused = error
    raise error
