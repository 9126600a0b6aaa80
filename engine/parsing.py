"""A function from text, such as ``u = x*y; sin(u) + x**2``: parsed to a syntax tree and checked node by node.

Nothing of the text is ever evaluated as Python. Allowed are numbers, names, ``+ - * / **``, calls of the functions in
``CALLS`` and assignments to new names; a comparison only as the condition of ``where(x > 0, a, b)``. From the checked
nodes a fresh tree is built and compiled, so that every step of the trace knows its characters.
"""

from __future__ import annotations

import ast
import difflib
import math
import re
import sys
import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from . import elementwise as e
from . import special
from .errors import EngineError
from .spans import TEXT_FILE, Span

LONGEST = 20_000  # characters
DEEPEST = 80  # nested parentheses
LARGEST_POWER = 1000
PIECE = 100  # levels of syntax that are compiled as one expression
_HIDDEN = "__call_"  # a prefix no text can contain, because names may not start with it


def _several(rule: Callable) -> Callable:
    def call(first: Any, *others: Any) -> Any:
        for other in others:
            first = rule(first, other)
        return first

    return call


# name -> (what computes it, fewest arguments, most arguments)
CALLS: dict[str, tuple[Callable, int, int]] = {
    **{name: (e.TABLE[name], 1, 1) for name in (
        "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh",
        "arccosh", "arctanh",
        "exp", "expm1", "log", "log2", "log10", "log1p", "sqrt", "square", "sigmoid", "relu",
        "softplus", "abs", "sign",
    )},
    "asin": (e.arcsin, 1, 1), "acos": (e.arccos, 1, 1), "atan": (e.arctan, 1, 1),
    "asinh": (e.arcsinh, 1, 1), "acosh": (e.arccosh, 1, 1), "atanh": (e.arctanh, 1, 1),
    "ln": (e.log, 1, 1), "min": (_several(e.minimum), 2, 8), "max": (_several(e.maximum), 2, 8),
    **{name: (special.TABLE[name], 1, 1) for name in ("cbrt", "erf", "erfc", "loggamma", "digamma")},
    "Gamma": (special.TABLE["gamma"], 1, 1), "arctan2": (special.TABLE["arctan2"], 2, 2), "where": (e.where, 3, 3),
}  # fmt: skip
CONSTANTS = {"pi": math.pi, "e": math.e}
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow)


@dataclass(frozen=True)
class Parsed:
    """A checked text: the names of its inputs in order of appearance, and the compiled function."""

    text: str
    inputs: tuple[str, ...]
    intermediates: tuple[str, ...]
    call: types.FunctionType


def parse(text: str, inputs: Sequence[str] = ()) -> Parsed:
    """Check a text and compile it; raises EngineError with a caret for everything outside the small language.

    The inputs stand in the order in which they appear, after those that ``inputs`` names.

    >>> parse("u = x*y; sin(u) + x**2").inputs
    ('x', 'y')
    >>> parse("where(y > x, y, x)", ["x"]).inputs
    ('x', 'y')
    """
    return _Parser(text, inputs).run()


