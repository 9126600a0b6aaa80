"""A scene in three dimensions: an eye, a sheet of heights over a floor, and what can be seen of a point behind it.

World units: x and y lie on the floor, z = 0 is the floor. The sheet floats `GAP` above it and may be pressed flat
(`stature` 0), so that a map can rise into a surface.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

PERSPECTIVE = 0.035  # the eye stands 1 / PERSPECTIVE units away
GAP = 0.75
OFF = 0.015  # how far a point on the sheet is lifted towards the eye before it is judged
CHUNK = 200_000  # samples at a time


@dataclass(frozen=True)
class Eye:
    """Where one looks from: `azimuth` and `elevation` in degrees, and where the middle of the world is on the frame.

    >>> Eye(0, 90).project(np.array([[1.0, 2.0, 0.0]])).round(6)
    array([[1., 2.]])
    """

    azimuth: float
    elevation: float
    zoom: float = 1.0
    centre: tuple[float, float] = (0.0, 0.0)

    @property
    def axes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Unit vectors to the right, upwards and into the picture."""
        a, e = np.radians(self.azimuth), np.radians(self.elevation)
        right = np.array([np.cos(a), np.sin(a), 0.0])
        into = np.array([-np.sin(a) * np.cos(e), np.cos(a) * np.cos(e), -np.sin(e)])
        return right, np.cross(right, into), into

    @property
    def position(self) -> np.ndarray:
        """The eye itself."""
        return -self.axes[2] / PERSPECTIVE

    def project(self, points: np.ndarray) -> np.ndarray:
        """Frame positions, shape (n, 2), of world points, shape (n, 3): one product and one division."""
        seen = np.asarray(points, float) @ np.column_stack(self.axes)
        flat: np.ndarray = seen[..., :2] * (self.zoom / (1 + PERSPECTIVE * seen[..., 2:])) + self.centre
        return flat

    def towards(self, other: Eye, share: float) -> Eye:
        """A share of the way to another eye."""
        a = np.array([self.azimuth, self.elevation, self.zoom, *self.centre])
        b = np.array([other.azimuth, other.elevation, other.zoom, *other.centre])
        azimuth, elevation, zoom, x, y = (float(v) for v in a + (b - a) * share)
        return Eye(azimuth, elevation, zoom, (x, y))


