"""The sum of one unit, written out: z = w₁x₁ + w₂x₂ + b with symbols, and with the numbers of a pass, a brace under each term.

The shown arithmetic closes at the shown rounding, or says ≈ (R20).
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from manim import VGroup, VMobject

from chainreel.engine import Quantity
from chainreel.engine.learning import NetworkPass

from ..stage.formula import FLOOR, Formula, Marker, number_source
from ..stage.ledger import Printed
from ..stage.number import Number
from ..stage.rounding import decimals_for, read_back, shown
from ..stage.theme import Theme

MOST = 4  # terms that are written out
LETTERS = "hguvqs"


def layer_letter(one: NetworkPass, level: int) -> str:
    """The letter of a layer's values: x, h, g, …; p or y at the end."""
    if level == 0:
        return "x"
    if level == len(one.sizes) - 1:
        return "p" if one.layers[-1].activation.name == "sigmoid" else "y"
    return LETTERS[(level - 1) % len(LETTERS)]


def unit_symbol(one: NetworkPass, level: int, j: int) -> str:
    """The Typst source of a unit's name: `h_2`, or `p` where there is only one output."""
    letter = layer_letter(one, level)
    return letter if level == len(one.sizes) - 1 and one.sizes[level] == 1 else f"{letter}_({j + 1})"


def input_role(level: int) -> str:
    """The colour of what a layer reads."""
    return "data" if level == 1 else "value"


class SymbolSum(Formula):
    """`z_1 = w_1 x_1 + w_2 x_2 + b` of unit j of a layer; above four inputs the middle is left out."""

    def __init__(self, one: NetworkPass, level: int, j: int, theme: Theme, room: float, size: float = 44):
        count, role = one.sizes[level - 1], input_role(level)

        def term(mark: Marker, i: int | str, k: int) -> str:
            letter = layer_letter(one, level - 1)
            return f"{mark('knob', k, f'w_({i})')} {mark(role, k, f'{letter}_({i})')}"

        def write(mark: Marker) -> str:
            shown_terms = range(count) if count <= MOST else (0, 1)
            terms = [term(mark, i + 1, i) for i in shown_terms]
            if count > MOST:
                terms += ["dots.h.c", term(mark, count, count - 1)]
            if one.layers[level - 1].bias:
                terms.append(mark("knob", count, "b"))
            z = "z" if one.sizes[level] == 1 else f"z_({j + 1})"
            return f"{mark('value', -1, z)} = {' + '.join(terms)}"

        line = Formula(write, theme, size)
        if line.width > room:
            line = Formula(write, theme, max(size * room / line.width, FLOOR))
        super().__init__(write, theme, line.font_size, tinted=True)