class _Parser:
    def __init__(self, text: str, inputs: Sequence[str] = ()):
        self.text = text
        self.lines: list[str] = text.splitlines()
        self.inputs: list[str] = list(inputs)
        self.assigned: list[str] = []
        self.body: list[ast.stmt] = []
        self.parts = 0

    # -- refusals --------------------------------------------------------------------------------------------
    def fail(self, sentence: str, start: tuple[int, int] = (1, 0), end: tuple[int, int] | None = None) -> NoReturn:
        line, column = start
        end_line, end_column = end or (line, column + 1)
        shown = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        sentence += "" if sentence.endswith((".", "?", "…")) else "."
        raise EngineError(sentence, Span(shown[column:end_column], line, column, end_line, end_column, TEXT_FILE, shown))

    def at(self, node: ast.expr | ast.stmt, sentence: str) -> NoReturn:
        line, end_line = node.lineno, node.end_lineno or node.lineno
        start = (line, self.column(line, node.col_offset))
        self.fail(sentence, start, (end_line, self.column(end_line, node.end_col_offset or node.col_offset + 1)))

    def column(self, line: int, byte: int) -> int:
        source = self.lines[line - 1]
        return byte if source.isascii() else len(source.encode()[:byte].decode(errors="replace"))

    # -- before Python's parser sees the text ----------------------------------------------------------------
    def check_size(self) -> None:
        if "\0" in self.text:
            raise EngineError("The text has a null character, which is no part of a formula; remove it.")
        if not self.text.strip():
            raise EngineError("The function is empty; write an expression such as sin(x*y) + x**2.")
        if len(self.text) > LONGEST:
            raise EngineError(
                f"The function is {len(self.text):,} characters long; a text may have {LONGEST:,}. "
                "Write a longer function in a Python file and give file.py:name."
            )
        depth = 0
        for number, line in enumerate(self.lines, 1):
            for column, character in enumerate(line):
                if character in "([{":
                    depth += 1
                    if depth > DEEPEST:
                        self.fail(
                            f"Parentheses are nested more than {DEEPEST} deep here; give parts a name, "
                            "as in u = x*y; sin(u).", (number, column)
                        )  # fmt: skip
                elif character in ")]}":
                    depth -= 1

    def check_spelling(self) -> None:
        for number, line in enumerate(self.lines, 1):
            for pattern, sentence in _HINTS:
                found = re.search(pattern, line)
                if found:
                    self.fail(found.expand(sentence), (number, found.start(1)), (number, found.end(1)))

    # -- the tree --------------------------------------------------------------------------------------------
    def run(self) -> Parsed:
        self.check_size()
        self.check_spelling()
        try:
            tree = ast.parse(self.text)
        except SyntaxError as problem:
            self.syntax(problem)
        except (RecursionError, MemoryError, ValueError):
            raise EngineError(
                "The function is nested too deeply to be read; give parts a name, as in u = x*y; sin(u)."
            ) from None
        body = self.body
        if not tree.body:
            raise EngineError("The function is empty; write an expression such as sin(x*y) + x**2.")
        for statement in tree.body[:-1]:
            self.assignment(statement)
        last = tree.body[-1]
        if isinstance(last, ast.Assign):
            self.assignment(last)
            body.append(_here(ast.Return(_here(ast.Name(self.assigned[-1], ast.Load()), last)), last))
        elif isinstance(last, ast.Expr):
            result = self.expression(last.value)
            body.append(_here(ast.Return(result), last))
        else:
            self.statement(last)
        if not self.inputs:
            raise EngineError(
                f"{self.text.strip()[:60]} has no input: there is nothing to differentiate by. "
                "Use a name such as x for each input."
            )
        return Parsed(self.text, tuple(self.inputs), tuple(self.assigned), self.compile(body))

    def compile(self, body: list[ast.stmt]) -> types.FunctionType:
        arguments = ast.arguments(
            posonlyargs=[], args=[_here(ast.arg(name), body[0]) for name in self.inputs], vararg=None,
            kwonlyargs=[], kw_defaults=[], kwarg=None, defaults=[],
        )  # fmt: skip
        definition = _here(ast.FunctionDef("f", arguments, body, [], None), body[0])
        if sys.version_info >= (3, 12):
            definition.type_params = []
        try:
            module = compile(ast.Module([definition], []), TEXT_FILE + self.text, "exec")  # the name carries the source
        except (RecursionError, MemoryError):
            raise EngineError("The function is nested too deeply; give parts a name, as in u = x*y; sin(u).") from None
        code = next(c for c in module.co_consts if isinstance(c, types.CodeType))
        scope: dict[str, Any] = {_HIDDEN + name: rule for name, (rule, _, _) in CALLS.items()}
        scope["__builtins__"] = {}
        return types.FunctionType(code, scope, "f")

    def assignment(self, statement: ast.stmt) -> None:
        if isinstance(statement, ast.Expr):
            self.at(statement, "This line computes something and drops it; give it a name, as in u = x*y, "
                    "or leave it out")  # fmt: skip
        if not isinstance(statement, ast.Assign):
            self.statement(statement)
        if len(statement.targets) != 1 or not isinstance(statement.targets[0], ast.Name):
            target = statement.targets[0]
            if isinstance(target, ast.Call):
                self.at(target, "Write only the right-hand side: the expression itself, without f(x) = before it")
            self.at(statement, "Assign one name at a time, as in u = x*y")
        name = statement.targets[0].id
        self.check_name(name, statement.targets[0])
        if name in self.inputs:
            self.at(statement, f"{name} is an input already; give this value a new name")
        if name in self.assigned:
            self.at(statement, f"{name} has a value already; give this one a new name")
        value = self.expression(statement.value)
        if name in self.inputs:
            self.at(statement, f"{name} is used before it has a value; give this value a new name")
        self.assigned.append(name)
        self.body.append(_here(ast.Assign([_here(ast.Name(name, ast.Store()), statement)], value, None), statement))

    def statement(self, node: ast.stmt) -> NoReturn:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            self.at(node, "A text holds an expression; write a def in a Python file and give file.py:name")
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            self.at(node, "Nothing can be imported here; sin, exp, sqrt and the like are known by their names")
        if isinstance(node, ast.Return):
            self.at(node, "Leave out return: the last expression is the result")
        if isinstance(node, ast.AugAssign):
            self.at(node, "Write u = u0 + …: a name gets its value once")
        self.at(node, "Only expressions and assignments such as u = x*y are understood here")

    def check_name(self, name: str, node: ast.expr) -> None:
        if name in CALLS:
            self.at(
                node,
                f"{name} is a function here and cannot be a value; choose another name or write {name}(…)",
            )
        if name in CONSTANTS:
            self.at(node, f"{name} is the number {CONSTANTS[name]:.5f} here; choose another name")
        if name.startswith("__") or len(name) > 40:
            self.at(node, "This name cannot be used; choose a short one that does not start with __")
        if name in ("True", "False", "None"):
            self.at(node, f"{name} is no number")

    def expression(self, root: ast.expr) -> ast.expr:
        """Check every node and build its copy, without recursion: children first, then the node over them."""
        waiting: list[tuple[ast.expr, bool]] = [(root, False)]
        built: list[ast.expr] = []
        depth: dict[int, int] = {}
        while waiting:
            node, ready = waiting.pop()
            children = self.children(node) if not ready else []
            if children:
                waiting.append((node, True))
                waiting.extend((child, False) for child in reversed(children))
                continue
            level = 1
            if ready:
                count = _parts(node)
                level += max(depth.pop(id(part), 0) for part in built[-count:])
            whole = self.rebuild(node, built)
            if level > PIECE:  # Python's compiler is recursive: a long chain is handed to it in pieces
                whole, level = self.part(whole), 1
            built.append(whole)
            depth[id(whole)] = level
        return built[0]

    def part(self, whole: ast.expr) -> ast.expr:
        self.parts += 1
        name = f"{_HIDDEN}{self.parts}"
        self.body.append(_here(ast.Assign([_here(ast.Name(name, ast.Store()), whole)], whole, None), whole))
        return _here(ast.Name(name, ast.Load()), whole)

    def children(self, node: ast.expr) -> list[ast.expr]:
        if isinstance(node, ast.BinOp):
            if not isinstance(node.op, _OPERATORS):
                self.operator(node)
            return [node.left, node.right]
        if isinstance(node, ast.UnaryOp):
            if not isinstance(node.op, (ast.USub, ast.UAdd)):
                self.at(node, "This operator has no derivative; + - * / ** are understood")
            return [node.operand]
        if isinstance(node, ast.Call):
            return self.call(node)
        if isinstance(node, (ast.Name, ast.Constant)):
            return []
        self.refuse(node)

    def rebuild(self, node: ast.expr, built: list[ast.expr]) -> ast.expr:
        if isinstance(node, ast.BinOp):
            right, left = built.pop(), built.pop()
            if isinstance(node.op, ast.Pow):
                self.power(node, left, right)
            return _here(ast.BinOp(left, node.op, right), node)
        if isinstance(node, ast.UnaryOp):
            inner = built.pop()
            if isinstance(inner, ast.Constant):
                assert isinstance(inner.value, float)
                return _here(ast.Constant(-inner.value if isinstance(node.op, ast.USub) else inner.value), node)
            return inner if isinstance(node.op, ast.UAdd) else _here(ast.UnaryOp(node.op, inner), node)
        if isinstance(node, ast.Call):
            assert isinstance(node.func, ast.Name)
            count = _parts(node)
            arguments = built[-count:]
            del built[-count:]
            if node.func.id == "where":
                condition = node.args[0]
                assert isinstance(condition, ast.Compare)
                arguments[:2] = [_here(ast.Compare(arguments[0], condition.ops, arguments[1:2]), condition)]
            return _here(ast.Call(_here(ast.Name(_HIDDEN + node.func.id, ast.Load()), node), arguments, []), node)
        if isinstance(node, ast.Constant):
            return self.number(node)
        assert isinstance(node, ast.Name)
        if node.id in CONSTANTS:
            return _here(ast.Constant(CONSTANTS[node.id]), node)
        self.check_name(node.id, node)
        if node.id not in self.assigned and node.id not in self.inputs:
            self.inputs.append(node.id)
        return _here(ast.Name(node.id, ast.Load()), node)

    def number(self, node: ast.Constant) -> ast.expr:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            kind = "complex number" if isinstance(value, complex) else type(value).__name__
            self.at(node, f"A {kind} cannot be used here, only real numbers such as 2 or 0.5")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            self.at(node, "This number is too large: the largest is about 1.8e308")
        return _here(ast.Constant(number), node)

    def power(self, node: ast.BinOp, left: ast.expr, right: ast.expr) -> None:
        exponent = right.value if isinstance(right, ast.Constant) else None
        if isinstance(exponent, float) and abs(exponent) > LARGEST_POWER:
            self.at(
                node,
                f"A power of {exponent:g} leaves the range of numbers; the largest allowed is {LARGEST_POWER}",
            )
        if _is_number(left) and _is_number(right):
            try:
                value = _fold(left) ** _fold(right)
                if isinstance(value, float) and math.isfinite(value):
                    return
            except (OverflowError, ZeroDivisionError, RecursionError):
                pass
            self.at(node, "This power of numbers is too large or not real")

    def operator(self, node: ast.BinOp) -> NoReturn:
        if isinstance(node.op, ast.BitXor):
            self.at(node, "^ is no power here: write **, as in x**2")
        if isinstance(node.op, ast.MatMult):
            self.at(node, "@ needs arrays; write the function in a Python file and give file.py:name")
        self.at(node, "Only + - * / ** are understood here")

    def call(self, node: ast.Call) -> list[ast.expr]:
        if not isinstance(node.func, ast.Name):
            if isinstance(node.func, ast.Attribute):
                self.refuse(node.func)
            self.at(node, "Write * between factors: this reads as a call of a function")
        name = node.func.id
        if name not in CALLS:
            near = difflib.get_close_matches(name, [*CALLS], 1, 0.6)
            if name in self.inputs or name in self.assigned or len(name) == 1 or name in CONSTANTS:
                self.at(node.func, f"{name} is a value and no function; for a product write {name}*( … )")
            hint = f"did you mean {near[0]}?" if near else "known are sin, cos, exp, log, sqrt, tanh, abs, min, max …"
            self.at(node.func, f"There is no function {name} here; {hint}")
        if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
            self.at(node, f"{name} takes plain arguments only, as in {name}(x)")
        _, fewest, most = CALLS[name]
        count = len(node.args)
        if not fewest <= count <= most:
            wanted = "one argument" if most == 1 else f"{fewest} to {most} arguments"
            self.at(node, f"{name} takes {wanted}, not {count}")
        if name == "where":
            condition = node.args[0]
            if not isinstance(condition, ast.Compare) or len(condition.ops) > 1 or isinstance(condition.ops[0], _STRANGE):
                self.at(node.args[0], "The first argument of where is one comparison, as in where(x > 0, x, 0)")
            return [condition.left, condition.comparators[0], *node.args[1:]]
        return list(node.args)

    def refuse(self, node: ast.expr) -> NoReturn:
        for kind, sentence in _REFUSED.items():
            if isinstance(node, kind):
                self.at(node, sentence)
        self.at(
            node,
            "This is outside the small language of formulas: numbers, names, + - * / ** and known functions",
        )

    def syntax(self, problem: SyntaxError) -> NoReturn:
        line, column = problem.lineno or 1, max(0, (problem.offset or 1) - 1)
        line = min(max(line, 1), max(1, len(self.lines)))
        source = self.lines[line - 1] if self.lines else ""
        column = min(column, len(source))
        message = str(problem.msg)
        opened = message.split("'")[1] if "never closed" in message or "unmatched" in message else ""
        if "never closed" in message:
            sentence = f"This {opened} is never closed"
        elif "unmatched" in message:
            sentence = f"This {opened} closes nothing"
        elif "=" in message and "==" in message:
            sentence = "Write the expression alone, or give a part a name as in u = x*y"
        elif column >= len(source.rstrip()) or "expected" in message:
            sentence = "Something is missing here"
        elif "nested parentheses" in message:
            sentence = "The parentheses are nested too deeply here"
        elif "indent" in message:
            sentence = "Start every line at its beginning, without spaces"
        else:
            sentence = "This is no formula as it stands: an operator such as * may be missing, or one is too many"
        self.fail(sentence, (line, column))


