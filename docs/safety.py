"""Writes docs/safety.md: how far role colours are apart for every kind of vision, and how well text reads on frames.

`python docs/safety.py` measures everything (some minutes); `python docs/safety.py NAME …` measures those clips anew and
keeps what was measured of the others.
"""

from __future__ import annotations

import itertools
import re
import sys
import tempfile
from pathlib import Path

from chainreel.rendering.drawing import make_scene, manim_config, run
from chainreel.rendering.settings import Settings
from chainreel.rendering.shots import Shot
from chainreel.scenes.clips.catalogue import CLIPS
from chainreel.scenes.lint import FrameRules, Lint
from chainreel.scenes.stage.theme import THEMES, Theme, contrast
from chainreel.scenes.stage.vision import APART, ROLES, VISION, colour_distance

PAGE = Path(__file__).parent / "safety.md"


def distances(theme: Theme) -> list[str]:
    """A table: each pair of roles by each kind of vision."""
    lines = [f"| {theme.name} | " + " | ".join(VISION) + " |", "|---|" + "---:|" * len(VISION)]
    for a, b in itertools.combinations(ROLES, 2):
        cells = [f"{colour_distance(theme.role(a), theme.role(b), v):.0f}" for v in VISION]
        lines.append(f"| {a} – {b} | " + " | ".join(cells) + " |")
    least = [
        f"**{min(colour_distance(theme.role(a), theme.role(b), v) for a, b in itertools.combinations(ROLES, 2)):.0f}**"
        for v in VISION
    ]
    return [*lines, "| least | " + " | ".join(least) + " |", ""]


def on_grounds() -> list[str]:
    """A table: each colour of text on the ground and on the slot of its theme."""
    lines = ["| text in | " + " | ".join(f"{n}: ground | slot" for n in THEMES) + " |", "|---|" + "---:|---:|" * len(THEMES)]
    for role in (*ROLES, "ink", "muted"):
        cells = [f"{contrast(t.role(role), ground):.1f}" for t in THEMES.values() for ground in (t.ground, t.slot)]
        lines.append(f"| {role} | " + " | ".join(cells) + " |")
    chips = [f"{contrast(t.on_slope, t.slope):.1f} | " for t in THEMES.values()]
    return [*lines, "| chips | " + "| ".join(chips) + "|", ""]


def measured(clip: str) -> str:
    """A row: the lowest contrast of any text on any still picture of a clip, in each theme."""
    cells = []
    for theme in THEMES:
        shot, settings = Shot.clip(clip, {}), Settings(854, 480, 10, theme=theme)
        with tempfile.TemporaryDirectory() as place, manim_config(settings, Path(place), shot.load()):
            scene = make_scene(shot, settings)
            rules = FrameRules(Lint(scene))
            run(scene, rules)
        ratio, says = min(rules.measured, default=(0.0, "nothing"))
        cells.append(f"{ratio:.1f} | `{says[:40].replace('|', ' ')}` ({len(rules.measured)} texts)")
    return f"| {clip} | " + " | ".join(cells) + " |"


def page(rows: dict[str, str]) -> str:
    """The whole page."""
    lines = [
        "# Colour-blind and projector safety, measured", "",
        "Made by `python docs/safety.py`; `render.py lint` measures the same on every clip and every frame shape.", "",
        "## Distance of the role colours", "",
        "ΔE (CIE 1976) of every pair of role colours, as seen with normal, protan, deutan and tritan vision (Machado et",
        f"al. 2009, severity 1). {APART:.0f} is the least. Colour is never alone: each role also has its shape.", "",
        *(line for theme in THEMES.values() for line in distances(theme)),
        "## Contrast of text on its grounds", "", "WCAG 2.1 ratios; 4.5 is the floor for text.", "", *on_grounds(),
        "## Contrast on drawn frames", "",
        "The lowest ratio of any fully visible text on any still picture of a clip at 854 × 480: its colour against the",
        "pixels that are really behind it (plots, glows, ribbons, plates). Labels from size 36 on need 3, all else 4.5.", "",
        "| clip | " + " | ".join(f"{n}: lowest | text" for n in THEMES) + " |", "|---|" + "---:|---|" * len(THEMES),
        *(rows[c] for c in CLIPS if c in rows), "",
    ]  # fmt: skip
    return "\n".join(lines)


def kept() -> dict[str, str]:
    """The rows that the page has already."""
    if not PAGE.exists():
        return {}
    text = PAGE.read_text(encoding="utf-8").partition("## Contrast on drawn frames")[2]
    rows = (re.match(r"\| ([a-z-]+) \| \d", line) for line in text.splitlines())
    return {row[1]: row.string for row in rows if row}


def main(words: list[str]) -> int:
    """Measure the clips named, or all, and write the page."""
    unknown = [word for word in words if word not in CLIPS]
    if unknown:
        print(f"there is no clip {unknown[0]}", file=sys.stderr)
        return 2
    rows = kept()
    for clip in words or CLIPS:
        rows[clip] = measured(clip)
        print(rows[clip], flush=True)
        PAGE.write_text(page(rows), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
