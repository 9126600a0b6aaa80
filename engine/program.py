"""The backward program: a trace written out as a straight-line Python function, forward part first, then backward.

One line for each operation, variables named as in the trace (``d_u`` is the adjoint of ``u``), partial derivatives as
ordinary expressions where they are short. The text can be read, printed and run: it returns value and gradient, bit for
bit those of the trace at the trace's own point – that is tried when the program is made.

What a trace does not hold the program cannot hold: it is the path that was taken. Loops are unrolled, ``if`` has been
decided, ``where`` keeps its condition, indices and constants are the recorded ones. At another point the program is
right as long as the function would take the same path there; comparisons are not made again.
"""

from __future__ import annotations

import builtins
import functools
import keyword
import math
import re
import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .errors import EngineError
from .primitive import Elementwise
from .rules import guarded_product
from .shapes import fit, has_nan, shape_of
from .tape import Record
from .trace import Constant, Step, Trace, operand_pairs


def backward_program(trace: Trace) -> Program:
    """The straight-line program of a trace.

    >>> from chainreel.engine import Function
    >>> program = backward_program(Function.of("u = x*y; sin(u) + x**2").trace({"x": 1.5, "y": -0.5}))
    >>> print(program)  # doctest: +NORMALIZE_WHITESPACE
    def f(x, y):
        # forward
        u = x * y
        p = sin(u)
        q = x * x
        f = p + q
        # backward
        d_f = 1.0
        d_p = d_f
        d_q = d_f
        d_x = d_q * (2.0 * x)
        d_u = d_p * cos(u)
        d_x = d_x + d_u * y
        d_y = d_u * x
        return f, {'x': d_x, 'y': d_y}
    >>> program(x=1.5, y=-0.5)[1] == Function.of("u = x*y; sin(u) + x**2").trace({"x": 1.5, "y": -0.5}).gradient
    True

    Raises EngineError where the trace was read from a text and holds steps this engine has no rule for.
    """
    program = Program(trace, Writer(trace, spelled_out=True))
    if not program.agrees():  # an expression above is not the rule's own arithmetic any more: call the rules
        program = Program(trace, Writer(trace, spelled_out=False))
    return program


class Program:
    """A straight-line program. Call it with numbers or arrays for the inputs (by position or name); ``str`` is its text.

    ``function(*inputs)`` is the compiled function itself, without any check, for use in a loop.
    """

    def __init__(self, trace: Trace, writer: Writer):
        self.trace = trace
        self.text = writer.text
        self._writer = writer
        self.inputs = trace.function.inputs
        self._shapes = [shape_of(step.value) for step in trace.inputs]
        code = compile(writer.quick, "<program>", "exec", dont_inherit=True, optimize=2)
        body = next(c for c in code.co_consts if isinstance(c, types.CodeType))
        self.function = types.FunctionType(body, writer.names)

    def __call__(self, *args: Any, **kwargs: Any) -> tuple[float, dict[str, Any]]:
        """Value and gradient. Raises EngineError for missing inputs and for shapes other than the trace's."""
        from .function import as_point_value

        given = dict(zip(self.inputs, args, strict=False)) | kwargs
        if len(args) > len(self.inputs) or set(given) != set(self.inputs) or len(given) != len(args) + len(kwargs):
            raise EngineError(f"The program has the inputs {', '.join(self.inputs)}, each to be given once.")
        values = [as_point_value(name, given[name]) for name in self.inputs]
        for name, value, shape in zip(self.inputs, values, self._shapes, strict=True):
            if shape_of(value) != shape:
                raise EngineError(f"The program was made for {name} of shape {shape}, not {shape_of(value)}.")
        value, gradient = self._run(values)
        if not self._writer.guarded and any(has_nan(slope) for slope in gradient.values()):
            return self._with_guard._run(values)
        return value, gradient

    @functools.cached_property
    def _with_guard(self) -> Program:
        """The same program with the engine's convention 0 x infinity = 0, for points that need it."""
        return Program(self.trace, Writer(self.trace, self._writer.spelled_out, guarded=True))

    def _run(self, values: list[Any]) -> tuple[float, dict[str, Any]]:
        with np.errstate(all="ignore"):
            try:
                return self.function(*values)
            except (ValueError, OverflowError, ZeroDivisionError):
                # math raises where numpy goes on with inf or nan, as the engine does
                careful = types.FunctionType(self.function.__code__, {**self.function.__globals__, **_CAREFUL})
                value, gradient = careful(*(np.float64(v) if isinstance(v, float) else v for v in values))
                plain = {name: float(g) if isinstance(g, np.generic) else g for name, g in gradient.items()}
                return float(value), plain

    def agrees(self) -> bool:
        """Whether the program gives the trace's own value and gradient at its point, bit for bit."""
        value, gradient = self._run([step.value for step in self.trace.inputs])
        wanted = self.trace.gradient
        return _same(value, self.trace.value) and all(_same(gradient[name], wanted[name]) for name in self.inputs)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<program of {self.trace.function.name}, {self.text.count(chr(10))} lines>"


