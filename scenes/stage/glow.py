"""Light: a soft round of colour behind what is active. Drawn by StageCamera; any other camera shows a faint flat disc."""

from __future__ import annotations

from typing import Any

from manim import Circle, VGroup, VMobject

from .theme import Theme


class Glow(Circle):
    """A disc that fades from its centre as (1 − d)^falloff.

    `width` and `height` are in frame units; `strength` is the opacity in the centre.
    """

    def __init__(self, colour: str, width: float, height: float, strength: float, falloff: float = 2.2, **kwargs: Any):
        super().__init__(radius=1, stroke_width=0, fill_color=colour, fill_opacity=strength, **kwargs)
        self.falloff = falloff
        self.stretch_to_fit_width(width).stretch_to_fit_height(height)
        self.set_z_index(-6)

    @classmethod
    def pool(cls, theme: Theme, width: float = 4.4, height: float = 2.8) -> Glow:
        """The warm lamp light that follows the active object. Weak: coloured text must stay readable in it."""
        return cls(theme.pool, width * 1.5, height * 1.5, theme.pool_strength * 1.6, 1.8)


def halo(path: VMobject, colour: str, width: float, strength: float = 1.0) -> VGroup:
    """The glow of a line: the same path under itself, wide and faint. `width` is the stroke width of the line."""
    layers = VGroup()
    for factor, opacity in ((7, 0.03), (5, 0.05), (3.2, 0.08), (2, 0.14)):
        layer = VMobject().set_points(path.points.copy())
        layers.add(layer.set_stroke(colour, width * factor, opacity * strength).set_fill(opacity=0))
    return layers


__all__ = ["Glow", "halo"]
