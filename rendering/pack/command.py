"""The command ``pack``: films to lecture packs. All of it is made in a hidden folder and moved to its place at the end."""

from __future__ import annotations

import errno
import json
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from .. import arguments
from ..errors import RenderError
from ..output import Workplace, check_writable
from ..settings import parse_size
from . import DEFAULT, FORMATS, LAYERED
from .lecture import FILE, PER, STARTS, Lecture
from .making import is_lecture, make


def command(words: list[str]) -> int:
    """``pack MANIFEST|VIDEO… --to a,b -o DIR``."""
    parser = arguments.plain_parser("pack", "a film as slides, pages and snippets to teach with")
    parser.add_argument(
        "films", metavar="MANIFEST|VIDEO", nargs="*", help="NAME.json or NAME.mp4, or several; or an earlier lecture.json"
    )
    formats = "; ".join(f"{name}: {format.says}" for name, format in FORMATS.items())
    parser.add_argument(
        "--to", metavar="A,B", default=",".join(DEFAULT), help=f"{formats} (default {','.join(DEFAULT)})".replace("%", "%%")
    )
    parser.add_argument("-o", "--output", metavar="DIR", help="folder of the pack (default: NAME-pack beside the film)")
    parser.add_argument("--per", choices=PER, default="beat", help="what becomes a slide (default beat)")
    parser.add_argument("--size", metavar="WxH", help="of the videos (default: the film's, at most 720 pixels high)")
    parser.add_argument("--start", choices=STARTS, default="auto", help="slides play when they are shown (auto), or on a click")
    parser.add_argument("--loop", metavar="N,N", default="", help="segments that play again and again, by number; or all")
    parser.add_argument(
        "--layers", metavar="A,B", default="",
        help=f"{', '.join(LAYERED)}: these parts alone, each in a file of its own (graph, formula …; a wrong name lists them)",
    )  # fmt: skip
    options = parser.parse_args(words)
    if not options.films:
        raise RenderError("name a film to pack: NAME.mp4 or its manifest NAME.json")
    wanted = formats_named(options.to)
    layers = tuple(dict.fromkeys(name.strip() for name in options.layers.split(",") if name.strip()))
    if layers and not set(wanted) & set(LAYERED):
        raise RenderError(f"--layers shows parts alone in {', '.join(LAYERED)}; name one of them in --to")
    size = parse_size(options.size) if options.size else None
    films = [Path(film) for film in options.films]
    target = Path(options.output) if options.output else films[0].with_name(f"{films[0].stem}-pack")
    say: Callable[[str], None] = lambda sentence: print(f"cutting: {sentence}", file=sys.stderr)  # noqa: E731
    quiet = not sys.stderr.isatty()

    def lecture_in(folder: Path) -> Lecture:
        if is_lecture(films[0]):
            if len(films) > 1:
                raise RenderError("a lecture.json is packed alone")
            return copied(Lecture.read(films[0]), folder)
        loop = options.loop.split(",")
        lecture = make(films, folder, options.per, size, options.start, loop, (lambda _: None) if quiet else say)
        return replace(lecture, layers=layers)

    lecture, files = pack(lecture_in, wanted, target)
    for sentence in lecture.missing:
        print(f"chainreel: {sentence}", file=sys.stderr)
    if options.json:
        answer: dict[str, Any] = {"files": [str(path) for path in files], "segments": len(lecture.segments)}
        print(json.dumps({**answer, "seconds": lecture.seconds, "missing": list(lecture.missing)}, ensure_ascii=False))
    else:
        print(f"{target}  {len(lecture.segments)} segments, {lecture.seconds:.1f} s")
        for path in files:
            if path.is_file() and path.parent == target:
                print(f"  {path.name}")
    return 0


def formats_named(text: str) -> list[str]:
    """The formats of ``--to``.

    >>> formats_named("pptx, markdown")
    ['pptx', 'markdown']
    """
    names = list(dict.fromkeys(name.strip().lower() for name in text.split(",") if name.strip()))
    if not names:
        raise RenderError(f"--to names no format; choose from {', '.join(FORMATS)}")
    for name in names:
        if name not in FORMATS:
            from chainreel.scenes.stage.parameters import nearest

            raise RenderError(f"there is no format '{name}'{nearest(name, list(FORMATS))} (the formats: {', '.join(FORMATS)})")
    return names


def pack(lecture_in: Callable[[Path], Lecture], formats: Sequence[str], target: Path) -> tuple[Lecture, list[Path]]:
    """Make a lecture and its formats in ``target``, whole or not at all; gives the lecture and the files there."""
    if target.exists() and not target.is_dir():
        raise RenderError(f"{target} is a file; -o names the folder of the pack")
    check_writable(target / FILE)
    writers = [FORMATS[name].writer() for name in formats]  # what is missing is said before anything is cut
    try:
        with Workplace(target / FILE) as place:
            work = place.folder / "pack"
            work.mkdir()
            lecture = lecture_in(work)
            lecture.write()
            made = [path for write in writers for path in write(lecture, work)]
            place.publish({entry: target / entry.name for entry in sorted(work.iterdir())})
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            raise RenderError(f"the disk of {target} is full; nothing was written") from None
        raise
    files = [target / FILE, *(target / path.relative_to(work) for path in dict.fromkeys(made))]
    return lecture, files


def copied(lecture: Lecture, folder: Path) -> Lecture:
    """An earlier lecture with its videos and pictures in another folder."""
    for segment in lecture.segments:
        captions = f"captions/{Path(segment.file).stem}.vtt"
        for name in (segment.file, segment.poster, segment.first, captions):
            if lecture.path(name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(lecture.path(name), folder / name)
    return replace(lecture, folder=folder)
