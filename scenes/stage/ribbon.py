"""A ribbon of blame: a band along a wire, as wide as the contribution that it carries, with chevrons that point back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from manim import Animation, VGroup, VMobject
from manim.utils.rate_functions import smooth

from .parts import chevron
from .theme import Theme
from .wire import Wire

PITCH = 0.36


class Ribbon(VGroup):
    """The band of one edge, grown from the target (right) towards the source (left) up to a share of its length."""

    def __init__(self, theme: Theme, wire: Wire, width: float, keep_free: float = 0.0, fine: bool = False):
        super().__init__()
        self.theme, self.wire, self.band_width = theme, wire, width
        live, rest = theme.ribbon_opacity
        self.live, self.rest_opacity = live, rest
        self.band = VMobject().set_fill(theme.ribbon, live).set_stroke(width=0)
        self.chevrons = VGroup()
        size, pitch = (0.15, 0.62) if fine else (min(max(0.19, width), 0.30), PITCH)  # fine: many wires side by side
        free = keep_free / max(wire.length, 1e-6)
        count = int((wire.length - keep_free - 0.25) / pitch) if wire.length > 0.5 else 0
        for i in range(max(count, 0)):
            share = 1 - (0.25 + i * pitch) / wire.length
            if share < free:
                break
            mark = chevron(theme, size).rotate(wire.heading(share) + math.pi).move_to(wire.at(share))
            mark.share = share
            self.chevrons.add(mark)
        self.add(self.band, self.chevrons)
        self.set_grown(0.0)

    def set_grown(self, share: float) -> None:
        """Fill the band from the right end over a share of its length."""
        self.band.points = self.wire.band(self.band_width, 1 - share, 1.0)
        for mark in self.chevrons:
            mark.set_fill(opacity=1.0 if mark.share >= 1 - share else 0.0)


class GrowRibbon(Animation):
    """Blame runs back along a wire; a chip rides on its tip and, if `land` is given, falls to that point at the end.

    With `absorb` the chip melts away as it lands.
    """

    def __init__(
        self, ribbon: Ribbon, chip: VMobject | None = None, rest_at: float = 0.0, land: np.ndarray | None = None,
        absorb: bool = False, **kwargs: Any,
    ):  # fmt: skip
        self.chip, self.rest_at, self.land, self.absorb = chip, rest_at, land, absorb
        group = VGroup(ribbon, chip) if chip is not None else VGroup(ribbon)
        kwargs.setdefault("rate_func", smooth)
        super().__init__(group, introducer=True, **kwargs)
        self.ribbon = ribbon

    def interpolate_mobject(self, alpha: float) -> None:
        alpha = min(max(alpha, 0.0), 1.0)
        run = 1.0 if self.land is None else 0.72
        share = self.rate_func(min(alpha / run, 1.0))
        self.ribbon.set_grown(share)
        if self.chip is not None:
            place = self.ribbon.wire.at(1 - share * (1 - self.rest_at))
            if self.land is not None and alpha > run:
                fallen = self.rate_func((alpha - run) / (1 - run))
                down, aside = self.rate_func(min(1.8 * fallen, 1.0)), self.rate_func(max(1.8 * fallen - 0.8, 0.0))
                place = place + (self.land - place) * [aside, down, 1.0]  # first down, so that it passes under a label
                if self.absorb:  # it melts into what lies there
                    self.chip.set_fill(opacity=1 - fallen)
            self.chip.move_to(place)
