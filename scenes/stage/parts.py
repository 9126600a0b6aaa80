"""The small parts that figures share: panels, operator signs, value discs, chips and the baskets that hold them."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import CapStyleType, Circle, DashedVMobject, Line, Polygon, RoundedRectangle, VGroup, VMobject

from .theme import Theme, mix


def panel(theme: Theme, width: float, height: float, radius: float = 0.16) -> RoundedRectangle:
    """A box that carries ink, lighter on top."""
    box = RoundedRectangle(corner_radius=min(radius, height / 2 - 1e-3), width=width, height=height)
    box.set_fill([theme.panel, theme.panel_top], 1).set_sheen_direction([0, 1, 0])
    return box.set_stroke(mix(theme.rim, theme.ink, 0.15), 2.5)


def slot(theme: Theme, width: float, height: float, radius: float = 0.10, rim: str | None = None) -> RoundedRectangle:
    """A panel that carries coloured text: darker than the ground (on paper: whiter)."""
    box = RoundedRectangle(corner_radius=min(radius, height / 2 - 1e-3), width=width, height=height)
    return box.set_fill(theme.slot, 0.92).set_stroke(rim or theme.rim, 1.4, 0.8)


def disc(theme: Theme, radius: float, role: str = "value") -> Circle:
    """A round that holds a computed value."""
    colour = theme.role(role)
    base = theme.ground if theme.dark else "#FFFFFF"
    top, low = (mix(base, colour, share) for share in theme.disc_mix)
    return Circle(radius).set_fill([low, top], 1).set_sheen_direction([0, 1, 0]).set_stroke(colour, 3)


def awaiting(theme: Theme, shape: VMobject, role: str = "value", dashes: int = 18) -> DashedVMobject:
    """The dashed outline of something not yet known."""
    outline = DashedVMobject(shape.copy().set_fill(opacity=0), num_dashes=dashes, dashed_ratio=0.55)
    return outline.set_stroke(theme.role(role), 2.4)


def sign(theme: Theme, which: str, arm: float = 0.24, width: float = 4.5) -> VGroup | None:
    """A drawn operator sign: round-capped strokes, so that × and + weigh the same. None for anything else."""
    ink = theme.ink
    strokes: Any = {
        "+": [((-1, 0), (1, 0)), ((0, -1), (0, 1))],
        "−": [((-1, 0), (1, 0))],
        "×": [((-0.78, -0.78), (0.78, 0.78)), ((-0.78, 0.78), (0.78, -0.78))],
        "÷": [((-1, 0), (1, 0))],
    }.get(which)
    if strokes is None:
        return None
    group = VGroup()
    for a, b in strokes:
        line = Line([a[0] * arm, a[1] * arm, 0], [b[0] * arm, b[1] * arm, 0]).set_stroke(ink, width)
        group.add(round_caps(line))
    if which == "÷":
        for y in (0.62, -0.62):
            dot = Circle(arm * 0.17).move_to([0, y * arm, 0])
            group.add(dot.set_fill(ink, 1).set_stroke(width=0))
    return group


def round_caps(mobject: VMobject) -> VMobject:
    """Round line ends for a mobject and its parts."""
    for part in mobject.get_family():
        part.cap_style = CapStyleType.ROUND
    return mobject


class Chip(VGroup):
    """A tag that points left and carries a slope; `number` is the mobject written on it."""

    def __init__(self, theme: Theme, number: VMobject, height: float = 0.36, *, slim: bool = False):
        super().__init__()
        tip, pad = (0.12, 0.06) if slim else (0.17 * height / 0.36, 0.10)
        width = number.width + 2 * pad + 0.04
        h, w = height / 2, width / 2
        body = Polygon([-w, h, 0], [w, h, 0], [w, -h, 0], [-w, -h, 0], [-w - tip, 0, 0])
        body.round_corners(0.03)
        self.body = body.set_fill(theme.slope, 1).set_stroke(width=0)
        self.number = number.move_to(body.get_center() + [tip * 0.42, 0, 0])
        self.add(self.body, self.number)


def basket(theme: Theme, width: float, height: float = 0.44) -> VGroup:
    """An open tray in which blame is collected."""
    w, h, r = width / 2, height / 2, 0.09
    fill = RoundedRectangle(corner_radius=r, width=width, height=height).set_stroke(width=0)
    fill.set_fill(theme.slope, 0.10 if theme.dark else 0.12)
    rim = VMobject().set_stroke(theme.slope, 2.5).set_fill(opacity=0)
    rim.start_new_path(np.array([-w, h, 0]))
    rim.add_line_to(np.array([-w, -h + r, 0]))
    rim.add_quadratic_bezier_curve_to(np.array([-w, -h, 0]), np.array([-w + r, -h, 0]))
    rim.add_line_to(np.array([w - r, -h, 0]))
    rim.add_quadratic_bezier_curve_to(np.array([w, -h, 0]), np.array([w, -h + r, 0]))
    rim.add_line_to(np.array([w, h, 0]))
    return VGroup(fill, rim)


def chevron(theme: Theme, size: float, *, outlined: bool = False) -> VMobject:
    """An arrow head that points to +x: filled for the reverse sweep, outlined for forward mode."""
    s = size / 2
    corners = [(-0.9, 1), (0.1, 1), (0.9, 0), (0.1, -1), (-0.9, -1), (-0.1, 0)]
    shape = Polygon(*[[x * s, y * s, 0] for x, y in corners])
    if outlined:
        return shape.set_fill(opacity=0).set_stroke(theme.slope, 2)
    bright = mix(theme.slope, "#FFFFFF", 0.12) if theme.dark else theme.slope
    return shape.set_fill(bright, 1).set_stroke(width=0)


def meet(a: VMobject, b: VMobject, gap: float = 0.05) -> bool:
    """Whether the boxes of two mobjects come nearer to each other than `gap` frame units."""
    return bool(
        abs(a.get_center()[0] - b.get_center()[0]) < (a.width + b.width) / 2 + gap
        and abs(a.get_center()[1] - b.get_center()[1]) < (a.height + b.height) / 2 + gap
    )
