"""Words: Inter, bundled, shaped by HarfBuzz and drawn from its outlines – the same glyphs on every machine, no system font.
Source code is set in the weight "mono", JetBrains Mono without its ligatures: what is shown is what is in the file.

Sizes are manim's font sizes: the em is size / 72 frame units, so 22 gives capitals of 13.3 px at 480 lines.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import uharfbuzz as hb
from manim import VMobject

from .errors import StageError
from .outline import Pen

FLOOR = 22  # nothing on a frame is smaller (R14)
WEIGHTS = {
    "regular": "Inter-Regular.otf", "medium": "Inter-Medium.otf", "semibold": "Inter-SemiBold.otf", "bold": "Inter-Bold.otf",
    "mono": "JetBrainsMono-Medium.ttf",
}  # fmt: skip
CAPITAL = 0.727  # capital height of Inter, in em


@cache
def _font(weight: str) -> tuple[Any, int]:
    if weight not in WEIGHTS:
        raise StageError(f"there is no weight '{weight}'; the weights are {', '.join(WEIGHTS)}")
    data = resources.files("chainreel.scenes.stage").joinpath("fonts", WEIGHTS[weight]).read_bytes()
    face = hb.Face(hb.Blob(data))
    return hb.Font(face), face.upem


@cache
def _glyph(weight: str, index: int) -> np.ndarray:
    font, upem = _font(weight)
    pen, draw = Pen(), hb.DrawFuncs()
    draw.set_move_to_func(lambda x, y, _: pen.move_to(x, y))
    draw.set_line_to_func(lambda x, y, _: pen.line_to(x, y))
    draw.set_quadratic_to_func(lambda a, b, x, y, _: pen.quadratic_to(a, b, x, y))
    draw.set_cubic_to_func(lambda a, b, c, d, x, y, _: pen.cubic_to(a, b, c, d, x, y))
    draw.set_close_path_func(lambda _: pen.close())
    font.draw_glyph(index, draw, None)
    return pen.points() / upem


@cache
def _shape(text: str, weight: str) -> tuple[np.ndarray, float]:
    font, upem = _font(weight)
    line = hb.Buffer()
    line.add_str(text)
    line.guess_segment_properties()
    hb.shape(font, line, {"calt": False, "liga": False} if weight == "mono" else {"tnum": True, "kern": True})
    pieces, x = [], 0.0
    for info, position in zip(line.glyph_infos, line.glyph_positions, strict=True):
        if info.codepoint == 0:
            raise StageError(f"the font has no sign for {text[info.cluster]!r} in {text!r}")
        outline = _glyph(weight, info.codepoint)
        pieces.append(outline + [(x + position.x_offset) / upem, position.y_offset / upem, 0])
        x += position.x_advance
    return (np.concatenate(pieces) if pieces else np.zeros((0, 3))), x / upem


def set_line(text: str, size: float, weight: str) -> tuple[np.ndarray, float]:
    """The outline of one line, starting at the origin on its baseline, and its advance; both in frame units.

    >>> points, advance = set_line("41", 28, "semibold"); points.shape[1], round(advance, 2)
    (3, 0.52)
    """
    points, advance = _shape(text, weight)
    return points * (size / 72), advance * size / 72


class Label(VMobject):
    """One line of words as one mobject.

    Digits are refused: a number on screen must come from the engine (Number) or stand in the user's own names.
    """

    def __init__(
        self, text: str, colour: str, size: float = 24, weight: str = "medium", *, names: bool = False, **kwargs: Any
    ):
        if not names and re.search(r"\d", text):
            raise StageError(f"'{text}' has a typed number; bind it to the engine with Number")
        if size < FLOOR:
            raise StageError(f"'{text}' at size {size:g} is under the floor of {FLOOR}")
        super().__init__(stroke_width=0, fill_color=colour, fill_opacity=1, **kwargs)
        self.text, self.font_size, self.colour = text, size, colour
        self.names = names  # the user's own names and operators, which are not prose
        points, self.advance = set_line(text, size, weight)
        self.set_points(points)
        self.baseline_offset = float(self.get_center()[1]) if len(points) else 0.0
        self.natural_height = float(self.height)  # lint measures later scaling against it

    def set_baseline(self, x: float, y: float, anchor: str = "left") -> Label:
        """Put the left end, middle or right end of the baseline at (x, y)."""
        shift = {"left": -self.width / 2, "middle": 0.0, "right": self.width / 2}[anchor]
        self.move_to([x - shift, y + self.baseline_offset, 0])
        return self
