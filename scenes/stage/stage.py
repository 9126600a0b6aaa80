"""The scene that every clip and every film's shot is: a manim Scene with a theme, beats and a ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any
from weakref import WeakSet

from manim import Animation, Mobject, Scene, Wait, config

from .area import Area, safe_area, shape_of
from .badge import QuestionBadge
from .camera import StageCamera
from .errors import StageError
from .ledger import Ledger, Printed
from .speech import Timed, Token, find, timed, words
from .theme import Theme, theme_named

AHEAD = 0.15  # seconds that a picture begins before its word
READING = 15.0  # characters a second for a beat without a voice: below the 17 that captions may reach (R17)
LEFT, RIGHT, BOTTOM, TOP = -6.26, 6.26, -2.72, 3.52  # where content may be; below it is the place of captions


@dataclass(frozen=True)
class Beat:
    """The unit of time: some words and what moves while they are said. Times are seconds from the start."""

    index: int
    title: str
    words: str
    spoken: str
    start: float
    end: float
    chapter: str | None
    times: tuple[Timed, ...] = ()  # when each shown word is said


@dataclass(frozen=True)
class Meeting:
    """A picture that was set to meet a word: the beat, the word, when it is said and when the picture moved (seconds)."""

    beat: int
    word: str
    said: float
    moved: float


class Stage(Scene):
    """A manim Scene on graph paper. `with self.beat("what is said"):` holds the animations of one beat.

    Class attributes are parameters: `theme` ("night" or "paper"), `seed`, `voice`
    (an object with `say(spoken, beat)`, which gives `duration` and `times`, or None for silence).
    `shapes` says for which shapes of frame its layout is made; for others it gets the wide frame with margins.
    """

    shapes: tuple[str, ...] = ("wide",)

    theme: str = "night"
    seed: int = 0
    voice: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("camera_class", StageCamera)
        if kwargs.get("random_seed") is None:
            kwargs["random_seed"] = self.seed
        super().__init__(*args, **kwargs)
        self.look: Theme = theme_named(self.theme)
        self.ledger = Ledger()
        self.beats: list[Beat] = []
        self.poster_time: float | None = None
        self.moved = 0.0  # when something moved last, in seconds
        self.alt = ""
        self.watchers: list[Callable[[Stage], None]] = []  # called whenever something has moved (lint listens)
        self.meetings: list[Meeting] = []
        self.questions: list[tuple[float, float]] = []  # from when to when a "?" stood: the viewer makes a guess
        self.ticks: list[float] = []  # when something lands that is heard
        self.descriptions: list[tuple[float, str]] = []  # what appears, for those who cannot see it
        self._described: WeakSet[Any] = WeakSet()
        self._beat_words: tuple[Printed, ...] = ()
        self._tokens: tuple[Token, ...] = ()
        self._asking = False
        self._chapter: str | None = None
        camera = self.renderer.camera
        if isinstance(camera, StageCamera):
            camera.on(self.look)
        else:
            camera.background_color = self.look.ground

    @property
    def area(self) -> Area:
        """Where content may be."""
        return safe_area()

    @property
    def shape(self) -> str:
        """The shape of the frame: wide, square or tall."""
        return shape_of(config.frame_width, config.frame_height)

    @property
    def now(self) -> float:
        """Seconds since the start."""
        return float(self.renderer.time)

    def chapter(self, title: str) -> None:
        """The beats that follow belong to this chapter."""
        self._chapter = title

    @contextmanager
    def beat(
        self, template: str, *, hold: float = 0.5, until: float | None = None, title: str = "",
        decimals: Mapping[str, int] | None = None, **quantities: Any,
    ) -> Iterator[Beat]:  # fmt: skip
        """One beat: the words, the animations played inside, then a hold.

        It lasts as long as its animations, its voice (or, without one, the reading of its words) and the hold need, and
        at least until the second `until` of the scene, where a storyboard says so. `decimals` by the name of a
        quantity, where the usual rounding is not the right one.
        """
        said = words(template, decimals, **quantities)
        start = self.now
        index = len(self.beats)
        utterance = self.voice.say(said.spoken, self.beat_name(index)) if self.voice else None
        need = utterance.duration if utterance else 0.4 + len(said.shown) / READING
        times = timed(said.tokens, need, utterance.times if utterance else None)
        recalled = getattr(utterance, "words", ())  # a film that is drawn again knows when each of its words was said
        if len(recalled) == len(times):
            times = tuple(Timed(word, a, b) for (word, *_), (a, b) in zip(times, recalled, strict=True))
        times = tuple(Timed(word, round(start + a, 4), round(start + b, 4)) for word, a, b in times)
        beat = Beat(index, title or said.shown, said.shown, said.spoken, start, start, self._chapter, times)
        self._beat_words, self._tokens = said.printed, said.tokens
        self.beats.append(beat)
        self._look_around()
        yield beat
        self.rest(max(hold, need + 0.3 - (self.now - start), (until or 0.0) - self.now))
        self._beat_words, self._tokens = (), ()
        self.beats[beat.index] = replace(beat, end=self.now)

    def beat_name(self, index: int) -> str:
        """What the recording of a beat is called: 01, 02, …"""
        return f"{index + 1:02d}"

    def at(self, word: str, nth: int = 1) -> None:
        """Wait until this word (or phrase) of the beat is about to be said; go on at once where it has been said already.

        Without a voice the words are timed as they are read.
        """
        if not self._tokens:
            raise StageError(f"at({word!r}) stands outside a beat")
        beat = self.beats[-1]
        said = beat.times[find(self._tokens, word, nth)].start
        self.rest(said - AHEAD - self.now)
        self.meetings.append(Meeting(beat.index, word, said, self.now))

    def tick(self) -> None:
        """Something lands now, and may be heard."""
        self.ticks.append(self.now)

    def rest(self, seconds: float) -> None:
        """Nothing moves; a whole number of frames."""
        frames = round(seconds * config.frame_rate)
        if frames > 0:
            self.wait((frames + 0.01) / config.frame_rate, frozen_frame=True)

    def poster(self) -> None:
        """The frame that stands for the film is the one on screen now."""
        self.poster_time = self.now

    def play(self, *args: Any, **kwargs: Any) -> None:
        """As manim's, and whatever is new on screen enters the ledger."""
        super().play(*args, **kwargs)
        if not all(isinstance(arg, Wait) for arg in args):
            self.moved = self.now
        self._look_around()

    def perform(self, *parts: Animation | Sequence[Animation] | None) -> None:
        """Play verbs side by side. A verb that returns several animations is played one after the other.

        (Not as a Succession: manim would put what comes later on screen at once.)
        """
        acts = [[p] if isinstance(p, Animation) else list(p) for p in parts if p is not None]
        for moment in zip_longest(*acts):
            now = [animation for animation in moment if animation is not None]
            if now:
                self.play(*now)

    def visible(self) -> Iterator[Mobject]:
        """Every mobject on screen that can be seen, parts included."""
        for top in self.mobjects:
            yield from top.get_family()

    def _look_around(self) -> None:
        beat = max(len(self.beats) - 1, 0)
        self.ledger.enter(self._beat_words, beat, self.now)
        asking = False
        for mobject in self.visible():
            asking = asking or (isinstance(mobject, QuestionBadge) and opacity(mobject) > 0.05)
            shown_by = getattr(mobject, "shown_by", None)  # a part knows its figure, which is on no stage itself
            told = mobject if shown_by is None else shown_by()
            description = "" if told is None or told in self._described else getattr(told, "description", "")
            if description and opacity(mobject) > 0.05:
                self._described.add(told)
                if all(description != known for _, known in self.descriptions):
                    self.descriptions.append((self.now, description))
            printed = getattr(mobject, "provenance", None)
            if printed and opacity(mobject) > 0.05:
                self.ledger.enter(printed, beat, self.now)
            cites = getattr(mobject, "cites", "")
            if cites and opacity(mobject) > 0.05:
                self.ledger.cite(cites)
        if asking:
            since = self.questions.pop()[0] if self._asking else self.now
            self.questions.append((since, self.now))
        self._asking = asking
        for watcher in self.watchers:
            watcher(self)


def opacity(mobject: Mobject) -> float:
    """How visible a mobject is, 0 to 1: the strongest fill or stroke of its family."""
    return max(
        (
            max(part.get_fill_opacity(), part.get_stroke_opacity() if part.get_stroke_width() > 0 else 0.0)
            for part in mobject.family_members_with_points()
        ),
        default=0.0,
    )