def _same(a: Any, b: Any) -> bool:
    return bool(np.shape(a) == np.shape(b) and np.array_equal(a, b, equal_nan=True))


def _numpy_instead(primitive: Elementwise) -> Callable:
    return lambda *operands: primitive.on_array(*operands)


class Writer:
    """Writes the lines of a program and collects what its names stand for."""

    def __init__(self, trace: Trace, spelled_out: bool, guarded: bool = False):
        self.trace = trace
        self.guarded = guarded or trace._guarded
        self.records = trace._records
        self.spelled_out = spelled_out
        self.names: dict[str, Any] = {"__builtins__": {"float": float}, "np": np, "fit": fit}
        steps = trace.steps
        self.variables = [
            s.name if s.name.isidentifier() and not keyword.iskeyword(s.name) and s.name not in self.names else f"v{s.index}_"
            for s in steps
        ]
        self.prefix = "d_"
        taken = set(self.variables)
        while any(self.prefix + name in taken for name in self.variables):
            self.prefix += "d_"
        self.taken = taken | {self.prefix + name for name in self.variables} | {"float"}
        self.constants: dict[Any, str] = {}
        self.rules: dict[tuple[int, str], Callable] = {}
        self.seen = {trace._output}
        live = [step for step in steps if not step.dead]
        forward = [(self.variables[s.index], self.forward(s)) for s in live if not s.is_input]
        backward = [(self.adjoint(trace.output), "1.0")]
        for step in reversed(live):
            backward += [self.accumulate(edge.source, self.backward(step, edge.slot)) for edge in step.edges]
        gradient = ", ".join(f"{s.name!r}: {self.adjoint(s) if not s.dead else self.nothing(s)}" for s in trace.inputs)
        self.head = f"def {self.variables[trace._output]}({', '.join(self.variables[: len(trace.inputs)])}):"
        self.last = f"return {self.variables[trace._output]}, {{{gradient}}}"
        self.text = self._joined("# forward", *self._lines(forward), "# backward", *self._lines(backward), self.last)
        self.quick = self._without_copies(forward, backward)

    def _joined(self, *lines: str) -> str:
        return "\n    ".join((self.head, *lines)) + "\n"

    @staticmethod
    def _lines(statements: list[tuple[str, str]]) -> list[str]:
        return [f"{name} = {expression}" for name, expression in statements]

    def _without_copies(self, forward: list[tuple[str, str]], backward: list[tuple[str, str]]) -> str:
        """The text for the compiler: without the lines that only give a number a second name (d_p = d_f).

        An adjoint that is copied is complete, so it does not change any more; the copy must be the name's only line.
        """
        times: dict[str, int] = {}
        for name, _ in backward:
            times[name] = times.get(name, 0) + 1
        same: dict[str, str] = {}
        kept = []
        for name, expression in backward:
            expression = _WORD.sub(lambda word: same.get(word[0], word[0]), expression)
            if expression in times and times[name] == 1:
                same[name] = expression
            else:
                kept.append((name, expression))
        last = _WORD.sub(lambda word: same.get(word[0], word[0]), self.last)
        return self._joined(*self._lines(forward), *self._lines(kept), last)

    def adjoint(self, step: Step) -> str:
        return self.prefix + self.variables[step.index]

    def accumulate(self, source: Step, part: str) -> tuple[str, str]:
        name = self.adjoint(source)
        if source.index not in self.seen:
            self.seen.add(source.index)
            return name, part
        # a + (-b) and a - b are the same float
        return name, f"{name} - {part[1:]}" if _NEGATED.fullmatch(part) else f"{name} + {part}"

    def nothing(self, step: Step) -> str:
        shape = shape_of(step.value)
        return f"np.zeros({shape})" if shape else "0.0"

    def name(self, wanted: str, value: Any) -> str:
        """A name for a function or array that no variable and nothing else has."""
        wanted = wanted if wanted.isidentifier() and not keyword.iskeyword(wanted) else "c"
        name, number = wanted, 1
        while name in self.taken or (name in self.names and self.names[name] is not value):
            number += 1
            name = f"{wanted}_{number}"
        self.names[name] = value
        return name

    # -- operands --------------------------------------------------------------------------------------------
    def operands(self, step: Step) -> list[str]:
        pairs = operand_pairs(self.records[step.index])
        return [self.operand(operand) for operand in step.operands[: len(pairs)]]

    def operand(self, operand: Any) -> str:
        if not isinstance(operand, Constant):
            return self.variables[operand.source.index]
        value = operand.value
        if isinstance(value, np.ndarray):
            key = (value.dtype.str, value.shape, value.tobytes())
            if key not in self.constants:
                self.constants[key] = self.name(operand.text, value)
            return self.constants[key]
        if isinstance(value, float) and not math.isfinite(value):
            return self.name("infinity" if value > 0 else "minus_infinity" if value < 0 else "not_a_number", value)
        return repr(value) if value >= 0 and not str(value).startswith("-") else f"({value!r})"

    # -- forward ---------------------------------------------------------------------------------------------
    def forward(self, step: Step) -> str:
        record = self.records[step.index]
        xs = self.operands(step)
        primitive, value = record[0], record[1]
        operators = {"add": "{0} + {1}", "sub": "{0} - {1}", "mul": "{0} * {1}", "div": "{0} / {1}", "neg": "-{0}",
                     "alias": "{0}"}  # fmt: skip
        if primitive.name in operators and not self._whole(step):
            return operators[primitive.name].format(*xs)
        params = record[7] if record[5] is None else {}
        if isinstance(primitive, Elementwise) and not params:
            if isinstance(value, np.ndarray):
                return f"{self._elementwise(primitive)}({', '.join(xs)})"
            return self._scalar(step, primitive, xs)
        text = self._spelled(step, xs, params) if self.spelled_out else None
        if text is None:
            return self._call(primitive.name, self._evaluate(primitive), xs, params)
        return text if isinstance(value, np.ndarray) else f"float({text})"

    def _whole(self, step: Step) -> bool:
        """Whether an operation of numbers has no float among its operands: whole numbers are not what the tape computes."""
        values = [o.value if isinstance(o, Constant) else o.source.value for o in step.operands]
        return not any(isinstance(v, (float, np.ndarray)) for v in values)

    def _scalar(self, step: Step, primitive: Elementwise, xs: list[str]) -> str:
        if primitive.name == "square":
            return f"{xs[0]} * {xs[0]}"
        if primitive.name == "pow" and self._power(step):
            return f"{xs[0]} ** {xs[1]}"
        if any(isinstance(o, Constant) and not isinstance(o.value, float) for o in step.operands):
            return self._call(primitive.name, self._evaluate(primitive), xs, {})  # it makes floats of whole numbers and bools
        return f"{self.name(primitive.name, primitive.on_float)}({', '.join(xs)})"

    def _power(self, step: Step) -> bool:
        """Whether a power of numbers is one by a whole number, which stays real for every base."""
        exponent = step.operands[1]
        return isinstance(exponent, Constant) and not isinstance(exponent.value, np.ndarray) and exponent.value % 1 == 0

    def _elementwise(self, primitive: Elementwise) -> str:
        rule = primitive.on_array
        if isinstance(rule, np.ufunc) and getattr(np, rule.__name__, None) is rule:
            return f"np.{rule.__name__}"
        return self.name(f"{primitive.name}_of_array", rule)

    def _spelled(self, step: Step, xs: list[str], params: Mapping[str, Any]) -> str | None:
        """A map of arrays as numpy's own expression, None where it has none that is as short."""
        name = step.primitive
        if name == "matmul":
            return f"{xs[0]} @ {xs[1]}"
        if name in ("sum", "mean", "prod"):
            given = {k: v for k, v in params.items() if v is not None and v is not False}
            return f"np.{name}({', '.join([xs[0], *(f'{k}={v!r}' for k, v in given.items())])})"
        if name == "transpose":
            axes = params.get("axes")
            return f"{xs[0]}.T" if axes is None else f"{xs[0]}.transpose({axes!r})"
        if name == "reshape":
            return f"{xs[0]}.reshape({params['shape']!r})"
        if name in ("stack", "concatenate"):
            return f"np.{name}([{', '.join(xs)}], axis={params.get('axis', 0)!r})"
        if name == "index":
            key = _key(params["key"])
            return f"{xs[0]}[{key}]" if key is not None else None
        return None

    def _call(self, name: str, rule: Callable, xs: list[str], params: Mapping[str, Any]) -> str:
        options = [f"{key}={self._param(key, value)}" for key, value in params.items()]
        return f"{self.name(name, rule)}({', '.join([*xs, *options])})"

    def _param(self, key: str, value: Any) -> str:
        if value is None or isinstance(value, (bool, int, str)):
            return repr(value)
        if isinstance(value, tuple) and all(isinstance(part, int) for part in value):
            return repr(value)
        return self.name(key, value)

    # -- backward --------------------------------------------------------------------------------------------
    def backward(self, step: Step, slot: int) -> str:
        record = self.records[step.index]
        d, y, xs = self.adjoint(step), self.variables[step.index], self.operands(step)
        primitive = record[0]
        if not isinstance(primitive, Elementwise) or not self.spelled_out and record[5] is None:
            if primitive.name == "alias":
                return d
            short = self._transposed(step, slot, d, xs, record) if self.spelled_out else None
            if short is not None:
                return short
            rule = self._back(primitive, slot)
            return self._call(f"{primitive.name}_back_{slot}", rule, [d, y, *xs], record[7] if record[5] is None else {})
        rule = primitive.partials[slot]  # type: ignore[index]
        part = self._local(step, slot, y, xs, record)
        if self.guarded and part not in ("1", "-1"):
            text = f"{self.name('guarded', guarded_product)}({d}, {part or self._rule_call(primitive, slot, rule, y, xs)})"
        elif part == "1":
            text = d
        elif part == "-1":
            text = f"-{d}"
        else:
            text = f"{d} * {part or self._rule_call(primitive, slot, rule, y, xs)}"
        if record[5] is not None:
            return text
        source = step.operands[slot]
        assert not isinstance(source, Constant)
        shapes = [shape_of(record[1]), shape_of(step.adjoint), *(shape_of(x) for x in record[6])]
        if np.broadcast_shapes(*shapes) == shape_of(source.source.value):
            return text
        return f"fit({text}, {xs[slot]})"

    def _evaluate(self, primitive: Any) -> Callable:
        """The primitive's own way to a value; the same object each time, so that it gets one name."""
        return self.rules.setdefault((id(primitive), "value"), primitive.evaluate)

    def _back(self, primitive: Any, slot: int) -> Callable:
        """The primitive's own rule for carrying an adjoint back to one operand."""
        key = (id(primitive), f"back {slot}")
        if key not in self.rules:
            try:
                self.rules[key] = (primitive.guarded if self.guarded else primitive.pulls)[slot]
            except IndexError:
                raise EngineError(
                    f"This engine has no rule for {primitive.name}, so no program can be made of this trace."
                ) from None
        return self.rules[key]

    def _rule_call(self, primitive: Elementwise, slot: int, rule: Callable, y: str, xs: list[str]) -> str:
        place = f"_{slot}" if len(xs) > 1 else ""
        return f"{self.name(f'd{primitive.name}{place}', rule)}({', '.join([y, *xs])})"

    def _local(self, step: Step, slot: int, y: str, xs: list[str], record: Record) -> str | None:
        """The local derivative as an expression, in the very arithmetic of the rule; None where a call is shorter."""
        primitive = record[0]
        name = primitive.name
        if name in ("add", "sub", "neg"):
            return "-1" if name == "neg" or (name == "sub" and slot == 1) else "1"
        if name == "mul":
            return xs[1 - slot]
        if not self.spelled_out:
            return None
        if name == "pow" and slot == 0 and record[5] is not None and self._power(step):
            exponent = step.operands[1].value  # type: ignore[union-attr]
            if exponent in (0, 1):
                return None
            power = xs[0] if exponent == 2 else f"{xs[0]} * {xs[0]}" if exponent == 3 else f"{xs[0]} ** {exponent - 1!r}"
            return f"({xs[1]} * {power})" if exponent != 3 else f"({xs[1]} * ({power}))"
        template = _LOCALS.get((name, slot))
        if template is None:
            return None
        array = record[5] is None

        def function(other: str) -> str:
            if array:
                return f"np.{other}"
            return self.name(other, getattr(math, other))

        if "sin(" in template or "cos" in template or "exp(" in template or "sinh(" in template:
            for other in ("cosh", "sinh", "cos", "sin", "exp"):
                if template.startswith(other + "(") or template.startswith(f"(-{other}("):
                    return template.replace(other, function(other), 1).format(x=xs[0], z=xs[-1], y=y)
        return template.format(x=xs[0], z=xs[-1], y=y)

    def _transposed(self, step: Step, slot: int, d: str, xs: list[str], record: Record) -> str | None:
        if record[5] is not None:
            return None
        shapes = [shape_of(x) for x in record[6]]
        if step.primitive == "matmul" and len(shapes[0]) == len(shapes[1]) == 2:
            return f"{d} @ {xs[1]}.T" if slot == 0 else f"{xs[0]}.T @ {d}"
        if step.primitive == "sum" and not shape_of(step.value):
            return f"np.full({shapes[0]}, {d})"
        if step.primitive == "transpose" and record[7].get("axes") is None:
            return f"{d}.T"
        if step.primitive == "reshape":
            return f"{d}.reshape({shapes[0]})"
        return None


