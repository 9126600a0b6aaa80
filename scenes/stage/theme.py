"""Colours with fixed meanings. A theme is passed to whatever draws; nothing here is global state.

Roles: VALUE is computed forward, KNOB may be turned, DATA is given, LOSS is to be made small, SLOPE is a derivative.
The two palettes keep every pair of roles apart for normal, protan, deutan and tritan vision and above 4.5:1 on their ground.
"""

from __future__ import annotations

from dataclasses import dataclass

from .errors import StageError


@dataclass(frozen=True)
class Theme:
    """A complete set of colours, as hex strings.

    >>> NIGHT.role("slope")
    '#E74B2C'
    """

    name: str
    ground: str
    ink: str
    muted: str
    ghost: str
    value: str
    knob: str
    data: str
    loss: str
    slope: str
    on_slope: str  # text on a chip that is filled with the slope colour
    ribbon: str  # the colour of areas that carry blame; on paper the deep red of the text would look dead
    panel: str  # boxes and dial faces, which carry ink only
    panel_top: str
    slot: str  # panels that carry coloured text
    rim: str
    grid: float  # opacity of the graph paper
    vignette: float
    pool: str  # the warm light behind what is active
    pool_strength: float
    glow: float  # multiplies every coloured glow
    disc_mix: tuple[float, float]  # share of the role colour in a disc, top and bottom
    ribbon_opacity: tuple[float, float]  # live, resting
    dark: bool

    def role(self, name: str) -> str:
        """The colour of a role: value, knob, data, loss, slope, ink, muted or ghost."""
        if name not in ROLES:
            raise StageError(f"there is no colour role '{name}'; the roles are {', '.join(ROLES)}")
        return str(getattr(self, name))

    def tint(self, name: str) -> str:
        """The one lighter (on paper: equal) shade of a role that small text on busy ground may use."""
        return mix(self.role(name), "#FFFFFF", 0.22) if self.dark else self.role(name)


ROLES = ("value", "knob", "data", "loss", "slope", "ink", "muted", "ghost")


def channels(colour: str) -> tuple[float, float, float]:
    """The red, green and blue of a hex colour, each from 0 to 1."""
    return tuple(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))  # type: ignore[return-value]


def mix(one: str, other: str, share: float) -> str:
    """`one` with a share of `other` in it, straight in sRGB.

    >>> mix("#000000", "#FFFFFF", 0.5)
    '#808080'
    """
    blend = (a + (b - a) * share for a, b in zip(channels(one), channels(other), strict=True))
    return "#" + "".join(f"{round(255 * c):02X}" for c in blend)


NIGHT = Theme(
    name="night", ground="#11151C", ink="#F2EFE6", muted="#9AA4B2", ghost="#5C6675",
    value="#437AFC", knob="#FBEB0D", data="#60FDB0", loss="#BD659F", slope="#E74B2C",
    on_slope="#140C0A", ribbon="#E74B2C", panel="#1F2631", panel_top="#363D49", slot="#0B0E13", rim="#4A5361",
    grid=0.05, vignette=0.30, pool="#FFE8C4", pool_strength=0.045, glow=1.0, disc_mix=(0.38, 0.20),
    ribbon_opacity=(0.45, 0.26), dark=True,
)  # fmt: skip

PAPER = Theme(
    name="paper", ground="#FAF7EE", ink="#1B2027", muted="#59626F", ghost="#A9A592",
    value="#1B3FF0", knob="#896B02", data="#14805C", loss="#B23AAE", slope="#781A10",
    on_slope="#FDF6EC", ribbon="#E9532F", panel="#F0ECDF", panel_top="#FFFFFF", slot="#FFFFFF", rim="#B5B09C",
    grid=0.06, vignette=0.12, pool="#FFFFFF", pool_strength=0.5, glow=0.55, disc_mix=(0.10, 0.16),
    ribbon_opacity=(0.46, 0.30), dark=False,
)  # fmt: skip

THEMES = {theme.name: theme for theme in (NIGHT, PAPER)}


def theme_named(name: str) -> Theme:
    """The theme of that name, or a sentence that lists the names."""
    if name not in THEMES:
        raise StageError(f"there is no theme '{name}'; the themes are {' and '.join(THEMES)}")
    return THEMES[name]


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.1, from 0 (black) to 1 (white)."""
    linear = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels(colour))
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.1, from 1 to 21.

    >>> round(contrast("#FFFFFF", "#000000"))
    21
    """
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