class Relief:
    """Heights on an even mesh: `x` (n,), `y` (m,), `heights` (n, m), nan where there is no sheet, none above `top`."""

    def __init__(self, x: np.ndarray, y: np.ndarray, heights: np.ndarray, top: float):
        self.x, self.y, self.top = np.asarray(x, float), np.asarray(y, float), float(top)
        self.heights = np.asarray(heights, float)
        self.table = np.ascontiguousarray(self.heights, np.float32).ravel()
        self.cell = min(float(x[1] - x[0]), float(y[1] - y[0]))
        here = self.heights[np.isfinite(self.heights) & (self.heights <= self.top)]
        self.low = float(here.min()) if len(here) else 0.0
        self.high = float(here.max()) if len(here) else 0.0

    def height(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The height between the points of the mesh (bilinear); nan outside and in holes."""
        n, m = self.heights.shape
        u = (np.asarray(x, float) - self.x[0]) * ((n - 1) / (self.x[-1] - self.x[0]))
        v = (np.asarray(y, float) - self.y[0]) * ((m - 1) / (self.y[-1] - self.y[0]))
        inside = (u >= -1e-9) & (u <= n - 1 + 1e-9) & (v >= -1e-9) & (v <= m - 1 + 1e-9)
        with np.errstate(invalid="ignore"):
            i = np.clip(np.nan_to_num(u), 0, n - 1 - 1e-9).astype(np.int64)
            j = np.clip(np.nan_to_num(v), 0, m - 1 - 1e-9).astype(np.int64)
        u, v, at, table = u - i, v - j, i * m + j, self.heights.ravel()
        near, far = table[at], table[at + m]
        near = near + (table[at + 1] - near) * v
        far = far + (table[at + m + 1] - far) * v
        return np.where(inside, near + (far - near) * u, np.nan)


class Follower(Protocol):
    """What changes its picture when the eye moves."""

    def follow(self) -> Any:
        """Draw anew from where the eye is now."""


class Space:
    """The world as everything in it shares it. `look` moves the eye and lets all followers draw anew."""

    def __init__(self, relief: Relief, eye: Eye, stature: float = 1.0):
        self.relief, self.eye, self.stature = relief, eye, stature
        self.version = 0
        self.followers: list[Follower] = []

    def __deepcopy__(self, memo: dict[int, Any]) -> Space:
        return self  # manim copies mobjects at every animation; the world stays one

    def look(self, eye: Eye, stature: float | None = None) -> None:
        """Look from another place."""
        self.eye = eye
        self.stature = self.stature if stature is None else stature
        self.version += 1
        for follower in self.followers:
            follower.follow()

    def lift(self, heights: np.ndarray) -> np.ndarray:
        """The z of heights of the sheet."""
        return np.asarray(self.stature * (GAP + np.asarray(heights, float)))

    def on_sheet(self, plan: np.ndarray, heights: np.ndarray | None = None) -> np.ndarray:
        """World points (n, 3) on the sheet over places (n, 2); their heights are those of the mesh unless they are given."""
        h = self.relief.height(plan[:, 0], plan[:, 1]) if heights is None else heights
        return np.column_stack([plan, self.lift(h)])

    def project(self, points: np.ndarray) -> np.ndarray:
        """Frame positions, shape (n, 2)."""
        return self.eye.project(points)

    def normals(self, points: np.ndarray) -> np.ndarray:
        """Unit normals of the sheet at (x, y) of the points, pointing up."""
        x, y, step = points[:, 0], points[:, 1], 0.5 * self.relief.cell
        slopes = []
        for dx, dy in ((step, 0.0), (0.0, step)):
            ahead, behind = self.relief.height(x + dx, y + dy), self.relief.height(x - dx, y - dy)
            here = self.relief.height(x, y)
            slope = np.where(np.isfinite(ahead - behind), (ahead - behind) / 2, np.where(np.isfinite(ahead), ahead, here))
            slope = np.where(np.isfinite(ahead - behind), slope, np.where(np.isfinite(ahead), ahead - here, here - behind))
            slopes.append(self.stature * np.nan_to_num(slope) / step)
        normal = np.column_stack([-slopes[0], -slopes[1], np.ones(len(x))])
        return np.asarray(normal / np.linalg.norm(normal, axis=1)[:, None])

    def seen(self, points: np.ndarray, *, on_sheet: bool = False, lifted: float = 0.0) -> np.ndarray:
        """Which world points (n, 3) the sheet does not hide from the eye, shape (n,).

        From each point a ray runs to the eye; where it passes from one side of the sheet to the other, the sheet is in
        between. Points `on_sheet` are lifted a little to the side that faces the eye first, others by `lifted` units.
        """
        points = np.asarray(points, float)
        if self.stature < 0.02 or not len(points):
            return np.ones(len(points), bool)
        ray = self.eye.position - points
        start = points
        off = OFF if on_sheet else lifted
        if off:
            normal = self.normals(points)
            facing = np.sign(np.einsum("ij,ij->i", normal, ray))
            start = points + off * facing[:, None] * normal
            ray = self.eye.position - start
        relief = self.relief
        floor, roof = self.lift(np.array([relief.low, relief.high]))
        with np.errstate(all="ignore"):  # where the ray leaves the space that the sheet takes
            ends = np.stack([
                np.where(ray[:, 2] > 0, (roof - start[:, 2]) / ray[:, 2], (floor - start[:, 2]) / ray[:, 2]),
                np.where(ray[:, 0] > 0, relief.x[-1] - start[:, 0], relief.x[0] - start[:, 0]) / ray[:, 0],
                np.where(ray[:, 1] > 0, relief.y[-1] - start[:, 1], relief.y[0] - start[:, 1]) / ray[:, 1],
            ])  # fmt: skip
        end = np.clip(np.nanmin(np.where(np.isfinite(ends), ends, np.inf), axis=0), 0.0, 1.0)
        way = float((end * np.hypot(ray[:, 0], ray[:, 1])).max())
        count = int(np.clip(np.ceil(way / relief.cell), 8, 240)) + 1
        out = np.empty(len(points), bool)
        size = max(CHUNK // count, 1)
        for k in range(0, len(points), size):
            part = slice(k, k + size)
            out[part] = self._clear(start[part], ray[part] * end[part, None], count)
        return out

    def _clear(self, start: np.ndarray, way: np.ndarray, count: int) -> np.ndarray:
        relief, t = self.relief, np.linspace(0.0, 1.0, count, dtype=np.float32)[:, None]
        n, m = relief.heights.shape
        ruler = []  # the ray in mesh cells; it stays inside by construction
        for axis, line, most in ((0, relief.x, n - 1), (1, relief.y, m - 1)):
            scale = most / (line[-1] - line[0])
            first = np.clip((start[:, axis] - line[0]) * scale, 0.0, most - 1e-3)
            last = np.clip((start[:, axis] + way[:, axis] - line[0]) * scale, 0.0, most - 1e-3)
            ruler.append(first.astype(np.float32) + t * (last - first).astype(np.float32))
        u, v = ruler
        i, j = u.astype(np.int32), v.astype(np.int32)
        u -= i
        v -= j
        i *= m
        i += j
        table = relief.table
        near, far = table[i], table[i + m]
        near += (table[i + 1] - near) * v
        far += (table[i + (m + 1)] - far) * v
        near += (far - near) * u
        with np.errstate(invalid="ignore"):
            near[near > relief.top] = np.nan  # the sheet is cut there
            low, stature = self.lift(np.zeros(1))[0], self.stature
            over = (start[:, 2] - low).astype(np.float32) + t * way[:, 2].astype(np.float32) - np.float32(stature) * near
            crossed = over[1:] * over[:-1] < 0
        return np.asarray(~crossed.any(axis=0))
