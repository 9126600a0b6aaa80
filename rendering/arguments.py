"""The command line's grammar. Each clip's options are its declared parameters; nothing here draws."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from chainreel.scenes.clips.catalogue import CLIPS, ClipSpec, clip_named

from .errors import RenderError
from .settings import FORMATS, MUTE, QUALITIES, Settings, parse_size, resolve

SHORT = "hqopt"  # the letters of the short options
USAGE = """\
usage: chainreel COMMAND … (each command has --help)

  list [--json]                 the clips and what they take, the films and their chapters
  explain FUNCTION              a function's whole story: forward, backward, a nudge check, descent
  film NAME                     a whole film, spoken, in chapters; or a folder of your own with a film.toml
  clip NAME [FUNCTION]          one clip
  scene FILE.py [CLASS]         a scene of your own
  lint TARGET                   check the layout of a clip, a scene file, a manifest, or all
  lint film NAME                judge a film by the teaching rules, a column for each chapter
  verify MANIFEST               recompute every number of a film
  pack FILM … [--to A,B]        a finished film as slides, pages and snippets to teach with
  gallery -o DIR [NAME …]       a site of all clips and films, or of some
  doctor [FILE]                 check this machine, a film, or a pack
  cache [prune | verify]        what is kept of earlier films: its size, make room, check it
"""


class Parser(argparse.ArgumentParser):
    """argparse with our errors: one sentence, no usage block."""

    def __init__(self, *args: Any, **kwargs: Any):
        kwargs.setdefault("allow_abbrev", False)
        super().__init__(*args, **kwargs)

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing, so that every mistake takes the same way out."""
        raise RenderError(f"{message} ({self.prog} --help shows what can be said)")


def plain_parser(command: str, description: str) -> Parser:
    """A command without film options."""
    parser = Parser(prog=f"chainreel {command}", description=description)
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    return parser


def film_parser(command: str, description: str) -> Parser:
    """A command that makes a film."""
    parser = plain_parser(command, description)
    group = parser.add_argument_group("how it is made")
    letters = ", ".join(f"{k} {w}x{h} {r}/s" for k, (w, h, r) in QUALITIES.items())
    group.add_argument(
        "-q", "--quality", default="m", choices=tuple(QUALITIES), help=f"{letters} (default m)"
    )
    group.add_argument("--fps", type=_whole, help="frames a second")
    group.add_argument("--size", metavar="WxH", help="pixels, such as 1280x720")
    group.add_argument("--theme", metavar="NAME", help="night (default), paper for projectors, or your own mine.toml")
    group.add_argument(
        "--format", choices=FORMATS, help="default mp4, or what -o says; png is a folder of pictures"
    )
    group.add_argument(
        "-t", "--transparent", action="store_true", help="nothing behind the figures: webm, mov (ProRes 4444), webp, apng, png"
    )
    group.add_argument("-o", "--output", metavar="FILE", help="captions, poster and manifest go beside it")
    group.add_argument("-p", "--preview", action="store_true", help="open the film")
    voice = group.add_mutually_exclusive_group()
    voice.add_argument("--silent", action="store_true", help="no voice (default of clips; explain and films speak)")
    voice.add_argument("--narrate", action="store_true", help="speak the captions, which are always there")
    group.add_argument(
        "--voice", metavar="VOICE",
        help="who speaks: espeak:en-gb, flite:slt, a folder of recordings, or a command with {out}; implies --narrate",
    )  # fmt: skip
    group.add_argument("--script", action="store_true", help="make no film: print what is said, beat by beat, to be read aloud")
    group.add_argument("--seed", type=_whole, help="for what is drawn at random")
    group.add_argument("--workers", type=_whole, default=1, metavar="N", help="processes that draw (default 1)")
    group.add_argument("--cluster", metavar="ADDRESS", help="draw on a running Dask cluster: tcp://HOST:PORT of its scheduler")
    group.add_argument("--no-cache", action="store_true", help="use nothing from earlier calls, keep nothing")
    group.add_argument("--profile", action="store_true", help="say where the time went")
    return parser


def cache_parser() -> Parser:
    """The command ``cache``."""
    parser = plain_parser("cache", "what is kept of earlier films (CHAINREEL_CACHE says where)")
    parser.add_argument(
        "action", nargs="?", default="size", choices=("size", "prune", "verify"),
        help="size (default); prune: throw away all, or what the options say; verify: check every piece",
    )  # fmt: skip
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--older-than", type=_positive, metavar="DAYS", help="prune what was not used for so long")
    which.add_argument("--max-size", type=_positive, metavar="GB", help="prune the longest unused until the rest fits")
    return parser


