"""The sheet: what is seen of it agrees with rays traced through its triangles, and it has neither seams nor jags."""

from __future__ import annotations

from typing import Any

import cairo
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainreel.scenes.stage.isolines import isolines
from chainreel.scenes.stage.mesh import Pane, Scenery, Sheet, even_lines, runs
from chainreel.scenes.stage.quads import Quads
from chainreel.scenes.stage.space import GAP, Eye, Relief, Space
from chainreel.scenes.stage.theme import NIGHT, PAPER, channels

X, Y = np.linspace(-3, 3, 61), np.linspace(-2.5, 2.5, 51)


def waves(seed: int) -> Any:
    """A smooth hilly height field in [0, 2]."""
    draw = np.random.default_rng(seed)
    parts = [(draw.uniform(-1.6, 1.6, 2), draw.uniform(0, 6.3), draw.uniform(0.2, 1)) for _ in range(4)]
    total = sum(w for *_, w in parts)

    def height(x: Any, y: Any) -> Any:
        return 1 + sum(w * np.sin(k[0] * x + k[1] * y + p) for k, p, w in parts) / total

    return height


def world(height: Any, eye: Eye, top: float = 9.0, lines: int = 61) -> tuple[Space, Sheet]:
    x, y = even_lines(-3, 3, lines), even_lines(-2.5, 2.5, lines)
    relief = Relief(X, Y, height(X[:, None], Y[None, :]), top)
    return Space(relief, eye), Sheet(x, y, height(x[:, None], y[None, :]), top)


