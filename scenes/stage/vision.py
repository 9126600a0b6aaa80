"""How colours look to colour-blind viewers, and how far apart they are.

Simulation: Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB. Distance: ΔE in CIELAB (CIE 1976).
"""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np

from .theme import Theme, channels, contrast

VISION = {
    "normal": np.eye(3),
    "protan": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deutan": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    "tritan": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
}
_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_WHITE = np.array([0.95047, 1.0, 1.08883])


@cache
def lab(colour: str, vision: str = "normal") -> tuple[float, float, float]:
    """CIELAB of a hex colour as one kind of vision sees it.

    >>> tuple(round(v) for v in lab("#FFFFFF"))
    (100, 0, 0)
    """
    c = np.array(channels(colour))
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    t = _TO_XYZ @ np.clip(VISION[vision] @ linear, 0, 1) / _WHITE
    f = np.where(t > 0.008856, np.cbrt(t), 7.787 * t + 16 / 116)
    return float(116 * f[1] - 16), float(500 * (f[0] - f[1])), float(200 * (f[1] - f[2]))


def colour_distance(one: str, other: str, vision: str = "normal") -> float:
    """ΔE between two hex colours as one kind of vision sees them.

    >>> round(colour_distance("#000000", "#FFFFFF"))
    100
    """
    return float(np.linalg.norm(np.subtract(lab(one, vision), lab(other, vision))))


ROLES = ("value", "knob", "data", "loss", "slope")
APART = 25.0  # ΔE that two roles keep for every kind of vision
READABLE = 4.5  # contrast of text (WCAG 1.4.3)


def too_near(theme: Theme) -> list[str]:
    """Pairs of role colours that some viewers take for one another, as sentences."""
    problems = []
    for a, b in itertools.combinations(ROLES, 2):
        for vision in VISION:
            apart = colour_distance(theme.role(a), theme.role(b), vision)
            if apart < APART:
                problems.append(
                    f"{a} and {b} of the theme {theme.name} are only {apart:.0f} ΔE apart for {vision} vision; "
                    f"{APART:.0f} is the least"
                )
    return problems


def concerns(theme: Theme) -> list[str]:
    """Everything about a theme that some viewers will stumble over: near pairs and faint text. Empty for a safe theme."""
    problems = too_near(theme)
    for role in (*ROLES, "ink", "muted"):
        ratio = contrast(theme.role(role), theme.ground)
        if ratio < READABLE - 0.01:
            problems.append(
                f"text in {role} of the theme {theme.name} has {ratio:.1f}:1 on its ground; {READABLE} is the least"
            )
    ratio = contrast(theme.on_slope, theme.slope)
    if ratio < READABLE - 0.01:
        problems.append(f"text on chips of the theme {theme.name} has {ratio:.1f}:1; {READABLE} is the least")
    return problems
