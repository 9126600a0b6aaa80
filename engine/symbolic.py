"""Between sympy and the engine: functions from sympy expressions, and sympy's gradient as a second opinion.

An expression becomes a text of the engine's small language (by sympy's own printer of Python code, with sub-expressions
that occur more than once computed once), and from there on is a function like any other: its steps have places in that
text, it is described and found again by it.
"""

from __future__ import annotations

import ast
import itertools
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy
from sympy.printing.pycode import PythonCodePrinter
from sympy.simplify.cse_main import tree_cse

from .errors import EngineError
from .function import Function
from .names import LETTERS
from .parsing import CALLS, CONSTANTS
from .trace import Constant, Trace


# -- from sympy ------------------------------------------------------------------------------------------------
def from_sympy(expression: Any, inputs: Sequence[Any] | None = None) -> Function:
    """The Function of a sympy expression of real numbers.

    ``inputs`` are its symbols (or their names) in the order wanted; otherwise they stand in alphabetical order.

    >>> x, y = sympy.symbols("x y")
    >>> f = from_sympy(sympy.sin(x*y) + x**2)
    >>> f.source, f.inputs
    ('x**2 + sin(x*y)', ('x', 'y'))
    >>> from_sympy(sympy.Piecewise((x**2, x > 0), (0, True))).trace({"x": 3.0}).gradient
    {'x': 6.0}

    Raises EngineError, naming it, for whatever has no real value or no derivative rule: integrals that cannot be done,
    undefined functions, complex constants, matrices, functions the engine does not know.
    """
    if not isinstance(expression, sympy.Expr) or getattr(expression, "is_Matrix", False):
        raise EngineError(f"This is a {type(expression).__name__} of sympy, not an expression with one number as its value.")
    expression = _done(expression)
    symbols = sorted(expression.free_symbols, key=lambda s: (s.name, str(s.assumptions0)))
    order = _order(symbols, inputs)
    names = _names(order)
    taken = set(names.values())
    fresh = (name for name in itertools.chain(LETTERS, (f"v_{k}" for k in itertools.count(1))) if name not in taken)
    shared, (result,) = tree_cse([expression], (sympy.Dummy(name) for name in fresh), opt_subs={})
    printer = _Text({**names, **{symbol: symbol.name for symbol, _ in shared}})
    lines = [f"{symbol.name} = {printer.doprint(part)}" for symbol, part in shared]
    return Function.parse("; ".join([*lines, printer.doprint(result)]), [names[symbol] for symbol in order])


def _done(expression: Any) -> Any:
    """The expression with unfinished operations carried out, or a sentence about what stands in the way."""
    unfinished = (sympy.Derivative, sympy.Integral, sympy.Sum, sympy.Product, sympy.Limit, sympy.Subs)
    if expression.has(*unfinished):
        expression = expression.doit()
    for kind in unfinished:
        if expression.has(kind):
            raise EngineError(f"The {kind.__name__} in this expression cannot be done by sympy, so it has no steps.")
    if expression.has(sympy.I):
        raise EngineError("The engine computes with real numbers; this expression holds the imaginary unit.")
    for constant in (sympy.zoo, sympy.oo, -sympy.oo, sympy.nan):
        if expression.has(constant):
            raise EngineError(f"This expression holds {constant}, which is no number to compute with.")
    expression = expression.replace(
        lambda part: type(part).__name__ in _REWRITTEN, lambda part: _REWRITTEN[type(part).__name__](*part.args)
    )
    undefined = expression.atoms(sympy.core.function.AppliedUndef)
    if undefined:
        first = sorted(map(str, undefined))[0]
        raise EngineError(f"{first} is a function without a definition; put an expression in its place.")
    return expression


def _order(symbols: list[Any], inputs: Sequence[Any] | None) -> list[Any]:
    if inputs is None:
        if not symbols:
            raise EngineError("This expression has no symbol: there is nothing to differentiate by.")
        return symbols
    by_name = {symbol.name: symbol for symbol in symbols}
    order = [by_name.get(str(name), name if isinstance(name, sympy.Symbol) else sympy.Symbol(str(name))) for name in inputs]
    missing = [symbol.name for symbol in symbols if symbol not in order]
    if missing or len(set(order)) != len(order):
        raise EngineError(f"The inputs must name every symbol of the expression once; {', '.join(missing) or 'one'} "
                          f"is {'missing' if missing else 'there twice'}.")  # fmt: skip
    return order


