"""A loss over two inputs as a map: which levels its lines have, and every pixel of it.

Lines are not evenly spaced in loss but in a power of the height above the lowest value, chosen from the data: 1/2 for a
bowl (levels q·n², evenly spaced rings), less for a valley with steep walls, 1 for a plane.
"""

from __future__ import annotations

import numpy as np
from scipy.interpolate import RectBivariateSpline
from scipy.ndimage import distance_transform_edt

from .picture import Paint
from .theme import Theme, channels, mix

LINES = 24
STRONG = 4  # every 4th line
WIDTH = {False: 0.013, True: 0.025}  # frame units


def shades(theme: Theme) -> tuple[str, str]:
    """The colours of the lowest and the highest loss of a map."""
    ground = mix(theme.ground, theme.slot if theme.dark else "#FFFFFF", 0.2)
    low, high = (mix(ground, theme.loss, s) for s in ((0.07, 0.40) if theme.dark else (0.02, 0.30)))
    return low, high


class Field:
    """Values on a mesh: `x` shape (n,), `y` shape (m,), `values` shape (n, m), non-finite allowed.

    >>> x = np.linspace(-1, 1, 41)
    >>> bowl = Field(x, x, x[:, None] ** 2 + x[None, :] ** 2)
    >>> bowl.flat, round(bowl.share(bowl.low), 3)
    (False, 0.0)
    """

    def __init__(self, x: np.ndarray, y: np.ndarray, values: np.ndarray, lowest: float | None = None):
        self.x, self.y, self.values = np.asarray(x, float), np.asarray(y, float), np.asarray(values, float)
        self.finite = np.isfinite(self.values)
        heights = self.values[self.finite]
        self.low = float(heights.min()) if len(heights) else 0.0
        if lowest is not None and np.isfinite(lowest):
            self.low = min(self.low, lowest)
        above = heights - self.low
        self.top = float(np.quantile(above, 0.98)) if len(above) else 0.0
        scale = max(abs(self.low), float(np.abs(heights).max()) if len(heights) else 0.0, 1e-300)
        self.flat = self.top <= 1e-12 * scale
        middle = 1.0 if self.flat else max(float(np.median(above)) / self.top, 1e-12)
        power = float(np.clip(np.log(0.5) / np.log(min(middle, 0.98)), 0.16, 1.0)) if not self.flat else 1.0
        self.power = 0.5 if 0.38 <= power <= 0.62 else power
        self._spline: RectBivariateSpline | None = None

    def share(self, loss: float) -> float:
        """Where a loss lies on the scale of the map: 0 at the lowest, 1 near the highest that is seen."""
        if self.flat or not np.isfinite(loss):
            return 0.0 if self.flat else 1.0
        return float((max(loss - self.low, 0.0) / self.top) ** self.power)

    @property
    def levels(self) -> np.ndarray:
        """The loss of each line, ascending."""
        if self.flat:
            return np.zeros(0)
        return self.low + self.top * (np.arange(1, LINES + 1) / LINES) ** (1 / self.power)

    def _heights(self) -> np.ndarray:
        """Heights above the lowest, holes filled with their nearest neighbour, towers cut."""
        h = np.where(self.finite, self.values - self.low, 0.0)
        if not self.finite.all() and self.finite.any():
            nearest = distance_transform_edt(~self.finite, return_distances=False, return_indices=True)
            h = h[tuple(nearest)]
        return np.minimum(h, self.top * 4.0 ** (1 / self.power))

    @property
    def smooth(self) -> bool:
        """Whether the values have neither holes nor towers, so that a cubic spline may go through them."""
        return bool(self.finite.all() and self._heights().max() < self.top * 4.0 ** (1 / self.power))

    def uphill(self, x: float, y: float) -> tuple[float, float]:
        """The slopes of the spline: by the spline itself where it is smooth, else over a step of the mesh."""
        if self.smooth:
            return float(self.spline.ev(x, y, dx=1)), float(self.spline.ev(x, y, dy=1))
        h, k = (float(r[1] - r[0]) for r in (self.x, self.y))
        return (
            float(self.spline.ev(x + h, y) - self.spline.ev(x - h, y)) / (2 * h),
            float(self.spline.ev(x, y + k) - self.spline.ev(x, y - k)) / (2 * k),
        )

    @property
    def spline(self) -> RectBivariateSpline:
        """The height above the lowest, between the points of the mesh."""
        if self._spline is None:
            h = self._heights()
            k = 3 if self.smooth else 1
            self._spline = RectBivariateSpline(self.x, self.y, h, kx=k, ky=k)
        return self._spline

    def paint(self, theme: Theme, across: float) -> Paint:
        """A painter of the map, `across` frame units wide: shade, lines, and hatching where no value is finite."""

        def pixels(width: int, height: int) -> np.ndarray:
            x = self.x[0] + (np.arange(width) + 0.5) / width * (self.x[-1] - self.x[0])
            y = self.y[-1] - (np.arange(height) + 0.5) / height * (self.y[-1] - self.y[0])
            unit = width / across  # pixels
            low, high = shades(theme)
            if self.flat:
                picture = np.empty((height, width, 3))
                picture[:] = channels(mix(low, high, 0.3))
            else:
                h = np.maximum(self.spline(x, y[::-1])[:, ::-1].T, 0.0) / self.top
                s = h**self.power
                tone = np.clip(s, 0, 1.25)[..., None] / 1.25
                picture = np.array(channels(low)) * (1 - tone) + np.array(channels(high)) * tone
                self._lines(picture, s * LINES, unit, theme)
            if not self.finite.all():
                self._hatch(picture, x, y, unit, theme)
            return np.round(255 * np.clip(picture, 0, 1))

        return pixels

    def _lines(self, picture: np.ndarray, s: np.ndarray, unit: float, theme: Theme) -> None:
        slope = np.maximum(np.hypot(*np.gradient(s)), 1e-9)  # lines a pixel
        colour = np.array(channels(mix(theme.loss, "#FFFFFF", 0.30) if theme.dark else theme.loss))
        for strong in (False, True):
            pitch = STRONG if strong else 1
            nearest = np.round(s / pitch) * pitch
            distance = np.abs(s - nearest) / slope
            half = max(WIDTH[strong] * unit / 2, 0.5 if not strong else 0.75)
            cover = np.clip(half + 0.5 - distance, 0, 1) * (nearest >= 1)
            if not strong:
                cover *= nearest % STRONG != 0
            room = pitch / slope / unit  # distance to the next line, frame units
            cover *= np.clip((room - 0.045) / 0.09, 0, 1)  # where lines crowd, the fine ones give way
            alpha = (cover * ((0.42, 0.80) if theme.dark else (0.38, 0.75))[strong])[..., None]
            picture += (colour - picture) * alpha

    def _hatch(self, picture: np.ndarray, x: np.ndarray, y: np.ndarray, unit: float, theme: Theme) -> None:
        mask = RectBivariateSpline(self.x, self.y, self.finite.astype(float), kx=1, ky=1)
        hole = np.clip((0.5 - mask(x, y[::-1])[:, ::-1].T) * 6 + 0.5, 0, 1)[..., None]
        rows, columns = np.indices(hole.shape[:2])
        pitch = 0.30 * unit
        off = np.abs((rows + columns) / pitch % 1.0 - 0.5) * pitch / np.sqrt(2)
        line = np.clip(0.012 * unit + 0.5 - off, 0, 1)[..., None] * 0.32
        fill = np.array(channels(theme.slot)) * (1 - line) + np.array(channels(theme.muted)) * line
        picture += (fill - picture) * hole


