"""What every page of a pack has: the two themes as CSS, the films' own type, small pictures, texts made safe for HTML."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any

from .lecture import Value

WEIGHTS = {400: "Inter-Regular.otf", 600: "Inter-SemiBold.otf"}
ALWAYS = "".join(map(chr, range(32, 127))) + "–—‘’“”…×·−±≈≤≥√∂σπ→←⁻⁰¹²³⁴⁵⁶⁷⁸⁹°"  # the page's own words and what formulas need
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
MOST_VALUES = 40  # rows of a table; the rest is in lecture.json
# Nothing but what the page brings with it: a browser that keeps this policy cannot ask the network for anything.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; font-src data:; "
    "img-src {own}; media-src {own}"
)
INSIDE, BESIDE = "data: blob:", "'self' data: blob: file:"


def policy(inside: bool) -> str:
    """The content security policy of a page whose files are inside it, or beside it."""
    return POLICY.format(own=INSIDE if inside else BESIDE)


def fill(template: str, places: Mapping[str, str]) -> str:
    """A template of this folder with its ``{{places}}`` filled; each must be known."""
    text = resources.files(__package__).joinpath(template).read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda match: places[match[1]], text)


def data(value: Any) -> str:
    """JSON that can stand in a script element, whatever texts it holds.

    >>> data({"a": "</script>"})
    '{"a": "\\\\u003c/script>"}'
    """
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


def inline(kind: str, content: bytes) -> str:
    """A file as an address that holds it."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def palette(film: str = "") -> str:
    """The variables of the dark and the light page, from the themes night and paper; ``film`` is the film's ground."""
    from chainreel.scenes.stage.theme import NIGHT, PAPER, Theme, mix

    def variables(theme: Theme) -> str:
        # On paper the knob colour is dark enough for text and controls; both keep more than 4.5:1 on their ground.
        entries = {
            "dark": str(int(theme.dark)), "ground": theme.ground, "ink": theme.ink, "muted": theme.muted, "accent": theme.knob,
            "panel": mix(theme.ground, theme.panel, 0.8), "rim": theme.rim, "edge": mix(theme.ground, theme.rim, 0.55),
            "line": mix(theme.ground, theme.ink, theme.grid * 0.6), "film": film or theme.ground,
        }  # fmt: skip
        scheme = f"color-scheme: {'dark' if theme.dark else 'light'}"
        return "; ".join([*(f"--{name}: {value}" for name, value in entries.items()), scheme])

    dark, light = variables(NIGHT), variables(PAPER)
    return (
        f":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root:not([data-theme=light]) {{ {dark} }} }}\n"
        f":root[data-theme=dark] {{ {dark} }}"
    )


def fonts(texts: Iterable[str]) -> str:
    """The films' type with the letters that these texts need, as CSS."""
    letters = "".join(sorted(set(ALWAYS).union(*texts)))
    faces = [
        f"@font-face {{ font-family: 'Chainreel Sans'; font-weight: {weight}; "
        f"src: url({inline('font/otf', _subset(file, letters))}) format('opentype'); }}"
        for weight, file in WEIGHTS.items()
    ]
    return "/* Letters of Inter, (c) The Inter Project Authors, SIL Open Font License 1.1 */\n" + "\n".join(faces)


@cache
def _subset(file: str, letters: str) -> bytes:
    import uharfbuzz

    whole = resources.files("chainreel.scenes.stage").joinpath("fonts", file).read_bytes()
    wanted = uharfbuzz.SubsetInput()
    wanted.unicode_set.update(map(ord, letters))
    wanted.layout_feature_tag_set.add(int.from_bytes(b"tnum", "big"))
    blob: bytes = uharfbuzz.subset(uharfbuzz.Face(whole), wanted).blob.data
    return blob


def ground(picture: Path) -> str:
    """The colour of a picture's corner: what a page puts around it."""
    from PIL import Image

    with Image.open(picture) as image:
        red, green, blue = image.convert("RGB").getpixel((2, 2))  # type: ignore[misc]
    return f"#{red:02X}{green:02X}{blue:02X}"


def small(picture: Path, width: int = 1280, quality: int = 82) -> bytes:
    """A picture as WebP, at most so wide."""
    from PIL import Image

    with Image.open(picture) as file:
        image = file.convert("RGB")
        image.thumbnail((width, width))
        buffer = io.BytesIO()
        image.save(buffer, "WEBP", quality=quality, method=4)
    return buffer.getvalue()


def values(numbers: Iterable[Value]) -> str:
    """The numbers of a beat as an HTML table; nothing where there are none."""
    rows = list(dict.fromkeys((v.name, v.text, digits(v.value), v.formula) for v in numbers))
    if not rows:
        return ""
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("what", "on screen", "value"))
    lines = [f"<table><thead><tr>{heads}</tr></thead><tbody>"]
    last = None
    for name, text, value, formula in rows[:MOST_VALUES]:
        under = f"<small>{escape(formula)}</small>" if formula and formula != last else ""
        last = formula
        lines.append(f"<tr><th scope=\"row\">{escape(name)}{under}</th><td>{escape(text)}</td><td>{value}</td></tr>")
    if len(rows) > MOST_VALUES:
        lines.append(f"<tr><th scope=\"row\" colspan=\"3\">and {len(rows) - MOST_VALUES} more</th></tr>")
    return "\n".join([*lines, "</tbody></table>"])


def digits(value: float) -> str:
    """A value with as many digits as people look at.

    >>> digits(13.0), digits(-0.681638760023), digits(-0.0), digits(174604259328.0), digits(2.5e-08)
    ('13', '−0.681639', '0', '174,604,259,328', '2.5·10⁻⁸')
    """
    value = value or 0.0
    if abs(value) < 1e15 and value == int(value):
        text = f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:.0f}"
    else:
        text, exponent, power = f"{value:.6g}".partition("e")
        text += f"·10{str(int(power)).translate(RAISED)}" if exponent else ""
    return text.replace("-", "−").replace("inf", "∞")


def paragraphs(text: str) -> str:
    """Text as HTML paragraphs."""
    return "".join(f"<p>{escape(line)}</p>" for line in text.split("\n") if line.strip())


def clock(seconds: float) -> str:
    """Minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