_WORD = re.compile(r"(?<!['\w])[A-Za-z_]\w*")  # not the quoted names of the gradient
_NEGATED = re.compile(r"-\w+")
_LOCALS = {
    ("div", 0): "(1.0 / {z})", ("div", 1): "(-{y} / {z})", ("square", 0): "(2.0 * {x})", ("sqrt", 0): "(0.5 / {y})",
    ("exp", 0): "{y}", ("expm1", 0): "exp({x})", ("log", 0): "(1.0 / {x})", ("log1p", 0): "(1.0 / (1.0 + {x}))",
    ("sin", 0): "cos({x})", ("cos", 0): "(-sin({x}))", ("tan", 0): "(1.0 + {y} * {y})",
    ("arctan", 0): "(1.0 / (1.0 + {x} * {x}))", ("sinh", 0): "cosh({x})", ("cosh", 0): "sinh({x})",
}  # fmt: skip


def _key(key: Any) -> str | None:
    """An index as Python text, None where it holds an array."""
    if key is None or key is Ellipsis:
        return "None" if key is None else "..."
    if isinstance(key, (int, np.integer)) and not isinstance(key, bool):
        return repr(int(key))
    if isinstance(key, slice):
        start, stop, step = ("" if part is None else str(part) for part in (key.start, key.stop, key.step))
        return f"{start}:{stop}" + (f":{step}" if step else "")
    if isinstance(key, tuple):
        parts = [_key(part) for part in key]
        return None if not parts or None in parts else ", ".join(map(str, parts)) + ("," if len(parts) == 1 else "")
    return None


def _careful() -> dict[str, Any]:
    from .elementwise import TABLE

    table = {name: primitive.on_array for name, primitive in TABLE.items() if getattr(math, name, None)}
    return {name: rule for name, rule in table.items() if name not in vars(builtins)}


_CAREFUL = _careful()
