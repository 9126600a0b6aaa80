"""Colours with fixed meanings. A theme is passed to whatever draws; themes are data, in files (see `themes/`).

Roles: VALUE is computed forward, KNOB may be turned, DATA is given, LOSS is to be made small, SLOPE is a derivative.
The two palettes keep every pair of roles apart for normal, protan, deutan and tritan vision and above 4.5:1 on their ground.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, fields, replace
from importlib import resources
from pathlib import Path
from typing import Any

from .errors import StageError
from .parameters import nearest


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


def theme_from(text: str, name: str, where: str = "") -> Theme:
    """A theme from the text of a theme file. Raises StageError with what is wrong and in which line of thought.

    With `base = "night"` (or "paper") only what differs need be said.
    """
    where = where or f"the theme '{name}'"
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise StageError(f"{where} is not a theme file: {problem}") from None
    base = said.pop("base", None)
    if base is not None and base not in THEMES:
        raise StageError(f"{where}: base is {base!r}; a theme can be based on {' or '.join(THEMES)}")
    kinds = {f.name: str(f.type) for f in fields(Theme) if f.name != "name"}
    for key in said:
        if key not in kinds and key != "name":
            raise StageError(f"{where} has the unknown key '{key}'{nearest(key, list(kinds))}")
    values = {key: _checked(key, kinds[key], value, where) for key, value in said.items() if key != "name"}
    called = said.get("name", name)
    if not isinstance(called, str) or not called:
        raise StageError(f"{where}: name must be text")
    missing = [key for key in kinds if key not in values]
    if missing and base is None:
        some = ", ".join(missing[:4]) + (f" and {len(missing) - 4} more" if len(missing) > 4 else "")
        raise StageError(f"{where} does not say {some}; add them, or base = \"night\" (or \"paper\")")
    return replace(THEMES[base], name=called, **values) if base is not None else Theme(name=called, **values)


def _checked(key: str, kind: str, value: Any, where: str) -> Any:
    if kind == "bool":
        if not isinstance(value, bool):
            raise StageError(f"{where}: {key} is {value!r}; write true or false")
        return value
    if kind == "str":
        if not isinstance(value, str) or not re.fullmatch(r"#[0-9A-Fa-f]{6}", value):
            raise StageError(f"{where}: {key} is {value!r}, which is no colour; write six hex digits such as \"#437AFC\"")
        return value.upper()
    most = 4.0 if key == "glow" else 1.0
    parts = value if kind.startswith("tuple") else [value]
    if not isinstance(parts, list) or (kind.startswith("tuple") and len(parts) != 2):
        raise StageError(f"{where}: {key} is {value!r}; write two shares such as [0.4, 0.2]")
    for part in parts:
        if isinstance(part, bool) or not isinstance(part, int | float) or not 0 <= part <= most:
            raise StageError(f"{where}: {key} is {value!r}; it goes from 0 to {most:g}")
    return tuple(float(part) for part in parts) if kind.startswith("tuple") else float(value)


THEMES: dict[str, Theme] = {}
for _name in ("night", "paper"):
    _text = resources.files("chainreel.scenes.stage").joinpath("themes", f"{_name}.toml").read_text(encoding="utf-8")
    THEMES[_name] = theme_from(_text, _name)
NIGHT, PAPER = THEMES["night"], THEMES["paper"]


def theme_named(name: str) -> Theme:
    """The theme of that name, or of that file (`mine.toml`), or a sentence that lists the names."""
    if name in THEMES:
        return THEMES[name]
    path = Path(name)
    if path.suffix == ".toml":
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise StageError(f"there is no theme file {name}") from None
        except (OSError, UnicodeDecodeError) as problem:
            raise StageError(f"cannot read the theme file {name}: {problem}") from None
        return theme_from(text, path.stem, f"the theme file {path.name}")
    raise StageError(
        f"there is no theme '{name}'; the themes are {' and '.join(THEMES)}, or a file of your own such as mine.toml"
    )


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
