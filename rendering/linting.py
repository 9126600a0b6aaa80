"""``lint``: judge a clip by the rules of the look – its mobjects all the way, its frames where it stands still.

Each shot is run once at 480 lines with some of its frames drawn, once more at 1080 lines without drawing (the layout must
be the same), and, if pictures are asked for, a third time to draw the frames on which something was found.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from chainreel.scenes.clips.catalogue import CLIPS, clip_named
from chainreel.scenes.lint import RULES, SPEECH, Finding

from . import manifest
from .drawing import make_scene, manim_config, run
from .errors import RenderError
from .filming import Rehearsal
from .rehearsing import book_of
from .settings import Settings
from .shots import Shot, scene_of_file
from .stills import stills

SETTINGS = Settings(
    854, 480, 15
)  # the smallest size that a film is watched at: what fits here fits everywhere
SIZES = {"wide": (854, 480), "tall": (480, 854), "square": (480, 480)}
SAME = 0.03  # frame units by which a text may stand elsewhere at 1080 lines: the widths of 854x480 and 1920x1080 differ
THUMBNAIL = 480  # pixels


@dataclass(frozen=True)
class Report:
    """The findings of one shot in one theme and size."""

    shot: str
    theme: str
    size: tuple[int, int]
    findings: tuple[Finding, ...]

    @property
    def label(self) -> str:
        """How it is called in a table."""
        return f"{self.shot}, {self.theme}, {self.size[0]}x{self.size[1]}"


def judge(
    target: str, name: str | None = None, *, themes: Sequence[str | None] = (None,),
    sizes: Iterable[tuple[int, int]] | None = None, pictures: Path | None = None, frames: bool = True,
    tell: Callable[[Report], None] | None = None, voice: str | None = None,
) -> list[Report]:  # fmt: skip
    """A report for each shot that the target names, in each theme and size.

    The target is a clip, a scene file, a manifest, or ``all`` clips. Without ``sizes`` a shot is judged in every shape
    that it is made for. ``frames`` draws; without it only what can be told from the layout is judged. With a ``voice`` it
    is judged as it is spoken; explain always speaks.
    """
    reports = []
    for label, shot in shots(target, name).items():
        made_for = getattr(shot.load(), "shapes", ("wide",))
        for theme in themes:
            for width, height in sizes or [SIZES[s] for s in SIZES if s in made_for]:
                settings = replace(SETTINGS, width=width, height=height, theme=theme)
                if voice is not None or label == "explain":
                    settings = replace(settings, narrate=True, voice=voice or None)
                found = findings(shot, settings, frames=frames)
                look = theme or str(getattr(shot.load(), "theme", "night"))
                report = Report(label, Path(look).stem, (width, height), tuple(found))
                if pictures is not None and found:
                    draw_findings(shot, settings, report, pictures)
                reports.append(report)
                if tell is not None:
                    tell(report)
    return reports


def shots(target: str, name: str | None = None) -> dict[str, Shot]:
    """The shots of a target, by name."""
    if target == "all":
        return {clip: Shot.clip(clip, {}) for clip in CLIPS}
    path = Path(target)
    if path.suffix == ".py":
        shot = scene_of_file(path, name)
        return {shot.name: shot}
    if path.suffix == ".json":
        return {path.stem: shot_of_manifest(manifest.read(path))}
    return {target: Shot.clip(clip_named(target).name, {})}


def shot_of_manifest(record: dict[str, Any]) -> Shot:
    """The shot that a manifest was made from."""
    asked = record.get("asked", {})
    if asked.get("file"):
        return scene_of_file(Path(asked["file"]), asked.get("class"))
    if asked.get("clip") not in CLIPS:
        raise RenderError("the manifest does not say which clip it was made from")
    spec = CLIPS[asked["clip"]]
    parameters = {p.name: asked[p.name] for p in spec.parameters if asked.get(p.name) is not None}
    function = parameters.get("function")
    if isinstance(function, dict):
        from chainreel.engine import Function

        parameters["function"] = Function.rebuild(function)
    return Shot.clip(spec.name, parameters)


def findings(shot: Shot, settings: Settings = SETTINGS, *, frames: bool = True) -> list[Finding]:
    """What the rules find in one shot."""
    from chainreel.scenes.lint import FrameRules, Lint
    from chainreel.scenes.stage.stage import Stage

    if not issubclass(shot.load(), Stage):
        raise RenderError(f"{shot.name} is a plain manim scene; lint needs a chainreel Stage (or a clip), with beats")
    voice = book_of(settings)
    with tempfile.TemporaryDirectory(prefix="chainreel-lint-") as folder:
        with manim_config(settings, Path(folder), shot.load()):
            scene = make_scene(shot, settings, voice)
            watcher = Lint(scene)
            places = Places(scene)
            score = run(scene, FrameRules(watcher) if frames else Rehearsal())
    found = list(watcher.findings)
    found += elsewhere(shot, settings, places, voice)
    if voice is not None:
        from .film_lint import performed, told_measures

        done = performed(scene, watcher, score, settings.fps, voice)
        found += [replace(f, beat=done.beat_at(f.time)) for measure in told_measures(done) for f in measure.findings
                  if f.rule != "case first"]  # the function is a clip's case
    return sorted(found, key=lambda f: (f.time, f.rule))


def elsewhere(shot: Shot, settings: Settings, places: Places, voice: Any) -> list[Finding]:
    """R42: what is not the same picture at 1080 lines."""
    larger = at_1080(settings)
    with tempfile.TemporaryDirectory(prefix="chainreel-lint-") as folder, manim_config(larger, Path(folder), shot.load()):
        again = make_scene(shot, larger, voice)
        others = Places(again)
        run(again, Rehearsal())
    return [Finding("every size", -1, time, message) for time, message in places.unlike(others)]


def at_1080(settings: Settings) -> Settings:
    """The same shape with 1080 lines on its shorter side."""
    factor = 1080 / min(settings.size)
    width, height = (round(side * factor / 2) * 2 for side in settings.size)
    return replace(settings, width=width, height=height)


class Places:
    """Where the texts of a scene stand at the end of each play."""

    def __init__(self, scene: Any):
        self.seen: list[tuple[float, list[tuple[str, float, float]]]] = []
        scene.watchers.append(self.look)

    def look(self, scene: Any) -> None:
        """Note each text and the middle of its box."""
        from chainreel.scenes.lint.sight import Moment

        texts = Moment(scene, scene.now).texts
        self.seen.append(
            (scene.now, [(t.says, (t.box[0] + t.box[2]) / 2, (t.box[1] + t.box[3]) / 2) for t in texts])
        )

    def unlike(self, other: Places) -> list[tuple[float, str]]:
        """Where the two are not the same picture: time and a sentence."""
        for (time, here), (then, there) in zip(self.seen, other.seen, strict=False):
            if abs(time - then) > 1e-6:
                return [(time, f"at 1080 lines the same moment comes at {then:.2f} s")]
            if [t[0] for t in here] != [t[0] for t in there]:
                only = {t[0] for t in here} ^ {t[0] for t in there}
                return [(time, f"at 1080 lines other texts are on screen: {', '.join(sorted(only)) or 'in another order'}")]
            for (says, x, y), (_, u, v) in zip(here, there, strict=True):
                if abs(x - u) > SAME or abs(y - v) > SAME:
                    return [(time, f"at 1080 lines '{says}' stands {np.hypot(x - u, y - v):.2f} units elsewhere")]
        return []


# Pictures of what was found ------------------------------------------------------------------------------------------


def draw_findings(shot: Shot, settings: Settings, report: Report, folder: Path) -> list[Path]:
    """A thumbnail of each finding with its place framed and named."""
    folder.mkdir(parents=True, exist_ok=True)
    frame_of = {f: max(round(f.time * settings.fps) - 1, 0) for f in report.findings}
    drawn = stills(shot, settings, frame_of.values())
    width, height = settings.frame_of(shot.load())
    made = []
    for number, (finding, frame) in enumerate(frame_of.items(), 1):
        if frame not in drawn:
            continue
        picture = Image.fromarray(drawn[frame])
        pen = ImageDraw.Draw(picture)
        if finding.where is not None:
            sx, sy = settings.width / width, settings.height / height
            x0, y0, x1, y1 = finding.where
            left, top = (x0 + width / 2) * sx - 4, (height / 2 - y1) * sy - 4
            right, bottom = (x1 + width / 2) * sx + 4, (height / 2 - y0) * sy + 4
            pen.rectangle((left, top, right, bottom), outline="#FF00FF", width=2)
        note = f"{finding.time:.1f} s  {finding.number} {finding.rule}  {finding.name}"
        pen.rectangle((0, settings.height - 18, settings.width, settings.height), fill="#000000")
        pen.text((6, settings.height - 15), note.encode("latin-1", "replace").decode("latin-1"), fill="#FFFFFF")
        picture.thumbnail((THUMBNAIL, THUMBNAIL))
        of = f"{report.shot}-{report.theme}-{report.size[0]}x{report.size[1]}"
        path = folder / (re.sub(r"\W+", "-", f"{of}-{number:02d}-{finding.rule}") + ".png")
        picture.save(path, optimize=True)
        made.append(path)
    return made


# The table -----------------------------------------------------------------------------------------------------------


def table(reports: Sequence[Report]) -> str:
    """A line for each rule: its number, whether it is kept, how often not, and what it asks for."""
    lines = []
    told_of = {f.rule for report in reports for f in report.findings}
    for rule, (number, asks) in [*RULES.items(), *((name, rule) for name, rule in SPEECH.items() if name in told_of)]:
        broken = [f for report in reports for f in report.findings if f.rule == rule]
        verdict = f"{len(broken):4d} ✗" if broken else "   0 ✓"
        lines.append(f"{number:<4} {rule:<16} {verdict}  {asks}")
    total = sum(len(report.findings) for report in reports)
    lines.append(f"{len(reports)} run{'s' * (len(reports) != 1)}, {total} finding{'s' * (total != 1)}")
    return "\n".join(lines)


def told(report: Report) -> str:
    """The findings of a report, one a line."""
    if not report.findings:
        return f"{report.label}: clean"
    lines = [f"{report.label}: {len(report.findings)} finding{'s' * (len(report.findings) != 1)}"]
    lines += [f"  {f.time:6.1f} s  beat {f.beat}  {f.number} {f.rule}: {f.message}" for f in report.findings]
    return "\n".join(lines)


def command(words: list[str]) -> int:
    """``chainreel lint``: the findings, then a table of the rules; 1 where something was found."""
    from .arguments import parse_size, plain_parser

    if words and words[0] == "film":
        from .film_lint import command as judge_film

        return judge_film(words[1:])
    parser = plain_parser("lint", "judge the picture: every rule of the look that a program can check")
    parser.add_argument("target", metavar="TARGET", help="a clip's name, a scene file, a manifest, or all")
    parser.add_argument("name", metavar="CLASS", nargs="?", help="the class in a scene file")
    parser.add_argument("--theme", metavar="NAME", help="night, paper, FILE.toml or both (default both for all, else night)")
    parser.add_argument("--shape", choices=(*SIZES, "all"), help="of the frame (default all that the scene is made for)")
    parser.add_argument("--size", metavar="WxH", help="pixels instead of a shape, such as 1280x720")
    parser.add_argument("--pictures", metavar="FOLDER", help="write a thumbnail of each finding there")
    parser.add_argument("--narrate", action="store_true", help="as the voice speaks it: judge words, pace and pauses, too")
    parser.add_argument("--voice", metavar="VOICE", help="who speaks; implies --narrate")
    parser.add_argument("--layout", action="store_true", help="draw nothing: quick, without the rules about frames")
    options = parser.parse_args(words)
    if options.size and options.shape:
        raise RenderError("--size and --shape say the same thing; leave one out")
    theme = options.theme or ("both" if options.target == "all" else None)
    sizes = [parse_size(options.size)] if options.size else None
    if options.shape and options.shape != "all":
        sizes = [SIZES[options.shape]]
    reports = judge(
        options.target, options.name,
        themes=("night", "paper") if theme == "both" else (theme,),
        sizes=sizes,
        pictures=Path(options.pictures) if options.pictures else None,
        frames=not options.layout,
        voice=options.voice or ("" if options.narrate else None),
        tell=None if options.json else lambda report: print(told(report), flush=True),
    )  # fmt: skip
    if options.json:
        print(json.dumps(as_json(reports), ensure_ascii=False))
    else:
        print()
        print(table(reports))
    return 1 if any(report.findings for report in reports) else 0


def as_json(reports: Sequence[Report]) -> dict[str, list[dict[str, Any]]]:
    """Findings by the label of their report."""
    return {report.label: [{"number": f.number, **asdict(f)} for f in report.findings] for report in reports}
