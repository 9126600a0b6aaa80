"""The camera: manim's own, with two things it lacks – graph paper as a background, and light that fades from a centre."""

from __future__ import annotations

import functools
from typing import Any

import cairo
import numpy as np
from manim import Camera, VMobject

from .theme import NIGHT, Theme, channels


@functools.lru_cache(maxsize=2)
def graph_paper(theme: Theme, width: int, height: int, frame: tuple[float, float], step: float = 0.5) -> np.ndarray:
    """The ground as RGBA bytes of shape (height, width, 4): the grid runs through the middle, fades to the rim, corners darken.

    Lines are one pixel wide at every size, so they never flicker. Painted once for a theme and a size, and read-only.
    """
    w, h = frame
    x = (np.arange(width) + 0.5) / width * w - w / 2
    y = h / 2 - (np.arange(height) + 0.5) / height * h
    on_x, on_y = np.zeros(width, bool), np.zeros(height, bool)
    for on, size, span in ((on_x, width, w), (on_y, height, h)):
        ticks = np.arange(-int(span / 2 / step), int(span / 2 / step) + 1) * step
        on[np.clip(((ticks + span / 2) / span * size).astype(int), 0, size - 1)] = True
    fade = np.exp(-((np.abs(x)[None, :] / (0.56 * w)) ** 4) - (np.abs(y)[:, None] / (0.62 * h)) ** 4)
    lines = (on_x[None, :] | on_y[:, None]) * fade * theme.grid
    radius = np.hypot(x[None, :] / (w / 2), y[:, None] / (h / 2)) / np.sqrt(2)
    dark = 1 - theme.vignette * np.clip((radius - 0.55) / 0.45, 0, 1) ** 2
    ground, ink = np.array(channels(theme.ground)), np.array(channels(theme.ink))
    picture = (ground + (ink - ground) * lines[..., None]) * dark[..., None]
    rgba = np.full((height, width, 4), 255, np.uint8)
    rgba[..., :3] = np.round(255 * picture)
    rgba.flags.writeable = False
    return rgba


class StageCamera(Camera):
    """Manim's Cairo camera on graph paper; a mobject with `falloff` is filled by a radial gradient."""

    theme: Theme = NIGHT

    def on(self, theme: Theme) -> StageCamera:
        """Paint the ground of another theme."""
        self.theme = theme
        self.init_background()
        self.reset()
        return self

    def init_background(self) -> None:
        """Graph paper in place of the flat colour."""
        self.background = graph_paper(
            self.theme, self.pixel_width, self.pixel_height, (self.frame_width, self.frame_height)
        )

    def set_cairo_context_color(self, ctx: cairo.Context, rgbas: Any, vmobject: VMobject) -> Any:
        """As manim does, save for mobjects that fade outwards or are filled with a picture (see picture.py)."""
        picture = getattr(vmobject, "picture", None)
        if picture is not None and len(vmobject.points):
            ctx.set_source(picture.pattern(vmobject, rgbas[0][3], self.pixel_width / self.frame_width))
            return self
        falloff = getattr(vmobject, "falloff", None)
        if falloff is None or len(vmobject.points) == 0:
            return super().set_cairo_context_color(ctx, rgbas, vmobject)
        red, green, blue, alpha = rgbas[0]
        (left, low, _), (right, high, _) = vmobject.points.min(axis=0), vmobject.points.max(axis=0)
        rx, ry = max((right - left) / 2, 1e-6), max((high - low) / 2, 1e-6)
        fade = cairo.RadialGradient(0, 0, 0, 0, 0, 1)
        for d in np.linspace(0, 1, 12):
            fade.add_color_stop_rgba(d, blue, green, red, alpha * (1 - d) ** falloff)  # cairo keeps its bytes as BGRA
        fade.set_matrix(cairo.Matrix(1 / rx, 0, 0, 1 / ry, -(left + right) / 2 / rx, -(low + high) / 2 / ry))
        ctx.set_source(fade)
        return self
