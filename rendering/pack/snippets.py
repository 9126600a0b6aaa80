"""Text to paste: a lecture in Markdown, MkDocs, MyST (Sphinx) and Quarto, with its videos, captions, words and values.

The paths are those of the pack's folder; the comment at the top of each says where the folder has to lie.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

from .lecture import Lecture, Segment, Value


def markdown(lecture: Lecture, folder: Path) -> list[Path]:
    """``NAME.md``: posters that link to their videos, as sites show that let no page play one."""
    said = f"Put the folders videos and posters beside this file. {lecture.comment}".strip()
    parts = [f"<!-- {_comment(said)} -->", f"# {plain(lecture.title)}", plain(lecture.alt)]
    for heading, segment in headed(lecture, 2):
        parts += [*heading, f"[![{_alt(segment)}]({segment.poster})]({segment.file})", plain(segment.notes), table(segment)]
    return [_written(folder / f"{lecture.name}.md", parts)]


def mkdocs(lecture: Lecture, folder: Path) -> list[Path]:
    """``mkdocs/index.md``: a page whose videos play, with captions.

    It has a folder of its own: MkDocs makes it the page of that folder, whatever the pack holds besides.
    """
    said = f"Put the whole pack into docs/{lecture.name}/: its page is {lecture.name}/mkdocs/. {lecture.comment}".strip()
    parts = [f"<!-- {_comment(said)} -->", f"# {plain(lecture.title)}", plain(lecture.alt)]
    for heading, segment in headed(lecture, 2):
        parts += [*heading, video(segment, lecture, above="../"), plain(segment.notes), table(segment)]
    (folder / "mkdocs").mkdir(exist_ok=True)
    return [_written(folder / "mkdocs" / "index.md", parts)]


def myst(lecture: Lecture, folder: Path) -> list[Path]:
    """``NAME.myst.md``: a page for Sphinx with myst-parser."""
    said = (
        f'Put this page beside index and name the pack\'s folder in conf.py: html_extra_path = ["{lecture.name}-pack"]. '
        f"{lecture.comment}"
    )
    parts = [f"% {_line(said)}", f"# {plain(lecture.title)}", plain(lecture.alt)]
    for heading, segment in headed(lecture, 2):
        parts += [*heading, f"```{{raw}} html\n{video(segment, lecture)}\n```", plain(segment.notes), table(segment)]
    return [_written(folder / f"{lecture.name}.myst.md", parts)]


def quarto(lecture: Lecture, folder: Path) -> list[Path]:
    """``NAME.qmd``: reveal.js slides for Quarto, a slide for each segment, the words as speaker's notes."""
    width, height = lecture.size
    head = [
        "---",
        f"title: {_yaml(lecture.title)}",
        f"lang: {lecture.language}",
        "format:",
        "  revealjs:",
        f"    width: {round(1080 * width / height)}",
        "    height: 1080",
        "resources:",
        *(f'  - "{place}/*"' for place in ("videos", "posters", "captions")),
        f"# {_line(lecture.comment)}",
        "---",
    ]
    parts = ["\n".join(head)]
    for heading, segment in headed(lecture, 2, chapter_level=1):
        play = " data-autoplay" if lecture.start == "auto" else ""
        shown = video(segment, lecture, f' class="r-stretch"{play}')
        words = "\n\n".join(part for part in (plain(segment.notes), table(segment)) if part)
        parts += [*heading, f"```{{=html}}\n{shown}\n```"]
        parts += [f"::: {{.notes}}\n{words}\n:::"] if words else []
    return [_written(folder / f"{lecture.name}.qmd", parts)]


def headed(lecture: Lecture, level: int, chapter_level: int | None = None) -> list[tuple[list[str], Segment]]:
    """Each segment with its heading, and that of its chapter before its first one."""
    result, chapter = [], None
    named = len(lecture.chapters) > 1
    for segment in lecture.segments:
        lines = []
        if named and segment.chapter and segment.chapter != chapter:
            chapter = segment.chapter
            lines.append(f"{'#' * (chapter_level or level)} {plain(chapter)}")
        deeper = level + 1 if named and chapter_level is None else level
        result.append(([*lines, f"{'#' * deeper} {plain(segment.title)}"], segment))
    return result


def video(segment: Segment, lecture: Lecture, attributes: str = ' style="width:100%"', above: str = "") -> str:
    """The element that plays a segment: with poster, captions and a description, loaded when it is asked for.

    ``above`` leads from the page to the pack's folder.
    """
    stem = Path(segment.file).stem
    again = " loop" if segment.loop else ""
    track = f'<track kind="captions" src="{above}captions/{stem}.vtt" srclang="{lecture.language}" label="Captions">'
    return (
        f'<video controls playsinline preload="none"{again}{attributes} poster="{above}{segment.poster}" '
        f'aria-label="{escape(segment.alt)}">\n'
        f'  <source src="{above}{segment.file}" type="video/mp4">\n'
        + (f"  {track}\n" if segment.captions else "")
        + "</video>"
    )


def table(segment: Segment) -> str:
    """The values on screen as a Markdown table; "" where there are none."""
    rows = values(segment)
    if not rows:
        return ""
    lines = ["| value | on screen | formula |", "|---|---|---|"]
    lines += [f"| {cell(row.name)} | {cell(row.text)} | {code(row.formula)} |" for row in rows]
    return "\n".join(lines)


def values(segment: Segment) -> list[Value]:
    """The numbers of a segment, each once, with the most digits that it shows."""
    longest: dict[tuple[str, str], Value] = {}
    for value in segment.numbers:
        known = longest.get((value.source, value.name))
        if known is None or len(value.text) > len(known.text):
            longest[value.source, value.name] = value
    return list(dict.fromkeys(longest.values()))


def cell(text: str) -> str:
    """Text for a cell of a table."""
    return plain(text).replace("|", "\\|")


def code(text: str) -> str:
    """A formula in type of equal width.

    >>> code("f(x) = x*(1 + x)"), code("")
    ('`f(x) = x*(1 + x)`', '')
    """
    return f"`{_line(text).replace('`', '')}`".replace("|", "\\|") if text else ""


def plain(text: str) -> str:
    """Text in which Markdown finds nothing of its own.

    >>> plain("f_1 * x < 2"), plain("1. a")
    ('f\\\\_1 \\\\* x &lt; 2', '1\\\\. a')
    """
    safe = "".join(f"\\{letter}" if letter in "\\`*_[]#$~" else letter for letter in _line(text))
    safe = safe.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    number, point, rest = safe.partition(".")
    if point and number.isdigit():
        return f"{number}\\.{rest}"
    return f"\\{safe}" if safe[:2] in ("- ", "+ ") else safe


def _alt(segment: Segment) -> str:
    return plain(segment.alt)


def _line(text: str) -> str:
    return " ".join(text.split())


def _comment(text: str) -> str:
    return _line(text).replace("--", "–")


def _yaml(text: str) -> str:
    return '"' + _line(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _written(path: Path, parts: list[str]) -> Path:
    path.write_text("\n\n".join(part for part in parts if part) + "\n", encoding="utf-8")
    return path