_REFUSED: dict[type, str] = {
    ast.Attribute: "Attributes such as a.b are not allowed in a text; write sin(x), not np.sin(x)",
    ast.Lambda: "lambda is not allowed in a text; write the expression alone",
    ast.Compare: "A comparison has no derivative; use abs, min, max, relu or where(x > 0, …) for a function with pieces",
    ast.BoolOp: "and, or have no derivative; use min and max for a function with pieces",
    ast.IfExp: "if … else is not allowed in a text; use abs, min, max or relu, or give a file.py:name",
    ast.Subscript: "Indexing is not allowed in a text; write a Python file and give file.py:name",
    ast.Tuple: "This is several results; a function with a derivative to show has one. Write 0.5, not 0,5",
    ast.List: "Lists are not allowed in a text; write the function in a Python file and give file.py:name",
    ast.NamedExpr: "Write the assignment before the expression, as in u = x*y; sin(u)",
    ast.JoinedStr: "Text in quotes is no number",
}
_HINTS: list[tuple[str, str]] = [
    (rf"(?<![\w.])((?:{'|'.join(CALLS)})\s+(?:\d|[A-Za-z_]))",
    "A function takes its argument in parentheses, as in sin(x)"),
    (r"(?<![\w.])(lambda)\b(?![^;\n]*:)", "lambda is a word of Python itself; call this value lam"),
    (r"(\^)", "^ is no power here: write **, as in x**2"),
    (r"(?<![\w.])(\d[\d._]*(?![eE][+-]?\d)(?:[A-Za-df-zA-DF-Z]\w*|[eE](?![\d+-])\w*))",
    r"A * is missing here: write it between the number and the name, as in 2*x"),
    (r"(?<![\w.])(\d[\d.]*\()", r"A * is missing here: write 2*(x + 1) for a product"),
    (r"(\)\s*(?=[A-Za-z_(]))", "A * is missing after this parenthesis"),
    (r"^\s*([A-Za-z_]\w*\s*\([^()]*\)\s*=)(?!=)",
     "Write only the right-hand side: the expression itself, without f(x) = before it"),
    (r"([×·⋅])", r"Write * for a product"),
    (r"([÷])", r"Write / for a quotient"),
    (r"([−–])", r"Write the plain minus sign -"),
    (r"([²³])", r"Write powers as **, as in x**2"),
    (r"(√)", r"Write sqrt(x) for a square root"),
    (r"(π)", r"Write pi"),
    (r"(\|)", r"Write abs(x) for the absolute value"),
]  # fmt: skip


