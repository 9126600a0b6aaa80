"""Contact sheets of every clip, in both themes and in all shapes: `python docs/gallery.py [NAME …]`.

Small pictures go to docs/gallery/, with a page that shows them. With names only those clips are drawn anew; the page is
always made of what is there.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from chainreel.rendering.settings import Settings
from chainreel.rendering.shots import Shot
from chainreel.rendering.stills import contact_sheet, rehearsed, stills, telling_frames
from chainreel.scenes.clips.catalogue import CLIPS

FOLDER = Path(__file__).parent / "gallery"
THEMES = ("night", "paper")
FPS = 10
KINDS = {  # shape: pixels drawn, frames on a sheet, columns, width of one
    "wide": ((854, 480), 8, 4, 400),
    "square": ((480, 480), 4, 4, 260),
    "tall": ((480, 854), 4, 4, 200),
}
LARGEST = 95_000  # bytes of a sheet


def sheet_path(clip: str, theme: str, shape: str) -> Path:
    """Where a sheet is."""
    return FOLDER / (f"{clip}-{theme}.webp" if shape == "wide" else f"{clip}-{theme}-{shape}.webp")


def draw(clip: str) -> list[Path]:
    """The sheets of one clip."""
    shot = Shot.clip(clip, {})
    made = []
    for shape, (size, most, columns, width) in KINDS.items():
        if shape not in getattr(shot.load(), "shapes", ("wide",)):
            continue
        frames = telling_frames(rehearsed(shot, Settings(*size, FPS)), FPS, most)  # the same times in both themes
        for theme in THEMES:
            settings = Settings(*size, FPS, theme=theme)
            pictures = stills(shot, settings, frames)
            sheet = contact_sheet([pictures[f] for f in frames if f in pictures][:most], columns, width, "#808080")
            path = sheet_path(clip, theme, shape)
            for quality in (80, 70, 55, 40):
                sheet.save(path, quality=quality, method=6)
                if path.stat().st_size <= LARGEST:
                    break
            made.append(path)
    return made


def page() -> str:
    """The gallery as a page: a row for each clip."""
    lines = [
        "# Gallery", "",
        "What each clip looks like with nothing but its name: the last pictures of its beats, in the dark and the light",
        "theme, then re-arranged for square and tall frames. Made by `python docs/gallery.py`.", "",
    ]  # fmt: skip
    for spec in CLIPS.values():
        summary = spec.summary[0].upper() + spec.summary[1:]
        lines += [f"## {spec.name}", "", f"{summary}. `python render.py clip {spec.name}`", ""]
        for shape in KINDS:
            for theme in THEMES:
                path = sheet_path(spec.name, theme, shape)
                if path.exists():
                    lines.append(f"![{spec.name}, {theme}, {shape}]({path.name})")
        lines.append("")
    return "\n".join(lines)


def main(words: list[str]) -> int:
    """Draw the sheets of the clips named, or of all, and write the page."""
    parser = argparse.ArgumentParser(description="contact sheets of every clip in docs/gallery")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"clips (default all): {', '.join(CLIPS)}")
    parser.add_argument("--missing", action="store_true", help="only clips that have no sheet yet")
    options = parser.parse_args(words)
    unknown = [name for name in options.names if name not in CLIPS]
    if unknown:
        parser.error(f"there is no clip {unknown[0]}")
    FOLDER.mkdir(exist_ok=True)
    for name in options.names or CLIPS:
        if options.missing and sheet_path(name, "paper", "wide").exists():
            continue
        made = draw(name)
        print(f"{name}: {', '.join(f'{p.name} {p.stat().st_size // 1000} kB' for p in made)}", flush=True)
    for path in FOLDER.glob("*.webp"):
        if not any(path.stem.startswith(f"{name}-{theme}") for name in CLIPS for theme in THEMES):
            path.unlink()
    (FOLDER / "README.md").write_text(page(), encoding="utf-8")
    print(f"{FOLDER}: {sum(p.stat().st_size for p in FOLDER.iterdir()) / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
