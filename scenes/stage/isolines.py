"""Lines of equal height on a mesh, as polylines: marching squares, all cells at once, then linked end to end."""

from __future__ import annotations

from collections import defaultdict

import numpy as np


def isolines(x: np.ndarray, y: np.ndarray, heights: np.ndarray, level: float) -> list[np.ndarray]:
    """The lines on which `heights` (shape (n, m) over `x`, `y`) equals `level`, each of shape (k, 2).

    A closed line ends where it begins. Cells with a hole in a corner have no line.

    >>> x = np.linspace(-1, 1, 41)
    >>> (ring,) = isolines(x, x, x[:, None] ** 2 + x[None, :] ** 2, 0.25)
    >>> bool(np.allclose(np.hypot(*ring.T), 0.5, atol=1e-3)), bool((ring[0] == ring[-1]).all())
    (True, True)
    """
    above = heights > level
    with np.errstate(all="ignore"):
        good = np.isfinite(heights)
        cells = good[:-1, :-1] & good[1:, :-1] & good[:-1, 1:] & good[1:, 1:]
        case = (above[:-1, :-1] * 1 + above[1:, :-1] * 2 + above[1:, 1:] * 4 + above[:-1, 1:] * 8) * cells
    places: dict[tuple[int, int, int], tuple[float, float]] = {}
    links: dict[tuple[int, int, int], list[tuple[int, int, int]]] = defaultdict(list)
    for i, j in zip(*np.nonzero((case > 0) & (case < 15)), strict=True):
        for one, other in _segments(int(case[i, j]), heights[i : i + 2, j : j + 2], level):
            ends = [_edge(int(i), int(j), side) for side in (one, other)]
            for edge in ends:
                if edge not in places:
                    places[edge] = _cross(x, y, heights, level, edge)
            links[ends[0]].append(ends[1])
            links[ends[1]].append(ends[0])
    return [np.array([places[edge] for edge in chain]) for chain in chains(links)]


# Sides of a cell: 0 lower (along x at y_j), 1 right (along y at x_i+1), 2 upper, 3 left. Saddles are settled by the middle.
_CASES = {
    1: ((3, 0),), 2: ((0, 1),), 3: ((3, 1),), 4: ((1, 2),), 6: ((0, 2),), 7: ((3, 2),),
    8: ((2, 3),), 9: ((0, 2),), 11: ((1, 2),), 12: ((3, 1),), 13: ((0, 1),), 14: ((3, 0),),
}  # fmt: skip


def _segments(case: int, corners: np.ndarray, level: float) -> tuple[tuple[int, int], ...]:
    if case in (5, 10):
        joined = (float(corners.mean()) > level) == (case == 5)
        return ((3, 2), (0, 1)) if joined else ((3, 0), (1, 2))
    return _CASES[case]


def _edge(i: int, j: int, side: int) -> tuple[int, int, int]:
    """An edge of the mesh by its lower end and its direction (0 along x, 1 along y), the same for both its cells."""
    return ((i, j, 0), (i + 1, j, 1), (i, j + 1, 0), (i, j, 1))[side]


def _cross(
    x: np.ndarray, y: np.ndarray, heights: np.ndarray, level: float, edge: tuple[int, int, int]
) -> tuple[float, float]:
    i, j, along = edge
    k, m = (i, j + 1) if along else (i + 1, j)
    share = (level - heights[i, j]) / (heights[k, m] - heights[i, j])
    return float(x[i] + share * (x[k] - x[i])), float(y[j] + share * (y[m] - y[j]))


def chains(links: dict) -> list[list]:
    """Nodes with at most two neighbours each, in the order of a walk; a ring ends where it begins.

    >>> chains({1: [2], 2: [1, 3], 3: [2]})
    [[1, 2, 3]]
    """
    left = {node: list(others) for node, others in links.items()}
    found = []
    ends = [node for node, others in left.items() if len(others) == 1]
    for start in [*ends, *left]:
        while left[start]:
            chain, at = [start], start
            while left[at]:
                onward = left[at].pop()
                left[onward].remove(at)
                chain.append(onward)
                at = onward
            found.append(chain)
    return found