def clip_parser(spec: ClipSpec, command: str) -> Parser:
    """The parser of one clip: its declared parameters, then the film options."""
    parser = film_parser(command, spec.summary)
    group = parser.add_argument_group(f"options of {spec.name}")
    for parameter in spec.parameters:
        if parameter.name == "function":
            required = command == "explain"
            parser.add_argument(
                "function",
                metavar="FUNCTION",
                nargs=None if required else "?",
                help=parameter.help + ("" if required else f" (default: {parameter.default})"),
            )
            continue
        choices = f" ({', '.join(parameter.choices)})" if parameter.choices else ""
        if parameter.kind == "yes":
            group.add_argument(
                parameter.flag, dest=f"parameter_{parameter.name}", action="store_const", const=True,
                help=parameter.help.replace("%", "%%"),
            )  # fmt: skip
            continue
        group.add_argument(
            parameter.flag,
            dest=f"parameter_{parameter.name}",
            metavar=_METAVARS.get(parameter.kind, parameter.kind.upper()),
            help=(parameter.help + choices).replace("%", "%%"),
        )
    return parser


_METAVARS = {
    "point": "x=1,y=2",
    "ranges": "x=-3:3",
    "int": "N",
    "float": "X",
    "ints": "N,N",
    "floats": "X,X",
    "file": "FILE",
    "names": "A,B",
    "choice": "NAME",
}


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number") from None


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 0 on")
    return value


def split_clip(arguments: Sequence[str]) -> tuple[ClipSpec | None, list[str]]:
    """The clip that is named, and the other words; options may stand before the name."""
    if not arguments:
        raise RenderError(f"name a clip after 'clip': {', '.join(CLIPS)}")
    if not arguments[0].startswith("-"):
        return clip_named(arguments[0]), list(arguments[1:])
    for index, word in enumerate(arguments):
        if word in CLIPS:
            return CLIPS[word], [*arguments[:index], *arguments[index + 1 :]]
    if arguments[0] in ("-h", "--help"):
        return None, []
    raise RenderError(f"name a clip right after 'clip': {', '.join(CLIPS)}")


def protect(arguments: Sequence[str]) -> list[str]:
    """A function that begins with a minus (``-x**2``) is no option: a space before it says so to argparse."""
    return [
        " " + word if len(word) > 2 and word[0] == "-" and word[1] != "-" and word[1] not in SHORT else word
        for word in arguments
    ]


def speak(options: argparse.Namespace) -> None:
    """Explain and films speak of their own accord, where the format has sound."""
    suffix = Path(options.output).suffix.lower().lstrip(".") if options.output else ""
    format = options.format or (suffix if suffix in FORMATS else "mp4")
    options.speaks = not (options.silent or options.narrate or options.voice) and format not in MUTE
    options.narrate = options.narrate or options.speaks


def clip_parameters(spec: ClipSpec, options: argparse.Namespace) -> dict[str, Any]:
    """What was said about the clip's parameters, checked; defaults are left to the clip."""
    parameters: dict[str, Any] = {}
    if getattr(options, "function", None) is not None:
        if not options.function.strip():
            raise RenderError('the function is empty; write it as text, such as "sin(x*y) + x**2"')
        parameters["function"] = options.function.strip()
    for parameter in spec.parameters:
        said = getattr(options, f"parameter_{parameter.name}", None)
        if said is not None:
            parameters[parameter.name] = parameter.coerce(said)
    return parameters


def settings_and_output(options: argparse.Namespace, name: str) -> tuple[Settings, Path]:
    """How to draw, and where to."""
    suffix = Path(options.output).suffix.lower() if options.output else ""
    format = options.format or "mp4"
    if suffix and suffix[1:] in FORMATS and suffix != ".png":
        if options.format and options.format != suffix[1:]:
            raise RenderError(
                f"-o {options.output} and --format {options.format} contradict each other; leave one out"
            )
        format = suffix[1:]
    elif suffix == ".png":
        raise RenderError(
            f"-o {options.output} names one picture; for a folder of pictures write --format png -o FOLDER"
        )
    elif suffix:
        raise RenderError(f"'{suffix}' is no format; -o can end in .mp4, .webm, .mov, .gif, .apng or .webp")
    size = parse_size(options.size) if options.size else None
    theme = options.theme and checked_theme(options.theme)
    width, height, fps = resolve(options.quality, options.fps, size, format)
    settings = Settings(
        width,
        height,
        fps,
        theme,
        format,
        options.seed,
        options.narrate or options.voice is not None,
        options.workers,
        not options.no_cache,
        options.cluster,
        options.voice,
        options.transparent,
    )
    output = Path(options.output) if options.output else Path("media") / name
    if format != "png" and not suffix:
        output = output.with_name(f"{output.name}.{format}")
    return settings, output


def checked_theme(name: str) -> str:
    """A theme's name, or the whole path of a theme file; what makes it hard to see is said, a mistake in it refused."""
    from chainreel.scenes.stage.theme import THEMES, theme_named
    from chainreel.scenes.stage.vision import concerns

    theme = theme_named(name)
    if name in THEMES:
        return name
    for sentence in concerns(theme):
        print(f"chainreel: {name}: {sentence}", file=sys.stderr)
    return str(Path(name).resolve())