def _names(symbols: list[Any]) -> dict[Any, str]:
    """The engine's name of each symbol: its own, made fit for a text where it is not (``x_{1}``, ``lambda``)."""
    names: dict[Any, str] = {}
    for symbol in symbols:
        name = re.sub(r"\W", "_", symbol.name.replace("\\", "").replace("{", "").replace("}", "").replace("'", "_prime"))
        name = {"lambda": "lam"}.get(name, name)
        if not name.isidentifier() or name.startswith("__") or name in CALLS or name in CONSTANTS or len(name) > 40:
            name = f"s_{name}"[:40]
        if name in names.values():
            raise EngineError(f"Two symbols of this expression would both be called {name}; rename one of them.")
        names[symbol] = name
    return names


class _Text(PythonCodePrinter):
    """Prints an expression in the small language of ``parsing``."""

    def __init__(self, names: Mapping[Any, str]):
        super().__init__({"fully_qualified_modules": False})
        self.names = names

    def _print_Symbol(self, expr: Any) -> str:
        return self.names[expr]

    _print_Dummy = _print_Symbol

    def _print_Float(self, expr: Any) -> str:
        return repr(float(expr))

    def _print_NumberSymbol(self, expr: Any) -> str:
        return {"pi": "pi", "E": "e"}.get(str(expr)) or repr(float(expr))

    _print_Pi = _print_Exp1 = _print_GoldenRatio = _print_EulerGamma = _print_Catalan = _print_NumberSymbol

    def _print(self, expr: Any, **options: Any) -> str:
        if isinstance(expr, sympy.Piecewise):
            return self._pieces(expr)
        if isinstance(expr, (sympy.Function, sympy.Max, sympy.Min)):
            return self._called(expr)
        return super()._print(expr, **options)

    def _called(self, expr: Any) -> str:
        kind = type(expr).__name__
        if kind in _SAME:
            return f"{_SAME[kind]}({', '.join(map(self._print, expr.args))})"
        if kind == "polygamma":
            if expr.args[0] != 0:
                raise EngineError(f"The engine knows the digamma function, not its derivative of order {expr.args[0]}.")
            return f"digamma({self._print(expr.args[1])})"
        if kind in ("Max", "Min"):
            return self._several(kind.lower(), list(expr.args))
        raise EngineError(
            f"The engine has no derivative rule for sympy's {kind} (in {str(expr)[:60]}); it knows powers, roots, exp, log, "
            "sin … atanh, Abs, sign, Max, Min, Piecewise, erf, gamma and the like."
        )

    emptyPrinter = _called

    def _several(self, name: str, args: list[Any]) -> str:
        args = sorted(args, key=sympy.default_sort_key)
        parts = [self._print(arg) for arg in args[:7]] + ([self._several(name, args[7:])] if len(args) > 7 else [])
        return f"{name}({', '.join(parts)})" if len(parts) > 1 else parts[0]

    def _pieces(self, expr: Any) -> str:
        if expr.args[-1].cond != True:  # noqa: E712  sympy's own true
            raise EngineError("This Piecewise has no value outside its conditions; end it with (expression, True).")
        text = self._print(expr.args[-1].expr)
        for value, condition in reversed(expr.args[:-1]):
            text = self._choose(condition, self._print(value), text)
        return text

    def _choose(self, condition: Any, yes: str, no: str) -> str:
        """``yes`` where the condition holds, else ``no``, by comparisons of two values."""
        if isinstance(condition, sympy.Not):
            return self._choose(condition.args[0], no, yes)
        if isinstance(condition, (sympy.And, sympy.Or)):
            parts = sorted(condition.args, key=sympy.default_sort_key)
            text = yes if isinstance(condition, sympy.And) else no
            for part in parts:
                text = self._choose(part, text, no) if isinstance(condition, sympy.And) else self._choose(part, yes, text)
            return text
        sign = _COMPARED.get(type(condition).__name__)
        if sign is None:
            raise EngineError(f"The condition {condition} is no comparison of two numbers.")
        return f"where({self._print(condition.lhs)} {sign} {self._print(condition.rhs)}, {yes}, {no})"


