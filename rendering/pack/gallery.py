"""The command ``gallery``: a site of clips and films, each with its poster, captions, command and values.

It works from a disk or from any server of files. What was drawn before comes from the cache.
"""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from html import escape
from multiprocessing import get_context
from pathlib import Path

from .. import arguments, report
from ..captions import vtt
from ..errors import RenderError
from ..output import Workplace, check_writable
from ..settings import QUALITIES
from ..workers import cores
from .lecture import Value
from .making import Told, beside, tell
from .page import clock, data, fill, fonts, ground, palette, paragraphs, policy, small, values

FILMS = "films"  # the folder of the videos and what belongs to them
ENDINGS = {".vtt": "captions", ".txt": "transcript", ".json": "manifest"}


@dataclass(frozen=True)
class Entry:
    """A film of the site: its file, what is known of it, what it is called."""

    video: Path
    told: Told
    name: str
    title: str
    summary: str
    is_film: bool


def command(words: list[str]) -> int:
    """``gallery -o DIR [NAME|MANIFEST …]``."""
    parser = arguments.plain_parser("gallery", "a site of all clips and films, or of those that are named")
    parser.add_argument("what", metavar="NAME|MANIFEST", nargs="*", help="clips and films, or NAME.json of what is there")
    parser.add_argument("-o", "--output", metavar="DIR", required=True, help="folder of the site; its page is index.html")
    parser.add_argument("-q", "--quality", default="l", choices=tuple(QUALITIES), help="of what is drawn (default l)")
    parser.add_argument("--theme", metavar="NAME", default="night", help="night (default), paper, or your own mine.toml")
    parser.add_argument("--title", default="Chainreel gallery", help="of the page")
    options = parser.parse_args(words)
    target = Path(options.output)
    if target.exists() and not target.is_dir():
        raise RenderError(f"{target} is a file; -o names the folder of the site")
    check_writable(target / "index.html")
    wanted = options.what or everything()
    for name in wanted:
        known(name)
    with Workplace(target / "index.html") as place:
        work = place.folder / "site"
        (work / FILMS).mkdir(parents=True)
        names = list(dict.fromkeys(name for name in wanted if name in everything()))
        draw_all(names, work / FILMS, options.quality, options.theme)
        entries = [placed(name, work / FILMS) for name in wanted]
        (work / "index.html").write_text(page(entries, options.title), encoding="utf-8")
        place.publish({work / name: target / name for name in (FILMS, "index.html")})
    index = target / "index.html"
    if options.json:
        print(json.dumps({"page": str(index), "films": [entry.name for entry in entries]}, ensure_ascii=False))
    else:
        print(f"{index}  {len(entries)} films")
    return 0


def everything() -> list[str]:
    """The films and the clips, by name."""
    from chainreel.scenes.films.catalogue import FILMS as films

    return [*films, *arguments.CLIPS]


def known(name: str) -> None:
    """Refuse early what is neither a clip nor a film nor a manifest or a video that is there."""
    from chainreel.scenes.stage.parameters import nearest

    if "." in Path(name).name or "/" in name:
        tell(*beside(Path(name)))
    elif name not in everything():
        raise RenderError(f"there is no clip or film '{name}'{nearest(name, everything())}; list names them")


def draw_all(names: list[str], folder: Path, quality: str, theme: str) -> None:
    """Films one after another, each with all processes; clips, which are short, side by side, a process each."""
    clips = [name for name in names if name in arguments.CLIPS]
    films = [name for name in names if name not in clips]
    count = 0

    def told(name: str) -> None:
        nonlocal count
        count += 1
        print(f"{count} of {len(names)}: {name}", file=sys.stderr)

    for name in films:
        draw(name, folder, quality, theme, workers=cores())
        told(name)
    if not clips:
        return
    pool = ProcessPoolExecutor(min(cores(), len(clips)), get_context("spawn"))
    try:
        drawing = {pool.submit(draw, name, folder, quality, theme, workers=1): name for name in clips}
        for done in as_completed(drawing):
            done.result()
            told(drawing[done])
    except BrokenProcessPool:
        raise RenderError("a process that drew clips ended too early; is there enough memory?") from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def placed(name: str, folder: Path) -> Entry:
    """A film in the site's folder, drawn there before, or copied with what is beside it."""
    from chainreel.scenes.films.catalogue import FILMS as films

    if "." in Path(name).name or "/" in name:
        video, record = beside(Path(name))
        if video.suffix.lower() not in (".mp4", ".webm"):
            raise RenderError(f"{video} does not play in browsers; make an .mp4 of it")
        for ending in (video.suffix, ".json", ".vtt", ".txt"):
            if video.with_suffix(ending).is_file():
                shutil.copyfile(video.with_suffix(ending), folder / f"{video.stem}{ending}")
        copy = folder / video.name
        told = tell(copy, folder / f"{video.stem}.json" if record else None)
        entry = Entry(copy, told, video.stem, told.title, told.alt, False)
    else:
        target = folder / f"{name}.mp4"
        told = tell(target, target.with_suffix(".json"))
        title, summary = (films[name].title, films[name].summary) if name in films else (name, arguments.CLIPS[name].summary)
        entry = Entry(target, told, name, title, summary, name in films)
    picture(entry)
    return entry


