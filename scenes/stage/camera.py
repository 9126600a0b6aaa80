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
    ground, ink = np.array(channels(theme.ground)), np.array(channels(theme.ink))

    def dark(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        radius = np.hypot(x[None, :] / (w / 2), y[:, None] / (h / 2)) / np.sqrt(2)
        share: np.ndarray = 1 - theme.vignette * np.clip((radius - 0.55) / 0.45, 0, 1) ** 2
        return share[..., None]

    def lines(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        fade = np.exp(-((np.abs(x)[None, :] / (0.56 * w)) ** 4) - (np.abs(y)[:, None] / (0.62 * h)) ** 4)
        return np.round(255 * (ground + (ink - ground) * (fade * theme.grid)[..., None]) * dark(x, y))

    # The ground is the same in all four quarters; the lines are few.
    rgba = np.full((height, width, 4), 255, np.uint8)
    right, down = (width + 1) // 2, (height + 1) // 2
    rgba[:down, :right, :3] = np.round(255 * ground * dark(x[:right], y[:down]))
    rgba[:down, width - right :] = rgba[:down, right - 1 :: -1]
    rgba[height - down :] = rgba[down - 1 :: -1]
    rgba[:, on_x, :3] = lines(x[on_x], y)
    rgba[on_y, :, :3] = lines(x, y[on_y])
    rgba.flags.writeable = False
    return rgba


LIGHT = 64  # pixels across a picture of light; it is smooth, so at any size it is drawn from so many


@functools.lru_cache(maxsize=8)
def fading(falloff: float) -> np.ndarray:
    """(1 − d)^falloff over a square of pixels, d from 0 in its middle to 1 at its sides."""
    x = (np.arange(LIGHT) + 0.5) / LIGHT * 2 - 1
    return np.asarray(np.clip(1 - np.hypot(x[None, :], x[:, None]), 0, 1) ** falloff)


@functools.lru_cache(maxsize=64)
def light(red: float, green: float, blue: float, alpha: float, falloff: float) -> cairo.ImageSurface:
    """A round of light as pixels: enlarging them costs cairo a third of its own radial gradient."""
    share = fading(falloff) * (255 * alpha)
    pixels = np.empty((LIGHT, LIGHT, 4), np.uint8)
    for k, channel in enumerate((red, green, blue, 1.0)):
        pixels[..., k] = np.rint(share * channel)  # cairo wants colour times opacity
    return cairo.ImageSurface.create_for_data(pixels.data, cairo.FORMAT_ARGB32, LIGHT, LIGHT)


class StageCamera(Camera):
    """Manim's Cairo camera on graph paper; a mobject with `falloff` is filled with light that fades from its middle."""

    theme: Theme = NIGHT

    def on(self, theme: Theme) -> StageCamera:
        """Paint the ground of another theme."""
        self.theme = theme
        self.init_background()
        self.reset()
        return self

    def init_background(self) -> None:
        """Graph paper in place of the flat colour; nothing at all where the ground is to be transparent."""
        if self.background_opacity == 0:
            self.background = np.zeros((self.pixel_height, self.pixel_width, 4), np.uint8)
            return
        self.background = graph_paper(
            self.theme, self.pixel_width, self.pixel_height, (self.frame_width, self.frame_height)
        )

    def apply_fill(self, ctx: cairo.Context, vmobject: VMobject) -> Any:
        """As manim does, with what `set_fill_source` chooses."""
        self.set_fill_source(ctx, self.get_fill_rgbas(vmobject), vmobject)
        ctx.fill_preserve()
        return self

    def set_fill_source(self, ctx: cairo.Context, rgbas: Any, vmobject: VMobject) -> None:
        """What a mobject is filled with: its picture (see picture.py), where it has one; the rim has its own colour."""
        picture = getattr(vmobject, "picture", None)
        if picture is None or not len(vmobject.points):
            self.set_cairo_context_color(ctx, rgbas, vmobject)
        else:
            ctx.set_source(picture.pattern(vmobject, rgbas[0][3], self.pixel_width / self.frame_width))

    def set_cairo_context_color(self, ctx: cairo.Context, rgbas: Any, vmobject: VMobject) -> Any:
        """As manim does, save for mobjects that fade outwards."""
        falloff = getattr(vmobject, "falloff", None)
        if falloff is None or len(vmobject.points) == 0:
            return super().set_cairo_context_color(ctx, rgbas, vmobject)
        (left, low, _), (right, high, _) = vmobject.points.min(axis=0), vmobject.points.max(axis=0)
        fade = cairo.SurfacePattern(light(*map(float, rgbas[0]), float(falloff)))
        fade.set_filter(cairo.FILTER_BILINEAR)
        sx, sy = LIGHT / max(right - left, 2e-6), LIGHT / max(high - low, 2e-6)
        fade.set_matrix(cairo.Matrix(sx, 0, 0, sy, -left * sx, -low * sy))
        ctx.set_source(fade)
        return self
