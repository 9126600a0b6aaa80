"""Names, numbers and the shapes of formulas, in two languages of mathematics: Typst and LaTeX.

A ``Notation`` knows how one language writes a name, a fraction, a power …; what is written, and in which order, is
decided in ``formula``. Both languages share the reading of a user's name.

    >>> TYPST.name("w_out"), LATEX.name("w_out")
    ('w_"out"', 'w_{\\\\mathrm{out}}')
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .errors import EngineError

_GREEK = {
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "mu", "nu", "xi", "pi",
    "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi",
    "Sigma", "Phi", "Psi", "Omega",
}  # fmt: skip
_ALIASES = {"lam": "lambda", "lamda": "lambda", "lambda_": "lambda", "eps": "epsilon", "omicron": "o"}


class Notation:
    """What both languages share: how a user's name is taken apart."""

    def name(self, name: str) -> str:
        """A user's name: one letter italic, Greek as Greek, a trailing number as subscript, words upright."""
        if re.fullmatch(r"[A-Za-zÀ-ɏΑ-ω]", name):
            return name
        name = _ALIASES.get(name, name)
        if name in _GREEK or name == "lambda":
            return self.greek(name)
        hat = re.fullmatch(r"(.+)_(hat|bar|tilde)", name)
        if hat:
            base = self.name(hat[1])
            if not self.is_word(base):
                return self.accent(hat[2], base)
        parts = re.fullmatch(r"([A-Za-zΑ-ω]|[A-Za-z]{2,}?)_?(\d+)", name) or re.fullmatch(r"([A-Za-z]+)_([A-Za-z0-9]+)", name)
        if parts:
            base, below = self.name(parts[1]), parts[2]
            if not self.is_word(base) or below.isdigit():
                return self.subscript(base, below if re.fullmatch(r"\d+|[A-Za-z]", below) else self.words(below))
        return self.words(name)

    def number(self, text: str) -> tuple[str, bool]:
        """A printed number, and whether it is a product (a power of ten)."""
        text = text.replace("_", "").replace("−", "-").strip()
        mantissa, found, power = text.lower().partition("e")
        if not found or not re.fullmatch(r"[+-]?\d+", power):
            return (text if re.fullmatch(r"-?[\d.]+", text) else self.words(text)), False
        return f"{mantissa.rstrip('.')}{self.dot}{self.power('10', str(int(power)))}", True

    # -- what a language must say of itself ------------------------------------------------------------------
    style: str
    dot: str
    thin: str
    slash: str
    dots: str
    pi: str
    partial: str
    outer: str
    star: str
    tall: tuple[str, ...]  # what makes a body too tall for an exponent

    def greek(self, name: str) -> str:
        raise NotImplementedError

    def words(self, text: str) -> str:
        raise NotImplementedError

    def is_word(self, body: str) -> bool:
        raise NotImplementedError

    def accent(self, mark: str, base: str) -> str:
        raise NotImplementedError

    def subscript(self, base: str, below: str) -> str:
        raise NotImplementedError

    def power(self, base: str, exponent: str) -> str:
        raise NotImplementedError


class Typst(Notation):
    """Typst's mathematics (without the dollar signs)."""

    style = "typst"
    dot, thin, slash, dots = " dot ", " thin ", " slash ", "dots.h"
    pi, partial, outer, star = "pi", "partial ", " times.o ", " * "
    tall = ("frac(", "slash", "sqrt(", "e^(")
    heads = {
        "sin": "sin", "cos": "cos", "tan": "tan", "arcsin": "arcsin", "arccos": "arccos", "arctan": "arctan",
        "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "log": "ln", "log2": "log_2 ", "log10": "log_10 ", "exp": "exp",
        "sigmoid": "sigma", "max": "max", "min": "min", "det": "det", "gamma": "Gamma", "digamma": "psi",
        "trigamma": "psi'",
    }  # fmt: skip
    signs = {">": ">", "<": "<", ">=": ">=", "<=": "<=", "==": "=", "!=": "!="}

    def greek(self, name: str) -> str:
        return name

    def words(self, text: str) -> str:
        clean = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
        return f'"{clean}"'

    def is_word(self, body: str) -> bool:
        return body.startswith('"')

    def accent(self, mark: str, base: str) -> str:
        return f"{'macron' if mark == 'bar' else mark}({base})"

    def subscript(self, base: str, below: str) -> str:
        return f"{base}_{below}"

    def index(self, base: str, below: str) -> str:
        return f"{base}_({below})"

    def power(self, base: str, exponent: str) -> str:
        return f"{base}^({exponent})"

    def square(self, base: str) -> str:
        return f"{base}^2"

    def transposed(self, base: str) -> str:
        return f'{base}^"T"'

    def paren(self, body: str) -> str:
        return f"({body})"

    def frac(self, above: str, below: str) -> str:
        return f"frac({above}, {below})"

    def root(self, body: str, degree: str = "") -> str:
        return f"root({degree}, {body})" if degree else f"sqrt({body})"

    def bars(self, body: str, double: bool = False) -> str:
        return f"norm({body})" if double else f"abs({body})"

    def big(self, sign: str, body: str) -> str:
        return f"{'sum' if sign == 'sum' else 'product'} {body}"

    def head(self, name: str) -> str:
        return self.heads.get(name) or f"op({self.words(name)})"

    def call(self, head: str, bodies: Sequence[str]) -> str:
        return f"{head}({', '.join(bodies)})"

    def cases(self, rows: Sequence[tuple[str, str]]) -> str:
        return "cases(" + ", ".join(f'{value} "if" {condition}' for value, condition in rows) + ")"