_COMPARED = {
    "StrictGreaterThan": ">", "GreaterThan": ">=", "StrictLessThan": "<", "LessThan": "<=", "Equality": "==",
    "Unequality": "!=",
}  # fmt: skip
_SAME = {
    **{name: name for name in (
        "sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "log", "sign", "erf", "erfc", "loggamma", "digamma",
    )},
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh",
    "Abs": "abs", "gamma": "Gamma", "atan2": "arctan2", "log1p": "log1p", "expm1": "expm1", "log2": "log2", "log10": "log10",
    "Cbrt": "cbrt",
}  # fmt: skip
_REWRITTEN: dict[str, Callable] = {
    "sec": lambda x: 1 / sympy.cos(x), "csc": lambda x: 1 / sympy.sin(x), "cot": lambda x: sympy.cos(x) / sympy.sin(x),
    "sech": lambda x: 1 / sympy.cosh(x), "csch": lambda x: 1 / sympy.sinh(x), "coth": lambda x: 1 / sympy.tanh(x),
    "asec": lambda x: sympy.acos(1 / x), "acsc": lambda x: sympy.asin(1 / x), "acot": lambda x: sympy.atan(1 / x),
    "asech": lambda x: sympy.acosh(1 / x), "acsch": lambda x: sympy.asinh(1 / x), "acoth": lambda x: sympy.atanh(1 / x),
    "sinc": lambda x: sympy.Piecewise((1, sympy.Eq(x, 0)), (sympy.sin(x) / x, True)),
    "factorial": lambda x: sympy.gamma(x + 1), "exp2": lambda x: 2**x,
    "Heaviside": lambda x, at=sympy.S.Half: sympy.Piecewise((1, x > 0), (at, sympy.Eq(x, 0)), (0, True)),
}  # fmt: skip


# -- to sympy --------------------------------------------------------------------------------------------------
def to_sympy(what: Any, at: Mapping[str, Any] | None = None) -> Any:
    """The sympy expression of a scalar function or trace, with a real symbol for every input.

    A formula given as text is read as it stands. Everything else is the path of a trace: of the one given, or of the
    function at ``at`` (default: a point it chooses itself); an ``if`` of the user's has been decided there.

    >>> to_sympy("u = x*y; sin(u) + u")
    x*y + sin(x*y)

    Raises EngineError for arrays and for steps that sympy has no name for.
    """
    if not isinstance(what, Trace):
        function = Function.of(what)
        if function.kind == "text":
            return _of_text(function)
        what = function.trace(function.point() if at is None else at)
    return _of_trace(what)


def symbols_of(function: Function) -> dict[str, Any]:
    """The real symbol of every input."""
    return {name: sympy.Symbol(name, real=True) for name in function.inputs}