class NumberSum(VGroup):
    """The same with numbers. `terms[k]` are the glyphs of a term, its brace and its product; `result` is the rest.

    `fits` says whether it is short enough for `room`; where it is not, only the sum itself is written. `braced` is whether
    the bias has a brace as well.
    """

    def __init__(
        self, one: NetworkPass, level: int, j: int, theme: Theme, source: str, room: float, size: float = 44, *,
        braced: bool = True,
    ):  # fmt: skip
        super().__init__()
        self.braced = braced
        self.one, self.level, self.j, self.theme, self.source_name = one, level, j, theme, source
        self.fits = one.sizes[level - 1] <= MOST and self._write(room, size)
        if not self.fits:
            self.submobjects.clear()
            self._write(room, size, whole=False)

    def _write(self, room: float, size: float, whole: bool = True) -> bool:
        one, level, j, theme = self.one, self.level, self.j, self.theme
        inside = one.sizes[level - 1]
        count = inside if whole else 0
        self.count = count + bool(one.layers[level - 1].bias)
        weights = [self._named("weight", (i, j)) for i in range(count)]
        inputs = [self._input(i) for i in range(count)]
        products = [self._named("product", (i, j)) for i in range(count)]
        bias = [self._named("bias", (j,))] if one.layers[level - 1].bias and whole else []
        total = self._named("sum", (j,))
        self.decimals, self.exact = closing(weights, inputs, products, bias, total, kept=level > 1)
        z = "z" if one.sizes[level] == 1 else f"z_({j + 1})"
        entries: list[Printed] = []

        def number(mark: Marker, role: str, k: int, q: Quantity, places: int | None) -> str:
            text = shown(float(q.value), places, auto=False)
            entries.append(Printed(q, text, places))
            body = mark(role, k, number_source(text))
            return f"{mark('ink', k, 'paren.l')} {body} {mark('ink', k, 'paren.r')}" if text.startswith("−") else body

        def write(mark: Marker) -> str:
            entries.clear()
            parts = []
            for k, (w, x) in enumerate(zip(weights, inputs, strict=True)):
                low = number(mark, "knob", k, w, short(w, self.decimals))
                high = number(mark, input_role(level), k, x, short(x, self.decimals) if level == 1 else self.decimals)
                plus = "" if k == 0 else mark("ink", k, "+") + " "
                parts.append(f"{plus}{low} {mark('ink', k, 'dot')} {high}")
            for b in bias:
                parts.append(f"{mark('ink', count, '+')} {number(mark, 'knob', count, b, short(b, self.decimals))}")
            sign = "=" if self.exact or not whole else "approx"
            tail = f"{mark('ink', -1, sign)} " + mark(
                "value", -1, number_source(shown(float(total.value), self.decimals, auto=False))
            )
            entries.append(Printed(total, shown(float(total.value), self.decimals, auto=False), self.decimals))
            head = f"{mark('value', -2, z)} {mark('ink', -2, '=')} " if parts else mark("value", -2, z)
            return f"{head} {' '.join(parts)} {tail}"

        line = Formula(write, theme, size, tinted=True)
        if line.width > room:
            line = Formula(write, theme, max(size * room / line.width, FLOOR), tinted=True)
        self.line, fits = line, line.width <= room + 1e-6
        line.provenance = list(entries)
        self.add(line)
        self.braces = VGroup()
        for k in range(self.count if self.braced else count) if whole else ():
            glyphs = list(line.part(k))[1 if k else 0 :]  # without the plus
            left, right = min(g.get_left()[0] for g in glyphs), max(g.get_right()[0] for g in glyphs)
            low = line.get_bottom()[1] - 0.06
            q = products[k] if k < count else bias[0]
            value = Number(q, theme.tint("value"), 28, "medium", decimals=self.decimals)
            value.move_to([(left + right) / 2, low - 0.40, 0])
            self.braces.add(VGroup(brace(theme, left, right, low), value))
        for one_brace, other in pairwise(self.braces):
            fits = fits and one_brace[1].get_right()[0] + 0.08 < other[1].get_left()[0]
        self.add(self.braces)
        return fits

    def _named(self, what: str, at: tuple[int, ...]) -> Quantity:
        q = self.one.quantity(f"{what}/{self.level}", at)
        return Quantity(self.source_name, q.key, q.value)

    def _input(self, i: int) -> Quantity:
        q = self.one.quantity("input", (i,)) if self.level == 1 else self.one.quantity(f"value/{self.level - 1}", (i,))
        return Quantity(self.source_name, q.key, q.value)

    @property
    def head(self) -> VGroup:
        """`z =` at the left."""
        return self.line.part(-2)

    @property
    def result(self) -> VGroup:
        """`= 0.40` at the right."""
        return self._told(self.line.part(-1), self.line.provenance[-1:])

    def term(self, k: int) -> VGroup:
        """The glyphs of a term, with its plus: a weight and what it weighs, or the bias."""
        inside = self.one.sizes[self.level - 1]
        return self._told(self.line.part(k), self.line.provenance[2 * k : 2 * min(k + 1, inside) + (k == inside)])

    @staticmethod
    def _told(part: VGroup, entries: list[Printed]) -> VGroup:
        """A part of the line comes on its own, so it knows its own numbers."""
        part.provenance = entries
        return part


def short(q: Quantity, decimals: int) -> int:
    """As few decimals as the number has, at most those given."""
    places = decimals_for(float(q.value))
    return decimals if places is None else min(places, decimals)


def closing(
    weights: list[Quantity], inputs: list[Quantity], products: list[Quantity], bias: list[Quantity], total: Quantity,
    kept: bool = False,
) -> tuple[int, bool]:
    """Decimals at which the shown products and their sum close, and whether there are any (else two, and ≈)."""
    for decimals in (2, 3, 4):

        def read(q: Quantity, places: int) -> float:
            return read_back(shown(float(q.value), places, auto=False))

        parts = [read(q, decimals) for q in (*products, *bias)]
        half = 0.5 * 10.0**-decimals * (1 + 1e-9)
        good = abs(sum(parts) - read(total, decimals)) < half
        for w, x, p in zip(weights, inputs, products, strict=True):
            good = good and abs(
                read(w, short(w, decimals)) * read(x, decimals if kept else short(x, decimals)) - read(p, decimals)
            ) <= half
        if good:
            return decimals, True
    return 2, False


def brace(theme: Theme, left: float, right: float, y: float, depth: float = 0.13) -> VMobject:
    """A curly brace that hangs under a term."""
    middle, r = (left + right) / 2, min(depth / 2 * 1.2, (right - left) / 4)
    line = VMobject().set_stroke(theme.ink, 2.2).set_fill(opacity=0)
    low = y - depth / 2
    line.start_new_path(np.array([left, y, 0.0]))
    line.add_quadratic_bezier_curve_to(np.array([left, low, 0]), np.array([left + r, low, 0]))
    line.add_line_to(np.array([middle - r, low, 0]))
    line.add_quadratic_bezier_curve_to(np.array([middle, low, 0]), np.array([middle, y - depth, 0]))
    line.add_quadratic_bezier_curve_to(np.array([middle, low, 0]), np.array([middle + r, low, 0]))
    line.add_line_to(np.array([right - r, low, 0]))
    line.add_quadratic_bezier_curve_to(np.array([right, low, 0]), np.array([right, y, 0]))
    return line


__all__ = ["MOST", "NumberSum", "SymbolSum", "brace", "closing", "input_role", "layer_letter", "short", "unit_symbol"]
