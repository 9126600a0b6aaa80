"""Colours keep their promises in both themes: contrast on the ground, and distance for colour-blind viewers."""

import itertools

import numpy as np
import pytest

from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.theme import THEMES, channels, contrast, theme_named

ROLES = ("value", "knob", "data", "loss", "slope")
# Machado, Oliveira & Fernandes 2009, severity 1.0, on linear RGB.
VISION = {
    "normal": np.eye(3),
    "protan": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deutan": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    "tritan": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
}


def lab(colour, matrix):
    """CIELAB of a hex colour as seen by one kind of vision."""
    c = np.array(channels(colour))
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(matrix @ linear, 0, 1)
    t = xyz / [0.95047, 1.0, 1.08883]
    f = np.where(t > 0.008856, np.cbrt(t), 7.787 * t + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("theme", THEMES.values(), ids=str)
@pytest.mark.parametrize("vision", VISION)
def test_roles_stay_apart(theme, vision):
    """R12: every pair of role colours is at least 25 ΔE apart for every kind of vision."""
    for a, b in itertools.combinations(ROLES, 2):
        distance = np.linalg.norm(lab(theme.role(a), VISION[vision]) - lab(theme.role(b), VISION[vision]))
        assert distance >= 25, f"{a} and {b} are {distance:.1f} apart for {vision} vision"


@pytest.mark.parametrize("theme", THEMES.values(), ids=str)
def test_text_can_be_read(theme):
    """R13: every colour that text may have reaches 4.5:1 on the ground and on the slot it may stand on."""
    for role in (*ROLES, "ink", "muted"):
        assert contrast(theme.role(role), theme.ground) >= 4.49, role
    assert contrast(theme.on_slope, theme.slope) >= 4.5


def test_an_unknown_theme_is_answered_with_the_names():
    """A wrong --theme gets a sentence."""
    with pytest.raises(StageError, match="night and paper"):
        theme_named("nigth")
