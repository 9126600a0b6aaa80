"""The commands. Each imports what it needs when it runs, so that ``--help`` and ``list`` answer at once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import arguments, report
from .errors import RenderError

if TYPE_CHECKING:
    from .parts import Part
    from .shots import Shot


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    debug = "--debug" in words
    # manim imports pydub, whose regular expressions make Python 3.12 and later warn; it is no concern of the user's.
    warnings.filterwarnings("ignore", category=SyntaxWarning, module=".*pydub")
    try:
        signal.signal(signal.SIGTERM, _end)
    except ValueError:
        pass  # not in the main thread; then nobody sends us signals
    try:
        return _run(words)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # who read our output has gone
        return 0
    except BaseException as problem:
        if debug:
            raise
        sentence, status = report.explain(problem)
        print(f"chainreel: {sentence}", file=sys.stderr)
        return status


def _end(*_: Any) -> None:
    raise KeyboardInterrupt


def _run(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        print(arguments.USAGE, end="")
        return 0 if words else report.WRONG_INPUT
    if words[0] == "--version":
        from .versions import version_of

        print(f"chainreel {version_of('chainreel')}")
        return 0
    command, rest = words[0], words[1:]
    if command not in COMMANDS:
        from chainreel.scenes.stage.parameters import nearest

        names = ", ".join(COMMANDS)
        raise RenderError(
            f"there is no command '{command}'{nearest(command, list(COMMANDS))} (the commands: {names})"
        )
    return COMMANDS[command](rest)


def _list(words: list[str]) -> int:
    from chainreel.scenes.films.catalogue import FILMS

    parser = arguments.plain_parser("list", "the clips and what they take, and the films")
    options = parser.parse_args(words)
    if options.json:
        clips = [
            {
                "name": spec.name,
                "summary": spec.summary,
                "options": [
                    {
                        "name": p.name,
                        "flag": "FUNCTION" if p.name == "function" else p.flag,
                        "kind": p.kind,
                        "default": p.default,
                        "help": p.help,
                        "choices": list(p.choices),
                    }
                    for p in spec.parameters
                ],
            }
            for spec in arguments.CLIPS.values()
        ]
        print(json.dumps({"clips": clips, "films": [asdict(film) for film in FILMS.values()]}, ensure_ascii=False))
        return 0
    for spec in arguments.CLIPS.values():
        flags = " ".join(p.flag for p in spec.parameters if p.name != "function")
        print(f"{spec.name:<12} {spec.summary}\n{'':<12} {flags}")
    for film in FILMS.values():
        print(f"film {film.slug}: {film.title} ({film.seconds / 60:.0f} min)\n{'':<12} {film.summary}")
        for number, (chapter, start) in enumerate(zip(film.chapters, film.starts(), strict=True), 1):
            clock = f"{int(start) // 60}:{int(start) % 60:02d}"
            print(f"{'':<12} {number} {clock:>5}  {chapter.slug.replace('_', '-'):<18} {chapter.title}")
    return 0


def _explain(words: list[str]) -> int:
    return _clip_film(arguments.clip_named("explain"), "explain", words)


def _clip(words: list[str]) -> int:
    spec, rest = arguments.split_clip(words)
    if spec is None:
        print("usage: chainreel clip NAME [FUNCTION] … (chainreel clip NAME --help)\n")
        return _list([])
    return _clip_film(spec, f"clip {spec.name}", rest)


def _clip_film(spec: Any, command: str, words: list[str]) -> int:
    options = arguments.clip_parser(spec, command).parse_args(arguments.protect(words))
    parameters = arguments.clip_parameters(spec, options)
    if command == "explain":
        arguments.speak(options)
    settings, output = arguments.settings_and_output(options, spec.name)
    from .output import check_writable

    check_writable(output)
    from .shots import Shot

    shot = Shot.clip(spec.name, parameters)
    function = parameters.get("function")
    title = f"{spec.name}: {function}" if function else spec.name
    return _film(shot, settings, output, title, {"command": command}, options)


def _scene(words: list[str]) -> int:
    parser = arguments.film_parser("scene", "a scene of your own file")
    parser.add_argument("file", metavar="FILE.py")
    parser.add_argument("name", metavar="CLASS", nargs="?", help="needed where the file has several scenes")
    options = parser.parse_args(words)
    path = Path(options.file)
    if path.suffix != ".py":
        raise RenderError(
            f"'{options.file}' is not a Python file; scene takes FILE.py and then the name of a class"
        )
    if not path.is_file():
        raise RenderError(f"there is no file {options.file}")
    settings, output = arguments.settings_and_output(options, path.stem)
    from .output import check_writable

    check_writable(output)
    from .keys import reading
    from .shots import scene_of_file

    reading.listen()  # what the file reads when it is imported counts for the cache
    shot = scene_of_file(path, options.name)
    asked = {"command": "scene", "file": options.file, "class": shot.name}
    return _film(shot, settings, output, shot.name, asked, options)


def _film_command(words: list[str]) -> int:
    parser = arguments.film_parser("film", "a whole film")
    parser.add_argument("film", metavar="FILM", help="its name (list names them), or a folder of your own with a film.toml")
    parser.add_argument("--chapter", metavar="N,N", help="only these chapters, by number or name")
    options = parser.parse_args(words)
    from .films import chapters_named, film_of, parts_of

    spec = film_of(options.film)
    wanted = chapters_named(spec, options.chapter)
    name = spec.slug if len(wanted) == len(spec.chapters) else "-".join([spec.slug, *(c.slug for c in wanted)])
    arguments.speak(options)
    settings, output = arguments.settings_and_output(options, name)
    from .output import check_writable

    check_writable(output)
    asked = {"command": "film", "film": spec.slug, "chapters": [c.slug for c in wanted]}
    if spec.folder:
        asked["folder"] = options.film
    return _film(parts_of(spec, wanted), settings, output, spec.title, asked, options)


def _film(shot: Shot | list[Part], settings: Any, output: Path, title: str, asked: dict[str, Any], options: Any) -> int:
    by_itself = getattr(options, "speaks", False)
    if by_itself and settings.narrate:
        settings = _with_a_voice(settings)
    if options.script:
        from .script import printed, script_of

        entries = script_of(shot, settings)
        print(json.dumps(entries, ensure_ascii=False) if options.json else printed(entries))
        return 0
    from .film import render

    film = render(shot, settings, output, title=title, asked=asked, quiet=False)
    if options.json:
        files = [str(path) for path in film.files]
        answer = {"files": files, "seconds": film.seconds, "frames": film.frames}
        if options.profile:
            answer["profile"] = film.profile.as_json()
        print(json.dumps(answer, ensure_ascii=False))
    else:
        beside = ", ".join(path.suffix for path in film.files[1:])
        print(f"{film.video}  {film.seconds:.1f} s, {film.frames} frames (beside it: {beside})")
        if options.profile:
            print(film.profile.text())
    if options.preview:
        open_file(film.video)
    if by_itself and film.unsaid and len(film.unsaid) == sum(bool(beat["words"]) for beat in film.manifest["beats"]):
        print(f"chainreel: the film is silent: {film.unsaid[0][1]}", file=sys.stderr)
        return 0
    for beat, why in film.unsaid:
        print(f"chainreel: beat {beat} is silent: {why}", file=sys.stderr)
    return report.FAILED if film.unsaid else 0


def _with_a_voice(settings: Any) -> Any:
    """The same settings; silent, with a sentence, where nobody asked for a voice and the built-in one is missing."""
    from .voices import voice_named

    try:
        voice_named(settings.voice)
    except RenderError as problem:
        print(f"chainreel: the film is silent: {problem}", file=sys.stderr)
        return replace(settings, narrate=False)
    return settings


def open_file(path: Path) -> None:
    """Show a file with the program that the system has for it."""
    try:
        if os.name == "nt":
            os.startfile(path)  # type: ignore[attr-defined,unused-ignore]
        else:
            opener = "open" if sys.platform == "darwin" else "xdg-open"
            subprocess.Popen([opener, str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except OSError:
        print(f"chainreel: this system has no program to open {path}", file=sys.stderr)


def _lint(words: list[str]) -> int:
    from .linting import command

    return command(words)


def _verify(words: list[str]) -> int:
    parser = arguments.plain_parser("verify", "recompute every number of a film from its manifest")
    parser.add_argument("manifest", metavar="MANIFEST", help="NAME.json beside the film")
    options = parser.parse_args(words)
    from .verify import verify

    result = verify(Path(options.manifest))
    print(json.dumps(result.as_json(), ensure_ascii=False) if options.json else result.text())
    return 0 if result.passed else 1


def _pack(words: list[str]) -> int:
    from .pack.command import command

    return command(words)


def _gallery(words: list[str]) -> int:
    from .pack.gallery import command

    return command(words)


def _doctor(words: list[str]) -> int:
    parser = arguments.plain_parser("doctor", "check this machine, a film, or a pack")
    parser.add_argument("file", metavar="FILE", nargs="?", help="a film, the folder of a pack, or a deck (.pptx)")
    options = parser.parse_args(words)
    from .doctor import check_file, check_machine

    findings = check_file(Path(options.file)) if options.file else check_machine()
    if options.json:
        print(json.dumps([{"ok": f.ok, "what": f.what, "is": f.found} for f in findings], ensure_ascii=False))
    else:
        for finding in findings:
            print(f"{'ok ' if finding.ok else 'BAD'} {finding.what}: {finding.found}")
    return 0 if all(finding.ok for finding in findings) else 1


def _cache(words: list[str]) -> int:
    options = arguments.cache_parser().parse_args(words)
    if options.action != "prune" and (options.older_than is not None or options.max_size is not None):
        raise RenderError("--older-than and --max-size belong to 'cache prune'")
    from .cache import Cache, cache_folder
    from .room import amount

    cache = Cache(cache_folder())
    if options.action == "verify":
        whole, damaged = cache.verify()
        said = {"whole": whole, "damaged": damaged}
        words_said = f"{whole} pieces are whole" + (
            f"; {len(damaged)} damaged, thrown away: {', '.join(damaged)}" if damaged else ""
        )
    elif options.action == "prune":
        days, limit = options.older_than, options.max_size
        gone = cache.prune(None if days is None else days * 86400, None if limit is None else limit * 1e9)
        said = {"pieces": gone.segments, "bytes": gone.bytes}
        words_said = f"{gone.segments} pieces thrown away, {amount(gone.bytes)}"
    else:
        size = cache.size()
        said = {"folder": str(cache.root), "pieces": size.segments, "bytes": size.bytes}
        words_said = f"{cache.root}: {size.segments} pieces, {amount(size.bytes)}"
    print(json.dumps(said, ensure_ascii=False) if options.json else words_said)
    return 1 if options.action == "verify" and said["damaged"] else 0


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "list": _list,
    "explain": _explain,
    "clip": _clip,
    "film": _film_command,
    "scene": _scene,
    "lint": _lint,
    "verify": _verify,
    "pack": _pack,
    "gallery": _gallery,
    "doctor": _doctor,
    "cache": _cache,
}