def hidden_by_a_triangle(space: Space, point: np.ndarray, skip: float) -> bool:
    """Brute force: whether any triangle of the relief's mesh lies between a point and the eye."""
    i, j = np.indices((len(X), len(Y)))
    corners = np.stack([X[i], Y[j], space.lift(space.relief.heights)], -1)
    a, b, c, d = corners[:-1, :-1], corners[1:, :-1], corners[1:, 1:], corners[:-1, 1:]
    one = np.concatenate([a.reshape(-1, 3), a.reshape(-1, 3)])
    two = np.concatenate([b.reshape(-1, 3), c.reshape(-1, 3)])
    three = np.concatenate([c.reshape(-1, 3), d.reshape(-1, 3)])
    ray = space.eye.position - point
    u, v = two - one, three - one
    cross = np.cross(ray, v)
    det = np.einsum("ij,ij->i", u, cross)
    with np.errstate(all="ignore"):
        s = point - one
        p = np.einsum("ij,ij->i", s, cross) / det
        q = np.cross(s, u)
        r = q @ ray / det
        t = np.einsum("ij,ij->i", v, q) / det
    return bool(((p >= 0) & (r >= 0) & (p + r <= 1) & (t > skip) & (t < 1)).any())


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.floats(-60, 60), st.floats(25, 60))
def test_what_is_seen_agrees_with_rays_through_all_triangles(seed: int, azimuth: float, elevation: float) -> None:
    height = waves(seed)
    space, _ = world(height, Eye(azimuth, elevation))
    draw = np.random.default_rng(seed)
    free = np.column_stack([draw.uniform(-2.9, 2.9, 25), draw.uniform(-2.4, 2.4, 25), draw.uniform(0, 3.2, 25)])
    above = np.abs(free[:, 2] - space.lift(space.relief.height(free[:, 0], free[:, 1])))
    free = free[above > 0.05]
    seen = space.seen(free)
    wrong = [k for k, p in enumerate(free) if seen[k] == hidden_by_a_triangle(space, p, 0.0)]
    assert len(wrong) <= 1  # a ray that only grazes a silhouette may go either way
    places = np.column_stack([draw.uniform(-2.7, 2.7, 25), draw.uniform(-2.2, 2.2, 25)])
    on = space.on_sheet(places)
    facing = np.abs(np.einsum("ij,ij->i", space.normals(on), space.eye.position - on)) / 28
    seen = space.seen(on, on_sheet=True)
    wrong = [
        k for k, p in enumerate(on)
        if facing[k] > 0.15 and seen[k] == hidden_by_a_triangle(space, p, 0.12 / np.linalg.norm(space.eye.position - p))
    ]  # fmt: skip
    assert len(wrong) <= 2


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.floats(-170, 170), st.floats(25, 89))
def test_nearer_faces_are_painted_later(seed: int, azimuth: float, elevation: float) -> None:
    """The order by lines of the mesh puts, at every place of the frame, the nearest face on top."""
    space, sheet = world(waves(seed), Eye(azimuth, elevation), lines=21)
    scenery = Scenery(NIGHT, space, sheet, np.zeros(len(sheet.faces)))
    corners = np.column_stack([sheet.points, space.lift(sheet.heights)])[sheet.faces]
    spots = space.project(corners.reshape(-1, 3)).reshape(-1, 4, 2)
    far = scenery._far()
    into = space.eye.axes[2]
    for pixel in spots.mean(axis=1)[:: len(spots) // 30]:
        inside = [k for k in range(len(spots)) if _holds(spots[k], pixel)]
        depth = {k: float(corners[k].mean(axis=0) @ into) for k in inside}
        if len(inside) > 1:
            top = min(inside, key=lambda k: far[k])
            nearest = min(inside, key=lambda k: depth[k])
            assert far[top] <= far[nearest] and (top == nearest or abs(depth[top] - depth[nearest]) < 0.6)


def _holds(quad: np.ndarray, p: np.ndarray) -> bool:
    a, b = quad - p, np.roll(quad, -1, axis=0) - p
    turn = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    return bool((turn > 1e-12).all() or (turn < -1e-12).all())


def painted(scenery: Scenery, width: int = 240, height: int = 180, scale: float = 30.0) -> np.ndarray:
    surface = cairo.ImageSurface(cairo.FORMAT_ARGB32, width, height)
    scenery.draw(surface, scale, np.array([-width / 2, height / 2 + 20]))
    surface.flush()
    return np.ndarray((height, width, 4), np.uint8, surface.get_data()).copy()


@pytest.mark.parametrize("lines", [17, 33, 97])
@pytest.mark.parametrize("azimuth", [-42.0, 17.0, 45.0])
def test_there_are_no_seams_between_faces(lines: int, azimuth: float) -> None:
    """A tilted plane of one colour is one colour, all over."""
    space, sheet = world(lambda x, y: 1 + 0.1 * x + 0 * y, Eye(azimuth, 35), lines=lines)
    scenery = Scenery(NIGHT, space, sheet, np.full(len(sheet.faces), 0.5))
    pixels = painted(scenery)
    full = pixels[..., 3] == 255
    inner = full.copy()
    for shift in (-2, -1, 1, 2):
        inner &= np.roll(full, shift, 0) & np.roll(full, shift, 1)
    assert inner.sum() > 5000
    assert np.ptp(pixels[inner][:, :3].astype(int), axis=0).max() <= 2
    partial = (pixels[..., 3] > 0) & ~full  # only along the outline
    assert 0 < partial.sum() < 4 * (240 + 180)


def test_a_near_hill_covers_what_is_behind_it() -> None:
    """A ridge in front of a valley: the pixel of a hidden place has the ridge's colour."""
    def height(x: Any, y: Any) -> Any:
        return 2.0 * np.exp(-((y + 1) ** 2) * 4) + 0 * x

    space, sheet = world(height, Eye(0.0, 30.0))
    shares = (sheet.points[sheet.faces][:, :, 1].mean(axis=1) < 0).astype(float)  # the near half is bright
    scenery = Scenery(PAPER, space, sheet, shares)
    behind = space.on_sheet(np.array([[0.0, 0.1]]))
    assert not space.seen(behind, on_sheet=True)[0]
    x, y = (space.project(behind)[0] * 30 - [-120, 110]) * [1, -1]
    pixel = painted(scenery)[int(y), int(x), :3] / 255
    near = np.abs(pixel[0] - pixel[1])  # the bright half is far more coloured than the pale one
    assert near > 0.15


def test_glass_lies_between_the_half_behind_and_the_half_before_it() -> None:
    space, sheet = world(waves(3), Eye(-40, 35))
    scenery = Scenery(NIGHT, space, sheet, np.zeros(len(sheet.faces)))
    scenery.panes = [Pane(0, 0.0, (-2.5, 2.5), (0, 2), 1.0), Pane(1, 0.0, (-3, 3), (0, 2), 1.0)]
    sides = scenery._sides()
    middle = sheet.points[sheet.faces].mean(axis=1)
    eye = space.eye.position
    assert ((sides >= 2) == ((middle[:, 0] > 0) == (eye[0] > 0))).all()
    assert ((sides % 2 == 1) == ((middle[:, 1] > 0) == (eye[1] > 0))).all()
    plain, glazed = Scenery(NIGHT, space, sheet, np.zeros(len(sheet.faces))), scenery
    assert (painted(plain) != painted(glazed)).any()


def test_the_rim_is_a_line_of_equal_height_and_holes_stay_open() -> None:
    def height(x: Any, y: Any) -> Any:
        with np.errstate(invalid="ignore"):
            return np.where(x * x + y * y > 0.49, x * x / 4 + y * y / 4, np.nan)

    x = np.linspace(-3, 3, 61)
    sheet = Sheet(x, x, height(x[:, None], x[None, :]), 1.0, lambda a, b: float(height(np.float64(a), np.float64(b))))
    assert sheet.heights[np.unique(sheet.faces)].max() <= 1.0 + 1e-9
    radii = sorted(float(np.median(np.hypot(*sheet.points[rim].T))) for rim in sheet.rims)
    assert radii == pytest.approx([0.7, 2.0], abs=0.02)
    inner = min((sheet.points[rim] for rim in sheet.rims), key=lambda p: float(np.hypot(*p.T).mean()))
    assert np.hypot(*inner.T).max() < 0.76  # the true border, no staircase


def test_cost_grows_slower_than_the_faces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nine times the faces are far fewer than nine times the paths that cairo fills."""
    paths = []
    whole = Quads.onto

    def counted(self: Quads, pen: Any) -> Any:
        put = whole(self, pen)

        def count(first: int, last: int) -> None:
            paths[-1] += 1
            put(first, last)

        return count

    monkeypatch.setattr(Quads, "onto", counted)
    for lines in (33, 97):
        space, sheet = world(waves(5), Eye(-40, 35), lines=lines)
        assert len(sheet.faces) == (lines - 1) ** 2
        paths.append(0)
        painted(Scenery(NIGHT, space, sheet, sheet.middle / 2))
    assert paths[0] < 32 * 32 and paths[1] < 7 * paths[0]


def test_equal_pictures_have_equal_stamps_and_others_have_not() -> None:
    """A cache keeps frames by stamps, for days and between processes."""
    stamps = []
    for _ in range(2):
        space, sheet = world(waves(7), Eye(-40, 35))
        stamps.append(Scenery(NIGHT, space, sheet, np.zeros(len(sheet.faces))).stamp)
    assert repr(stamps[0]) == repr(stamps[1])
    space.look(Eye(-41, 35))
    assert Scenery(NIGHT, space, sheet, np.zeros(len(sheet.faces))).stamp != stamps[0]


def test_quads_are_the_same_with_and_without_the_fast_way(monkeypatch: pytest.MonkeyPatch) -> None:
    from chainreel.scenes.stage import quads as module

    faces = np.random.default_rng(1).uniform(0, 40, (9, 4, 2))
    pictures = []
    for fast in (True, False):
        if not fast:
            monkeypatch.setattr(module, "_APPEND", None)
        surface = cairo.ImageSurface(cairo.FORMAT_ARGB32, 40, 40)
        pen = cairo.Context(surface)
        Quads(faces).append(pen, 2, 7)
        pen.fill()
        surface.flush()
        pictures.append(bytes(surface.get_data()))
    assert pictures[0] == pictures[1]


def test_isolines_are_on_their_level_and_saddles_do_not_break() -> None:
    x = np.linspace(-1, 1, 31)
    for line in isolines(x, x, x[:, None] * x[None, :], 0.1):
        assert np.abs(line[:, 0] * line[:, 1] - 0.1).max() < 2e-3
    assert runs(np.array([True, True, False, True, False, True, True, True])) == [slice(0, 2), slice(5, 8)]
    assert GAP > 0 and len(channels(NIGHT.loss)) == 3