def level_line(
    field: Field, start: tuple[float, float], reach: float, scale: tuple[float, float], n: int = 60
) -> np.ndarray:
    """The line of equal loss through a point, `reach` frame units to either side; numbers of shape (2 n + 1, 2).

    It is followed on the mesh's spline, not with the function's own slopes, so that it can check them.
    """
    sx, sy = scale
    here = np.array(start, float)
    level = float(field.spline.ev(*here))

    def uphill(p: np.ndarray) -> np.ndarray:
        gx, gy = field.uphill(float(p[0]), float(p[1]))
        return np.array([gx / sx, gy / sy])  # in the picture's own metric

    def follow(sign: float) -> list[np.ndarray]:
        at, out = here * [sx, sy], []
        heading: np.ndarray | None = None
        step = reach / n
        for _ in range(n):
            g = uphill(at / [sx, sy])
            size = float(np.hypot(*g))
            if size < 1e-300:
                break
            along = np.array([-g[1], g[0]]) / size * sign
            if heading is not None and along @ heading < 0:
                break
            g2 = uphill((at + along * step / 2) / [sx, sy])
            size2 = float(np.hypot(*g2))
            if size2 < 1e-300:
                break
            along = np.array([-g2[1], g2[0]]) / size2 * sign
            at = at + along * step
            g3 = uphill(at / [sx, sy])
            size3 = float(np.hypot(*g3))
            if size3 > 1e-300:  # back onto the level
                back = (float(field.spline.ev(*(at / [sx, sy]))) - level) / size3 * (g3 / size3)
                if np.hypot(*back) < step:
                    at = at - back
            heading = along
            out.append(at / [sx, sy])
        return out

    return np.array([*follow(-1.0)[::-1], here, *follow(1.0)])
