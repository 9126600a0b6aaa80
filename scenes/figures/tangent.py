"""How a tangent looks: outlined, and pointing right. A tag that carries it, and the stream in which it runs along a wire."""

from __future__ import annotations

from typing import Any

from manim import Animation, Polygon, VGroup, VMobject
from manim.utils.rate_functions import smooth

from ..stage.parts import chevron
from ..stage.theme import Theme
from ..stage.wire import Wire

PITCH = 0.42


class Tag(VGroup):
    """An outlined tag that points right and carries a tangent; a tangent of zero is muted."""

    def __init__(self, theme: Theme, number: VMobject, height: float = 0.38, *, live: bool = True):
        super().__init__()
        tip, pad = 0.16 * height / 0.36, 0.09
        w, h = number.width / 2 + pad, height / 2
        body = Polygon([w, h, 0], [-w, h, 0], [-w, -h, 0], [w, -h, 0], [w + tip, 0, 0])
        body.round_corners(0.03)
        body.set_fill(theme.slot, 0.92).set_stroke(theme.slope if live else theme.rim, 2.5 if live else 1.6)
        number.ground = theme.slot
        self.body, self.number = body, number.move_to(body.get_center() - [tip * 0.4, 0, 0])
        self.add(body, number)


class Stream(VGroup):
    """A wire that carries a tangent: a faint band with outlined chevrons, grown from its left end."""

    def __init__(self, theme: Theme, wire: Wire, width: float = 0.13, fine: bool = False):
        super().__init__()
        self.wire, self.band_width = wire, width
        self.band = VMobject().set_fill(theme.ribbon, 0.20).set_stroke(width=0)
        self.chevrons = VGroup()
        pitch = 0.6 if fine else PITCH
        size = 0.15 if fine else 0.21
        count = max(int((wire.length - 0.2) / pitch), 1) if wire.length > 0.45 else 0
        for i in range(count):
            share = (i + 0.5) / count
            mark = chevron(theme, size, outlined=True).rotate(wire.heading(share)).move_to(wire.at(share))
            mark.share = share
            self.chevrons.add(mark)
        self.add(self.band, self.chevrons)
        self.set_grown(0.0)

    def set_grown(self, share: float) -> None:
        """Fill from the left end over a share of the length."""
        self.band.points = self.wire.band(self.band_width, 0.0, share)
        for mark in self.chevrons:
            mark.set_stroke(opacity=1.0 if mark.share <= share else 0.0)


class GrowStream(Animation):
    """A tangent runs along a wire, from left to right."""

    def __init__(self, stream: Stream, run_time: float = 0.8, **kwargs: Any):
        kwargs.setdefault("rate_func", smooth)
        super().__init__(stream, introducer=True, run_time=run_time, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        self.mobject.set_grown(self.rate_func(min(max(alpha, 0.0), 1.0)))