class Latex(Notation):
    """LaTeX's mathematics (without the dollar signs); needs no package but amsmath."""

    style = "latex"
    dot, thin, slash, dots = r" \cdot ", r" \, ", " / ", r"\dots"
    pi, partial, outer, star = r"\pi", r"\partial ", r" \otimes ", r" \ast "
    tall = (r"\frac", " / ", r"\sqrt", "e^{")
    heads = {
        **{name: "\\" + name for name in (
            "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "exp", "max", "min", "det",
        )},
        "log": r"\ln", "log2": r"\log_{2}", "log10": r"\log_{10}", "sigmoid": r"\sigma", "gamma": r"\Gamma",
        "digamma": r"\psi", "trigamma": r"\psi'",
    }  # fmt: skip
    signs = {">": ">", "<": "<", ">=": r"\ge", "<=": r"\le", "==": "=", "!=": r"\ne"}
    _ESCAPES = str.maketrans({
        "\\": r"\backslash ", "{": r"\{", "}": r"\}", "_": r"\_", "%": r"\%", "&": r"\&", "#": r"\#", "$": r"\$",
        "^": r"\hat{\ }", "~": r"\sim ", " ": r"\ ", "\n": r"\ ",
    })  # fmt: skip

    def greek(self, name: str) -> str:
        return "\\" + name

    def words(self, text: str) -> str:
        return rf"\mathrm{{{text.translate(self._ESCAPES)}}}"

    def is_word(self, body: str) -> bool:
        return body.startswith(r"\mathrm")

    def accent(self, mark: str, base: str) -> str:
        return rf"\{mark}{{{base}}}"

    def subscript(self, base: str, below: str) -> str:
        return f"{base}_{below}" if len(below) == 1 else f"{base}_{{{below}}}"

    def index(self, base: str, below: str) -> str:
        return f"{{{base}}}_{{{below}}}"

    def power(self, base: str, exponent: str) -> str:
        return f"{base}^{{{exponent}}}"

    def square(self, base: str) -> str:
        return f"{base}^2"

    def transposed(self, base: str) -> str:
        return rf"{base}^{{\mathsf{{T}}}}"

    def paren(self, body: str) -> str:
        return rf"\left({body}\right)"

    def frac(self, above: str, below: str) -> str:
        return rf"\frac{{{above}}}{{{below}}}"

    def root(self, body: str, degree: str = "") -> str:
        return rf"\sqrt[{degree}]{{{body}}}" if degree else rf"\sqrt{{{body}}}"

    def bars(self, body: str, double: bool = False) -> str:
        return rf"\left\|{body}\right\|" if double else rf"\left|{body}\right|"

    def big(self, sign: str, body: str) -> str:
        return rf"\{'sum' if sign == 'sum' else 'prod'} {body}"

    def head(self, name: str) -> str:
        return self.heads.get(name) or rf"\operatorname{{{name.translate(self._ESCAPES)}}}"

    def call(self, head: str, bodies: Sequence[str]) -> str:
        return head + self.paren(", ".join(bodies))

    def cases(self, rows: Sequence[tuple[str, str]]) -> str:
        lines = r" \\ ".join(rf"{value} & \text{{if }} {condition}" for value, condition in rows)
        return rf"\begin{{cases}} {lines} \end{{cases}}"


TYPST, LATEX = Typst(), Latex()
_STYLES: dict[str, Typst | Latex] = {"typst": TYPST, "latex": LATEX}


def notation(style: str) -> Typst | Latex:
    """The language under its name; raises EngineError for another than "typst" or "latex"."""
    if style not in _STYLES:
        raise EngineError(f"There is no style {style!r} of formulas; there are {', '.join(_STYLES)}.")
    return _STYLES[style]


def typeset(name: str, style: str = "typst") -> str:
    """A user's name: one letter italic, Greek as Greek, a trailing number as subscript, words upright.

    >>> [typeset(name) for name in ("x", "c_0", "c0", "theta", "loss", "w_out", "y_hat")]
    ['x', 'c_0', 'c_0', 'theta', '"loss"', 'w_"out"', 'hat(y)']
    >>> print(*[typeset(name, "latex") for name in ("c_0", "x12", "theta", "loss", "w_out", "y_hat")])
    c_0 x_{12} \\theta \\mathrm{loss} w_{\\mathrm{out}} \\hat{y}
    """
    return notation(style).name(name)


def quoted(text: str) -> str:
    """Upright text in Typst mathematics."""
    return TYPST.words(text)


def number(text: str, style: str = "typst") -> tuple[str, bool]:
    """A printed number, and whether it is a product (a power of ten).

    >>> number("2"), number("1e-05"), number("-0.5")
    (('2', False), ('1 dot 10^(-5)', True), ('-0.5', False))
    """
    return notation(style).number(text)
