"""``lint film``: a whole film judged by the teaching rules, as a table: a row for each rule, a column for each chapter.

Each chapter is run as the film speaks it (what was said or trained once is kept), watched by the rules of the look, and
then judged by the rules about words and time. A cell is what was measured, and ✓ or ✗.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from chainreel.scenes.films.catalogue import ChapterSpec, FilmSpec
from chainreel.scenes.lint import RULES, SPEECH, Finding, FrameRules, Lint, glossary, meeting, pauses, speech
from chainreel.scenes.lint.measure import Measure
from chainreel.scenes.lint.newness import News, too_many
from chainreel.scenes.lint.record import Cue, Run
from chainreel.scenes.lint.text import content_words

from . import captions
from .drawing import Score, make_scene, manim_config, run
from .errors import RenderError
from .filming import Rehearsal
from .films import chapters_named, film_of, shot_of
from .linting import SETTINGS, Places, elsewhere
from .rehearsing import book_of
from .settings import Settings
from .shots import Shot

START, LENGTH = 1.5, 0.02  # seconds; a share of the film (R41)
CHAPTER = 360.0  # seconds (R3)
# Rules that no program can judge, wholly or in part.
BY_EYE = {
    "R7": "is the case a good one", "R9": "is the tempting wrong answer named", "R21": "is there a list of sources",
    "R22": "does nothing move without a reason", "R28": "is the motion the algorithm's",
    "R29": "do blame and step look different",
    "R30": "is the named misconception stated, shown to fail, replaced", "R31": "one term for one idea",
    "R33": "is the voice clear (loudness: doctor FILM)", "R35": "is an honest failure shown with its reason",
    "R36": "does the recap ask before it tells", "R37": "first case in full, second quicker, third predicted",
    "R39": "are limits said where a picture is a slice, a toy, a rounding",
}  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """A chapter and what was found: measures by the rule's name, findings, the terms that it shows, its words."""

    chapter: ChapterSpec
    seconds: float
    measures: dict[str, Measure]
    findings: tuple[tuple[Finding, str], ...]  # with the sentence that is being said
    run: Run
    news: tuple[News, ...] = ()  # what each beat brings, and all that is seen in the end
    seen: frozenset[str] = frozenset()

    @property
    def fine(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


@dataclass(frozen=True)
class Missing:
    """A chapter that cannot be judged, and why."""

    chapter: ChapterSpec
    why: str


@dataclass(frozen=True)
class Task:
    """One chapter to judge; plain values, so that another process can do it."""

    film: FilmSpec
    chapter: ChapterSpec
    settings: Settings
    frames: bool
    sizes: bool = True


def judge_chapter(task: Task) -> Judged | Missing:
    """Run one chapter and measure it by itself; what needs its neighbours is added by `judge_film`."""
    shot = shot_of(task.film, task.chapter)
    try:
        shot.load()
    except ModuleNotFoundError as problem:
        if problem.name and problem.name.endswith(task.chapter.slug):
            return Missing(task.chapter, "is not there yet")
        return Missing(task.chapter, f"cannot be imported: {problem}")
    except RenderError as problem:
        return Missing(task.chapter, str(problem))
    except Exception as problem:
        return Missing(task.chapter, f"cannot be imported: {type(problem).__name__}: {problem}")
    try:
        return watch(shot, task)
    except Exception as problem:
        from .report import explain

        return Missing(task.chapter, f"stops: {explain(problem)[0]}")


def watch(shot: Shot, task: Task) -> Judged:
    """Perform the scene with its voice under the eyes of the rules."""
    settings = task.settings
    voice = book_of(settings)
    with tempfile.TemporaryDirectory(prefix="chainreel-lint-") as folder, manim_config(settings, Path(folder), shot.load()):
        scene = make_scene(shot, settings, voice)
        watcher = Lint(scene, film=True)
        places = Places(scene)
        score = run(scene, FrameRules(watcher) if task.frames else Rehearsal())
    found = list(watcher.findings)
    if task.sizes:
        found += elsewhere(shot, settings, places, voice)
    done = performed(scene, watcher, score, settings.fps, voice)
    measures = layout_measures(watcher, found, task)
    for measured in (*told_measures(done), *planned_measures(done, task.chapter)):
        measures[measured.rule] = measured
        found += measured.findings
    news = tuple(watcher.news), watcher.seen
    return Judged(task.chapter, done.seconds, measures, dressed(found, done), done, *news)


def performed(scene: Any, watcher: Lint, score: Score, fps: int, voice: Any) -> Run:
    """A scene as it was performed under the eyes of the rules."""
    cues = [Cue(cue.lines, cue.start, cue.end) for cue in captions.cues(score.beats, spoken=voice is not None)]
    return Run(
        list(scene.beats), score.frames / fps, list(scene.meetings), watcher.record, cues, voice is not None,
        dict(scene.ledger.sources), list(scene.ledger.numbers),
    )  # fmt: skip


def told_measures(done: Run) -> list[Measure]:
    """The rules about words and time that need nothing but the run."""
    judges = (
        speech.rate, speech.share, meeting.meetings, meeting.case_first, pauses.holds, pauses.predict_first, speech.captions,
        meeting.sources, speech.blame_and_step, speech.sentences, pauses.dead_air,
    )  # fmt: skip
    return [judge(done) for judge in judges]


def planned_measures(done: Run, chapter: ChapterSpec) -> list[Measure]:
    """The chapter's length against the plan."""
    seconds, plan = done.seconds, chapter.seconds or done.seconds
    long = Finding("length", -1, CHAPTER, f"the chapter takes {seconds:.0f} s; {CHAPTER:.0f} s is the most")
    off = seconds - plan
    late = Finding("timestamps", -1, 0.0, f"the chapter takes {seconds:.1f} s; the plan says {plan:g} s")
    fits = abs(off) <= max(LENGTH * plan, 0.1)
    return [
        Measure("length", f"{seconds:.1f} s", seconds <= CHAPTER, () if seconds <= CHAPTER else (long,)),
        Measure("timestamps", f"{signed(off)} s", fits, () if fits else (late,)),
    ]


def signed(seconds: float) -> str:
    """A difference to a tenth of a second.

    >>> signed(-0.04), signed(1.26)
    ('+0.0', '+1.3')
    """
    return f"{round(seconds, 1) + 0.0:+.1f}"


def layout_measures(watcher: Lint, found: Sequence[Finding], task: Task) -> dict[str, Measure]:
    """What the rules of the look measured, by their names; where a rule only counts, the count."""
    counts = {rule: sum(f.rule == rule for f in found) for rule in RULES}
    known = watcher.gauges
    texts = {
        "time to read": ("formula time", "{:+.1f} s"), "size": ("size", "{:.0f}"),
        "colour distance": ("colour distance", "ΔE {:.0f}"), "contrast": ("contrast", "{:.1f}:1"),
        "index size": ("index size", "{:.1f} px"), "empty space": ("empty", "{:.0%}"), "echo": ("echo", "{:.0%}"),
        "arithmetic": ("equations", "{:.0f} shown"), "moving groups": ("groups", "{:.0f}"), "pace": ("quickest", "{:.2f} s"),
        "continuity": ("shared", "{:.0%}"), "focus": ("lamps", "{:.0f}"), "near its object": ("label gap", "{:.1%}"),
        "dead frame": ("still", "{:.1f} s"), "decimals": ("quantities", "{:.0f} keys"),
    }  # fmt: skip
    result = {}
    for rule, count in counts.items():
        name, form = texts.get(rule, ("", ""))
        text = form.format(known[name]) if name in known else str(count)
        if rule == "density":
            text = f"{known.get('words', 0):.0f}w {known.get('texts', 0):.0f}t"
        fine: bool | None = count == 0
        if (rule in ("flash", "empty space", "covered") and not task.frames) or (rule == "every size" and not task.sizes):
            text, fine = "–", None  # needs frames
        result[rule] = Measure(rule, text, fine)
    return result


def dressed(found: Iterable[Finding], done: Run) -> tuple[tuple[Finding, str], ...]:
    """Findings in order, each with its beat and the sentence that is said then."""
    result = []
    for finding in sorted(found, key=lambda f: (f.time, f.rule)):
        beat = finding.beat if finding.beat >= 0 else done.beat_at(finding.time)
        result.append((replace(finding, beat=beat), done.sentence_at(finding.time)))
    return tuple(result)


# A film ---------------------------------------------------------------------------------------------------------------


def judge_film(
    film: FilmSpec, chapters: Sequence[ChapterSpec], settings: Settings, *, frames: bool = True, sizes: bool = True,
    workers: int = 1, tell: Callable[[Judged | Missing], None] | None = None,
) -> list[Judged | Missing]:  # fmt: skip
    """The chapters in order; with several workers side by side."""
    tasks = [Task(film, chapter, settings, frames, sizes) for chapter in chapters]
    found: list[Judged | Missing] = []
    if workers > 1 and len(tasks) > 1:
        with ProcessPoolExecutor(min(workers, len(tasks)), mp_context=get_context("spawn")) as pool:
            answers: Iterable[Judged | Missing] = pool.map(judge_chapter, tasks)
            found = together(film, list(answers))
    else:
        found = together(film, [judge_chapter(task) for task in tasks])
    for judged in found:
        if tell is not None:
            tell(judged)
    return found


def together(film: FilmSpec, found: Sequence[Judged | Missing]) -> list[Judged | Missing]:
    """Add what a chapter can only be judged by together with those before it: what is new, terms, the recap, when it begins."""
    result: list[Judged | Missing] = []
    known: set[str] | None = set()
    seen: set[str] | None = set()
    shown: set[str] | None = set()
    at: float | None = 0.0
    slugs = [c.slug for c in film.chapters]
    expected = 0
    for judged in found:
        place = slugs.index(judged.chapter.slug)
        if isinstance(judged, Missing):
            result.append(judged)
            continue
        if place != expected:
            known = seen = shown = at = None  # what came before is not known
        expected = place + 1
        more = [glossary.terms(judged.run, known), new_things(judged, shown)]
        if "recap" in judged.chapter.slug:
            more.append(recap(judged.run, seen))
        if at is not None:
            more.append(begins(judged, at, film.starts()[place]))
            at = at + judged.seconds if judged.chapter.seconds else None  # without a plan nothing is late
        if shown is not None:
            shown |= judged.seen
        if known is not None and seen is not None:
            known |= {*glossary.introduced(judged.run), *glossary.said(judged.run)}
            seen |= words_of(judged.run)
        measures = {**judged.measures, **{m.rule: m for m in more}}
        extra = [f for m in more for f in m.findings]
        findings = (*judged.findings, *dressed(extra, judged.run)) if extra else judged.findings
        result.append(replace(judged, measures=measures, findings=tuple(findings)))
    return result


def new_things(judged: Judged, shown: set[str] | None) -> Measure:
    """R4: what a beat brings that no chapter before it has shown."""
    most = max((len(entry.things(shown or ())) for entry in judged.news), default=0)
    if shown is None:  # it may all have been there before
        return Measure("new things", str(most), None)
    findings = tuple(too_many(judged.news, shown))
    return Measure("new things", str(most), not findings, findings)


def begins(judged: Judged, at: float, plan: float) -> Measure:
    """R41: when a chapter begins, and its length."""
    known = judged.measures["timestamps"]
    text = f"@{signed(at - plan)} {known.text}"
    if abs(at - plan) <= START:
        return Measure("timestamps", text, known.fine)
    late = Finding("timestamps", 0, 0.0, f"the chapter begins at {at:.1f} s; the plan says {plan:g} s")
    return Measure("timestamps", text, False, (late,))


def words_of(run: Run) -> set[str]:
    """What a chapter said and showed."""
    texts = " ".join([*run.record.texts, *(beat.words for beat in run.beats)])
    return {word[:5] for word in content_words(texts)}  # squares, squared, square


def recap(run: Run, seen: set[str] | None) -> Measure:
    """R36: every word that the recap shows was there before."""
    shown = [says for says in run.record.texts if content_words(says)]
    if seen is None:
        return Measure("recap", f"{len(shown)} items", None)
    title = {word[:5] for word in ("recap", "source")}
    new = [says for says in shown if any(w[:5] not in seen | title for w in content_words(says))]
    findings = tuple(
        Finding("recap", -1, run.record.texts[says][0][0], f"'{says}' is recalled, but was not there before") for says in new
    )
    return Measure("recap", f"{len(shown)} items", not findings, findings)


def film_measures(film: FilmSpec, found: Sequence[Judged | Missing]) -> list[Measure]:
    """What holds for the film as a whole: its length, its nudge check."""
    there = [judged for judged in found if isinstance(judged, Judged)]
    whole = len(there) == len(film.chapters)
    seconds = sum(judged.seconds for judged in there)
    plan = sum(judged.chapter.seconds or judged.seconds for judged in there)
    fits = abs(seconds - plan) <= LENGTH * plan
    off = Finding("timestamps", 0, 0.0, f"the film takes {seconds:.1f} s; the plan says {plan:g} s")
    checks = [j.chapter.slug for j in there if any(is_check(d) for d in j.run.sources.values())]
    none = Finding("nudge check", 0, 0.0, "no chapter checks a slope by nudging")
    nudged = bool(checks) or not whole
    said = f"in {checks[0]}" if checks else "none" if whole else "–"
    return [
        Measure("timestamps", f"{seconds:.0f}/{plan:.0f} s", fits, () if fits else (off,)),
        Measure("nudge check", said, nudged if whole or checks else None, () if nudged else (none,)),
    ]


def is_check(description: Any) -> bool:
    """Whether an engine object compares a slope with what really happens."""
    kind = str(description.get("kind", "")) if isinstance(description, dict) else ""
    return kind in ("nudge", "forecast", "differences", "error_curve")


# What is printed ------------------------------------------------------------------------------------------------------


def rows() -> list[tuple[str, str]]:
    """Every measured rule, (number, name), in the order of the teaching rules."""

    def order(entry: tuple[str, str]) -> tuple[int, str]:
        number, name = entry
        return (int(number[1:]) if number[1:].isdigit() and number[0] == "R" else 99, name)

    every = [(rule.number, name) for name, rule in {**RULES, **SPEECH}.items() if name != "hold"]
    return sorted(every, key=order)


def table(film: FilmSpec, found: Sequence[Judged | Missing]) -> str:
    """The measures: a row for each rule, a column for each chapter."""
    there = [judged for judged in found if isinstance(judged, Judged)]
    whole = {m.rule: m for m in film_measures(film, found)}
    heads = [f"{film.chapters.index(j.chapter) + 1} {j.chapter.slug}"[:13] for j in there]
    lines = []
    for number, name in rows():
        cells = [cell(j.measures.get(name)) for j in there]
        if name in whole:
            cells.append(cell(whole[name]))
        elif len(there) > 1:
            cells.append("")
        lines.append([f"{number:<4} {name}", *cells])
    head = ["", *heads, *(["film"] if any(len(line) > len(heads) + 1 for line in lines) else [])]
    width = [max(len(line[k]) for line in [head, *lines] if k < len(line)) for k in range(len(head))]
    printed = [
        "  ".join(text.ljust(width[k]) if k == 0 else text.rjust(width[k]) for k, text in enumerate(line)).rstrip()
        for line in [head, *lines]
    ]
    broken = sum(len(j.findings) for j in there) + sum(len(m.findings) for m in whole.values())
    printed += ["", f"{len(there)} chapter{'s' * (len(there) != 1)}, {broken} finding{'s' * (broken != 1)}"]
    printed += ["", "judged by eye:", *(f"{number:<4} {what}" for number, what in BY_EYE.items())]
    return "\n".join(printed)


def cell(measured: Measure | None) -> str:
    """What was measured and the verdict."""
    if measured is None:
        return "–"
    return measured.text + ("" if measured.fine is None else " ✓" if measured.fine else " ✗")


def told(film: FilmSpec, judged: Judged | Missing) -> str:
    """The findings of a chapter, each with its second, beat and sentence."""
    number = film.chapters.index(judged.chapter) + 1
    name = f"chapter {number} {judged.chapter.slug}"
    if isinstance(judged, Missing):
        return f"{name}: {judged.why}"
    lines = [f"{name}: {len(judged.findings) or 'no'} finding{'s' * (len(judged.findings) != 1)}"]
    for finding, sentence in judged.findings:
        lines.append(f"  {finding.time:6.1f} s  beat {finding.beat + 1}  {finding.number} {finding.rule}: {finding.message}")
        if sentence:
            lines.append(f"{'':20}“{sentence}”")
    return "\n".join(lines)


def as_json(film: FilmSpec, found: Sequence[Judged | Missing]) -> dict[str, Any]:
    """The same as plain values."""
    chapters: dict[str, Any] = {}
    for judged in found:
        if isinstance(judged, Missing):
            chapters[judged.chapter.slug] = {"missing": judged.why}
            continue
        chapters[judged.chapter.slug] = {
            "seconds": judged.seconds,
            "measures": {
                name: {"number": {**RULES, **SPEECH}[name].number, "measured": m.text, "fine": m.fine}
                for name, m in judged.measures.items()
            },
            "findings": [{"number": f.number, **asdict(f), "sentence": said} for f, said in judged.findings],
        }
    whole = {m.rule: {"measured": m.text, "fine": m.fine} for m in film_measures(film, found)}
    return {"film": film.slug, "chapters": chapters, "whole": whole, "by_eye": BY_EYE}


def command(words: list[str]) -> int:
    """``chainreel lint film NAME``: the findings, then the table; 1 where something was found or a chapter is missing."""
    from .arguments import plain_parser

    parser = plain_parser("lint film", "judge a film by the teaching rules: a row for each rule, a column for each chapter")
    parser.add_argument("film", metavar="FILM", help="its name (list names them), or a folder of your own")
    parser.add_argument("--chapter", metavar="N,N", help="only these chapters, by number or name")
    parser.add_argument("--theme", metavar="NAME", help="night (default), paper or FILE.toml")
    parser.add_argument("--voice", metavar="VOICE", help="who speaks (default: the built-in voice)")
    parser.add_argument("--layout", action="store_true", help="draw nothing: quick, without the rules about frames")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="chapters side by side (default 1)")
    options = parser.parse_args(words)
    film = film_of(options.film)
    wanted = chapters_named(film, options.chapter)
    settings = replace(SETTINGS, theme=options.theme, narrate=True, voice=options.voice)
    found = judge_film(
        film, wanted, settings, frames=not options.layout, workers=options.workers,
        tell=None if options.json else lambda judged: print(told(film, judged), flush=True),
    )  # fmt: skip
    if options.json:
        print(json.dumps(as_json(film, found), ensure_ascii=False))
    else:
        print()
        print(table(film, found))
    clean = all(isinstance(judged, Judged) and judged.fine for judged in found)
    return 0 if clean and all(m.fine is not False for m in film_measures(film, found)) else 1