def _here(node: Any, like: Any) -> Any:
    return ast.copy_location(node, like)


_STRANGE = (ast.Is, ast.IsNot, ast.In, ast.NotIn)


def _parts(node: ast.expr) -> int:
    """How many expressions a node is made of; the condition of where counts as its two sides."""
    if isinstance(node, ast.Call):
        return len(node.args) + (isinstance(node.func, ast.Name) and node.func.id == "where")
    return 2 if isinstance(node, ast.BinOp) else 1


def _is_number(node: ast.expr) -> bool:
    """Whether an already built expression is made of numbers only (powers of numbers have been checked
    small)."""
    return not any(isinstance(part, (ast.Name, ast.Call)) for part in ast.walk(node))


def _fold(node: ast.expr) -> float:
    """The value of an expression of numbers."""
    if isinstance(node, ast.Constant):
        return float(node.value)  # type: ignore[arg-type]
    if isinstance(node, ast.UnaryOp):
        return -_fold(node.operand)
    assert isinstance(node, ast.BinOp)
    left, right = _fold(node.left), _fold(node.right)
    if isinstance(node.op, ast.Add):
        return left + right
    if isinstance(node.op, ast.Sub):
        return left - right
    if isinstance(node.op, ast.Mult):
        return left * right
    return left / right if isinstance(node.op, ast.Div) else left**right
