"""Formulas: Typst sets them, every glyph knows the role and the step it belongs to.

Each symbol is printed in an invisible colour code of its own; the codes are read back from the glyphs, which are then
painted in the colour of their role. So a part of a formula can be lit, moved or matched without changing the layout.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np
import typst
from manim import VGroup, VMobject
from svgelements import Arc, Close, CubicBezier, Line, Move, Path, QuadraticBezier

from .errors import StageError
from .ledger import Printed
from .outline import Pen
from .rounding import SUPERSCRIPTS
from .theme import Theme

FLOOR = 32  # capital height of 13.7 px at 480 lines (R14)
EM = 0.01045  # frame units of the em per size, as manim's own Typst mobjects have it
_SET = 100.0  # points; Typst rounds outlines to a hundredth of a point, so it sets large


class Mark(NamedTuple):
    """What a glyph stands for."""

    role: str
    step: int | None


class Marker:
    """Hands out colour codes: call it on each symbol while a formula is printed."""

    def __init__(self) -> None:
        self.marks: list[Mark] = []
        self.bodies: list[str] = []  # what each mark prints, without the codes inside it
        self.printed: list[Printed] = []

    def __call__(self, role: str, step: int | None, body: str) -> str:
        self.marks.append(Mark(role, step))
        self.bodies.append(re.sub(r'lb\("#[0-9a-f]{6}", ', "lb(", body))
        return f'lb("#{len(self.marks):06x}", {body})'


class _Glyph(NamedTuple):
    points: np.ndarray
    fill: str
    stroke: float


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(ignore_system_fonts=True)


@lru_cache(maxsize=4096)
def _outline(d: str) -> np.ndarray:
    pen = Pen()
    for piece in Path(d):
        if isinstance(piece, Move):
            pen.move_to(piece.end.x, piece.end.y)
        elif isinstance(piece, Close):
            pen.close()
        elif isinstance(piece, Line):
            pen.line_to(piece.end.x, piece.end.y)
        elif isinstance(piece, QuadraticBezier):
            pen.quadratic_to(piece.control.x, piece.control.y, piece.end.x, piece.end.y)
        elif isinstance(piece, CubicBezier):
            one, two, end = piece.control1, piece.control2, piece.end
            pen.cubic_to(one.x, one.y, two.x, two.y, end.x, end.y)
        elif isinstance(piece, Arc):
            for c in piece.as_cubic_curves():
                pen.cubic_to(c.control1.x, c.control1.y, c.control2.x, c.control2.y, c.end.x, c.end.y)
    return pen.points()


def _affine(transform: str) -> tuple[float, float, float, float, float, float]:
    numbers = tuple(float(x) for x in re.findall(r"-?[\d.]+(?:e-?\d+)?", transform))
    if transform.startswith("translate"):
        return (1, 0, 0, 1, numbers[0], numbers[1] if len(numbers) > 1 else 0.0)
    if transform.startswith("scale"):
        return (numbers[0], 0, 0, numbers[-1], 0, 0)
    return numbers  # type: ignore[return-value]


def _times(m: Any, n: Any) -> tuple[float, ...]:
    a, b, c, d, e, f = m
    p, q, r, s, t, u = n
    return (a * p + c * q, b * p + d * q, a * r + c * s, b * r + d * s, a * t + c * u + e, b * t + d * u + f)


@lru_cache(maxsize=2048)
def typeset(source: str) -> tuple[tuple[_Glyph, ...], float]:
    """Glyphs of a formula in em, baseline of its first line at y = 0, and its width. Raises StageError on bad Typst."""
    page = (
        "#set page(width: auto, height: auto, margin: 0pt, fill: none)\n"
        f'#set text(size: {_SET:g}pt, fill: rgb("#ffffff"))\n'
        "#let lb(c, body) = text(fill: rgb(c), body)\n"
        f'$ {source} $'
    )
    try:
        svg: Any = _compiler().compile(page.encode(), format="svg")
    except typst.TypstError as problem:
        raise StageError(f"Typst cannot set the formula {source!r}: {problem}") from None
    root = ET.fromstring(svg if isinstance(svg, bytes) else svg[0])
    ns = "{http://www.w3.org/2000/svg}"
    link = "{http://www.w3.org/1999/xlink}href"
    shapes = {s.get("id"): s.find(f"{ns}path").get("d") for s in root.iter(f"{ns}symbol")}  # type: ignore[union-attr]
    glyphs: list[_Glyph] = []
    baselines: list[float] = []

    def walk(node: ET.Element, m: tuple[float, ...]) -> None:
        if node.get("transform"):
            m = _times(m, _affine(node.get("transform", "")))
        tag = node.tag.removeprefix(ns)
        if tag in ("defs", "symbol"):
            return
        if tag == "use":
            shape = shapes[node.get(link, "#")[1:]]
            place(shape or "", _times(m, (1, 0, 0, 1, float(node.get("x", 0)), float(node.get("y", 0)))), node)
            baselines.append(m[5])
        elif tag == "path":
            place(node.get("d", ""), m, node)
        for child in node:
            walk(child, m)

    def place(d: str, m: tuple[float, ...], node: ET.Element) -> None:
        points = _outline(d)
        if not len(points):
            return
        a, b, c, e, x, y = m
        xy = points[:, :2] @ np.array([[a, b], [c, e]]) + [x, y]
        stroke = 0.0 if node.get("stroke") in (None, "none") else float(node.get("stroke-width", 1)) / _SET
        fill = node.get("stroke") if stroke else node.get("fill")
        glyphs.append(_Glyph(np.column_stack([xy / _SET, np.zeros(len(xy))]), fill or "#ffffff", stroke))

    walk(root, (1, 0, 0, 1, 0, 0))
    if not glyphs:
        raise StageError(f"the formula {source!r} is empty")
    # The line that most glyphs stand on is the baseline; indices, powers and fraction parts stand elsewhere.
    base = max(set(np.round(baselines, 1)), key=list(np.round(baselines, 1)).count) if baselines else 0.0
    flipped = tuple(
        _Glyph(g.points * [1, -1, 1] + [0, base / _SET, 0], g.fill, g.stroke) for g in glyphs
    )
    return flipped, float(root.get("width", "0").removesuffix("pt")) / _SET


class Formula(VGroup):
    """A typeset formula: a group of glyphs, each with `.mark` (role and step).

    `write` receives a Marker and returns Typst source, e.g. `lambda mark: formula(trace.output, mark)`.
    """

    def __init__(
        self,
        write: Callable[[Marker], str],
        theme: Theme,
        size: float = 40,
        *,
        tinted: bool = False,
        printed: Iterable[Printed] = (),
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if size < FLOOR:
            raise StageError(f"a formula at size {size:g} is under the floor of {FLOOR}")
        marker = Marker()
        self.source = write(marker)
        self.font_size = size
        self.provenance = [*printed, *marker.printed]
        self.bodies = marker.bodies
        glyphs, _ = typeset(self.source)
        paint = theme.tint if tinted else theme.role
        for glyph in glyphs:
            code = int(glyph.fill[1:7], 16)
            known = 0 < code <= len(marker.marks)
            mark = marker.marks[code - 1] if known else Mark("ink", None)
            shape = VMobject()
            shape.set_points(glyph.points * size * EM)
            colour = paint(mark.role)
            if glyph.stroke:
                shape.set_stroke(colour, max(glyph.stroke * size * EM * 100, 1.6)).set_fill(opacity=0)
            else:
                # A hair of stroke in the glyph's own colour: thin serifs survive 480 lines.
                shape.set_fill(colour, 1).set_stroke(colour, 0.7)
            shape.mark, shape.term = mark, code if known else 0  # which symbol it belongs to, from 1 on
            self.add(shape)
        self.baseline_offset = float(self.get_center()[1])
        self.natural_height = float(self.height)  # lint measures later scaling against it

    def part(self, *steps: int | None) -> VGroup:
        """The glyphs of those steps, in reading order."""
        return VGroup(*(g for g in self.submobjects if g.mark.step in steps))

    def set_baseline(self, x: float, y: float, anchor: str = "left") -> Formula:
        """Put the left end, middle or right end of the baseline at (x, y)."""
        shift = {"left": -self.width / 2, "middle": 0.0, "right": self.width / 2}[anchor]
        self.move_to([x - shift, y + self.baseline_offset, 0])
        return self


def number_source(text: str) -> str:
    """A printed number as Typst source: `1.23·10⁶` becomes `1.23 dot 10^(6)`.

    >>> number_source("−0.75"), number_source("1.23·10⁶")
    ('-0.75', '1.23 dot 10^(6)')
    """
    text = text.replace("−", "-").replace("∞", "infinity").replace("undefined", '"undefined"')
    for plain, raised in SUPERSCRIPTS.items():
        text = text.replace(chr(raised), "\x00" + chr(plain))
    text = re.sub(r"(?:\x00[-0-9])+", lambda m: "^(" + m[0].replace("\x00", "") + ")", text)
    return text.replace("·", " dot ")