def symbolic_gradient(what: Any, at: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The derivative of a scalar function (or trace) by every input, by sympy alone.

    >>> symbolic_gradient("sin(x*y) + x**2")
    {'x': 2*x + y*cos(x*y), 'y': x*cos(x*y)}
    """
    function = what.function if isinstance(what, Trace) else Function.of(what)
    expression = to_sympy(what, at)
    return {name: sympy.diff(expression, symbol) for name, symbol in symbols_of(function).items()}


def _of_text(function: Function) -> Any:
    """A text's syntax tree, children first, as sympy's objects: nothing of the text is evaluated as Python."""
    values: dict[str, Any] = {**symbols_of(function), "pi": sympy.pi, "e": sympy.E}
    values |= {name: _number(value) for name, value in function.held.items()}
    result: Any = None
    for statement in ast.parse(function.source).body:
        node = statement.value  # type: ignore[attr-defined]
        result = _of_tree(node, values)
        if isinstance(statement, ast.Assign):
            assert isinstance(statement.targets[0], ast.Name)
            values[statement.targets[0].id] = result
    return result


def _of_tree(root: ast.expr, names: Mapping[str, Any]) -> Any:
    done: dict[int, Any] = {}
    waiting: list[tuple[ast.AST, bool]] = [(root, False)]
    while waiting:
        node, ready = waiting.pop()
        if not ready:
            waiting.append((node, True))
            inner = node.args if isinstance(node, ast.Call) else ast.iter_child_nodes(node)
            waiting += [(part, False) for part in inner if isinstance(part, ast.expr)]
            continue
        match node:
            case ast.Constant(value):
                value = _number(value)
            case ast.Name(name):
                value = names[name]
            case ast.UnaryOp(operator, operand):
                value = -done[id(operand)] if isinstance(operator, ast.USub) else done[id(operand)]
            case ast.BinOp(left, operator, right):
                value = _apply(_BINARY[type(operator)], done[id(left)], done[id(right)])
            case ast.Compare(left, [operator], [right]):
                value = _RELATIONS[type(operator)](done[id(left)], done[id(right)])
            case ast.Call(ast.Name(name), arguments):
                value = _apply(_PRIMITIVES.get(name, name), *(done[id(argument)] for argument in arguments))
        done[id(node)] = value
    return done[id(root)]


_BINARY: dict[type, str] = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Pow: "pow"}
_RELATIONS: dict[type, Callable] = {
    ast.Gt: sympy.Gt, ast.GtE: sympy.Ge, ast.Lt: sympy.Lt, ast.LtE: sympy.Le, ast.Eq: sympy.Eq, ast.NotEq: sympy.Ne,
}  # fmt: skip
_PRIMITIVES = {
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh",
    "ln": "log", "Gamma": "gamma",
}  # fmt: skip


def _of_trace(trace: Trace) -> Any:
    values: list[Any] = []
    symbols = symbols_of(trace.function)
    for step in trace.steps:
        if isinstance(step.value, np.ndarray):
            raise EngineError(f"{step.name} is an array of shape {step.value.shape}; sympy is asked about single numbers only.")
        if step.is_input:
            values.append(symbols[step.name])
        else:
            operands = [_constant(o) if isinstance(o, Constant) else values[o.source.index] for o in step.operands]
            values.append(_apply(step.primitive, *(operands[:1] if step.primitive == "square" else operands)))
    return values[trace.output.index]


def _constant(constant: Constant) -> Any:
    if isinstance(constant.value, np.ndarray):
        raise EngineError(f"{constant.text} is an array; sympy is asked about single numbers only.")
    for value, name in ((math.pi, sympy.pi), (math.e, sympy.E)):
        if constant.value == value:
            return name
    return _number(constant.value)


def _number(value: Any) -> Any:
    """A number as the user wrote it: 0.1 is one tenth, and a number with many digits is that very float."""
    if isinstance(value, (bool, np.bool_)):
        return sympy.true if value else sympy.false
    if float(value).is_integer() and abs(value) < 1e15:
        return sympy.Integer(int(value))
    text = repr(float(value))
    return sympy.Rational(text) if len(text) <= 10 and math.isfinite(value) else sympy.Rational(float(value))


def _apply(name: str, *operands: Any) -> Any:
    rule = VALUES.get(name)
    if rule is None:
        raise EngineError(f"sympy has no expression here for a {name} step.")
    return rule(*operands)


def _where(condition: Any, x: Any, z: Any) -> Any:
    return sympy.Piecewise((x, condition), (z, True))


def _several(rule: Callable) -> Callable:
    return lambda *xs: rule(*xs)


# The value of every primitive that sympy has an expression for. Kinks are written so that sympy's derivative there is the
# convention of the engine: Heaviside(0) = 1/2 shares a tie, and relu'(0) = 0.
VALUES: dict[str, Callable] = {
    "add": lambda x, z: x + z, "sub": lambda x, z: x - z, "mul": lambda x, z: x * z, "div": lambda x, z: x / z,
    "neg": lambda x: -x, "square": lambda x: x**2, "pow": lambda x, z: x**z, "alias": lambda x: x,
    "sin": sympy.sin, "cos": sympy.cos, "tan": sympy.tan, "arcsin": sympy.asin, "arccos": sympy.acos, "arctan": sympy.atan,
    "sinh": sympy.sinh, "cosh": sympy.cosh, "tanh": sympy.tanh, "arcsinh": sympy.asinh, "arccosh": sympy.acosh,
    "arctanh": sympy.atanh, "exp": sympy.exp, "expm1": lambda x: sympy.exp(x) - 1, "exp2": lambda x: 2**x,
    "log": sympy.log, "log1p": lambda x: sympy.log(1 + x),
    "log2": lambda x: sympy.log(x, 2), "log10": lambda x: sympy.log(x, 10),
    "sqrt": sympy.sqrt, "cbrt": lambda x: sympy.sign(x) * sympy.Abs(x) ** sympy.Rational(1, 3), "reciprocal": lambda x: 1 / x,
    "sigmoid": lambda x: 1 / (1 + sympy.exp(-x)), "softplus": lambda x: sympy.log(1 + sympy.exp(x)),
    "sech2": lambda x: 1 / sympy.cosh(x) ** 2,
    "abs": sympy.Abs, "sign": sympy.sign, "max": _several(sympy.Max), "min": _several(sympy.Min), "where": _where,
    "relu": lambda x: sympy.Piecewise((x, x > 0), (0, True)),
    "erf": sympy.erf, "erfc": sympy.erfc, "gamma": sympy.gamma, "loggamma": lambda x: sympy.log(sympy.Abs(sympy.gamma(x))),
    "digamma": sympy.digamma, "arctan2": sympy.atan2, "hypot": lambda x, z: sympy.sqrt(x**2 + z**2),
    "logaddexp": lambda x, z: sympy.log(sympy.exp(x) + sympy.exp(z)),
    "deg2rad": lambda x: x * sympy.pi / 180, "rad2deg": lambda x: x * 180 / sympy.pi,
}  # fmt: skip


# -- the second opinion ----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class SymbolicRow:
    """One input: the engine's slope and sympy's, and their distance relative to the largest slope."""

    input: str
    engine: float
    sympy: float

    @property
    def distance(self) -> float:
        return abs(self.engine - self.sympy)


class SymbolicMismatch(EngineError, AssertionError):
    """The engine's gradient is not sympy's. ``rows`` holds every input."""

    def __init__(self, sentence: str, rows: tuple[SymbolicRow, ...]):
        super().__init__(sentence)
        self.rows = rows

    def __reduce__(self) -> Any:
        return (SymbolicMismatch, (self.sentence, self.rows))


def check_symbolic(trace: Trace, tolerance: float = 1e-12) -> tuple[SymbolicRow, ...]:
    """Compare the gradient of a scalar trace with sympy's, evaluated with 30 digits at the trace's point.

    ``tolerance`` is relative to the largest slope of the trace's own adjoints. Returns a row for every input; raises
    SymbolicMismatch (an EngineError and an AssertionError) that names the inputs that differ and by how much.

    >>> rows = check_symbolic(Function.of("sin(x*y) + x**2").trace({"x": 1.5, "y": -0.5}))
    >>> [(row.input, row.distance < 1e-15) for row in rows]
    [('x', True), ('y', True)]
    """
    symbols = symbols_of(trace.function)
    expression = to_sympy(trace.function if trace.function.kind == "text" else trace)
    point = {symbols[name]: sympy.Float(repr(value), 40) for name, value in trace.at.items()}
    rows = tuple(
        SymbolicRow(name, float(trace.gradient[name]), _evaluated(sympy.diff(expression, symbol), point))
        for name, symbol in symbols.items()
    )
    size = max((abs(float(step.adjoint)) for step in trace.steps), default=0.0)
    bad = [row for row in rows if not row.distance <= tolerance * max(size, abs(row.sympy))]
    if bad:
        listed = "; ".join(
            f"by {row.input} it is {row.engine:.12g}, sympy's is {row.sympy:.12g}, off by {row.distance:.2g}" for row in bad
        )
        raise SymbolicMismatch(f"The gradient differs from sympy's: {listed}.", rows)
    return rows


def _evaluated(expression: Any, point: Mapping[Any, Any]) -> float:
    value = expression.subs(point).doit().evalf(30)
    if not value.is_number or value.is_real is False or value in (sympy.zoo, sympy.nan):
        raise EngineError(f"sympy finds no real slope at this point: {str(value)[:60]}.")
    return float(value)