def draw(name: str, folder: Path, quality: str, theme: str, workers: int | None = None) -> None:
    """A clip as its name alone makes it, or a whole film, as ``folder``/NAME.mp4."""
    from chainreel.scenes.films.catalogue import FILMS as films

    from ..cli import main

    target = folder / f"{name}.mp4"
    spec = arguments.CLIPS.get(name)
    if name in films:
        words = ["film", name]
    elif name == "explain" and spec is not None:
        default = next(str(parameter.default) for parameter in spec.parameters if parameter.name == "function")
        words = ["explain", default]
    else:
        words = ["clip", name]
    if workers is not None:
        words += ["--workers", str(workers)]
    errors = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(errors):
        status = main([*words, "-q", quality, "--theme", theme, "-o", str(target)])
    if status == report.INTERRUPTED:
        raise KeyboardInterrupt
    if status or not target.is_file():
        sentence = errors.getvalue().strip().splitlines()
        raise RenderError(f"{name}: {sentence[-1].removeprefix('chainreel: ') if sentence else 'it could not be drawn'}")


def picture(entry: Entry) -> None:
    """The film's poster as a small WebP; from the film itself where none lies beside it."""
    from PIL import Image

    poster = entry.video.with_suffix(".png")
    if not poster.is_file():
        import av

        with av.open(str(entry.video)) as film:
            stream = film.streams.video[0]
            film.seek(int((stream.duration or 0) // 2), stream=stream)
            frame = next(film.decode(stream))
        image = Image.fromarray(frame.to_ndarray(format="rgb24"))
        image.save(poster)
    entry.video.with_suffix(".webp").write_bytes(small(poster, 720, 80))
    poster.unlink()


def page(entries: Sequence[Entry], title: str) -> str:
    """The page of the site."""
    texts = [title, *(text for entry in entries for text in (entry.title, entry.summary, words_of(entry)))]
    texts += [text for entry in entries for value in numbers(entry) for text in (value.name, value.text, value.formula)]
    from chainreel.scenes.stage.theme import NIGHT, PAPER, mix

    # Colours of the site that the lecture page does not need: links, and the rim of the search box (3:1 on its ground).
    light = f"--link: {mix(PAPER.value, PAPER.ink, 0.2)}; --control: {PAPER.muted}"
    dark = f"--link: {NIGHT.tint('value')}; --control: {NIGHT.muted}"
    css = palette() + (
        f"\n:root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root:not([data-theme=light]) {{ {dark} }} }}\n"
        f":root[data-theme=dark] {{ {dark} }}"
    )
    made = sorted({entry.told.comment for entry in entries if entry.told.comment}, key=len)
    return fill(
        "gallery.html",
        {
            "policy": policy(inside=False), "title": escape(title), "fonts": fonts(texts), "palette": css,
            "entries": "\n".join(map(card, entries)),
            "captions": data({entry.name: vtt(entry.told.cues) for entry in entries if entry.told.cues}),
            "made": escape(made[0]) if made else "",
        },
    )  # fmt: skip


def card(entry: Entry) -> str:
    """A film on the page."""
    source, name = entry.told.source, f"{FILMS}/{entry.video.stem}"
    width, height = source.width, source.height
    table = values(numbers(entry))
    words = words_of(entry)
    links = [f'<a href="{escape(FILMS)}/{escape(entry.video.name)}">film</a>']
    there = {end: says for end, says in ENDINGS.items() if entry.video.with_suffix(end).is_file()}
    links += [f'<a href="{escape(name)}{end}">{says}</a>' for end, says in there.items()]
    summary = entry.summary[:1].upper() + entry.summary[1:]
    parts = [
        f'<article id="{escape(entry.name)}"{" class=film" if entry.is_film else ""} data-words="{escape(entry.told.alt)}">',
        f'<div class="screen"><video controls preload="none" playsinline poster="{escape(name)}.webp" '
        f'style="--aspect: {width} / {height}; --film: {ground(entry.video.with_suffix(".webp"))}" '
        f'aria-label="{escape(entry.told.alt or entry.title)}" '
        f'src="{FILMS}/{escape(entry.video.name)}"><track kind="captions" srclang="en" label="Words"></video></div>',
        f'<div class="text"><h2>{escape(entry.title)} <span>{clock(source.seconds)}</span></h2>',
        f"<p>{escape(summary)}</p>",
    ]
    if entry.told.command:
        parts.append(f'<div class="command"><code>{escape(entry.told.command)}</code><button>Copy</button></div>')
    if table:
        parts.append(f"<details><summary>Values</summary><div>{table}</div></details>")
    if words:
        parts.append(f"<details><summary>What is said</summary><div>{paragraphs(words)}</div></details>")
    parts.append(f'<p class="files">{" ".join(links)}</p></div></article>')
    return "\n".join(parts)


def numbers(entry: Entry) -> list[Value]:
    """The numbers of a film in the order of their coming, each once."""
    return list(dict.fromkeys(value for beat in entry.told.beats for value in beat.numbers))


def words_of(entry: Entry) -> str:
    """What is said, a paragraph a beat."""
    return "\n".join(beat.notes for beat in entry.told.beats if beat.notes)
