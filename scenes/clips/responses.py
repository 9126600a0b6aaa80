"""The clip `responses`: curves of one number side by side, a point that moves on all of them, and what is left of the slope."""

from __future__ import annotations

import re
from typing import Any

from manim import FadeIn, FadeOut

from chainreel.engine.learning.responses import Response

from ..figures.response_gallery import MOST, ResponseGallery
from ..stage.area import SHAPES
from ..stage.badge import QuestionBadge
from ..stage.errors import StageError
from ..stage.names import Name
from ..stage.stage import Stage
from ..stage.view import Range
from .clip import Clip
from .words import listing


class Responses(Clip):
    """Activations, losses or own curves side by side, with their slopes at a moving point."""

    shapes = SHAPES
    curves: Any = "relu, sigmoid, tanh"
    stops: Any = None
    see: Any = None
    target: Any = 1.0

    def prepare(self) -> None:
        """Read the curves and look at them where the point will stand."""
        self.story = ResponseStory(split(self.curves), self.stops, span(self.see), self.target)

    def construct(self) -> None:
        """The whole clip."""
        response_story(self, self.story)


def split(text: Any) -> list[str]:
    """Curves between commas, but not between the commas inside parentheses.

    >>> split("relu, max(x, 1), tanh")
    ['relu', 'max(x, 1)', 'tanh']
    """
    parts = re.split(r",(?![^()]*\))", text) if isinstance(text, str) else list(text)
    names = [str(part).strip() for part in parts]
    if not names or "" in names:
        raise StageError(f"--curves takes a list such as relu,sigmoid,tanh, not '{text}'")
    if len(set(names)) < len(names):
        raise StageError(f"--curves names one twice: {', '.join(names)}")
    if len(names) > MOST:
        raise StageError(f"--curves names {len(names)} curves; {MOST} can be seen side by side")
    return names


def span(text: Any) -> Range | None:
    """A range from `-6:6`."""
    if text is None:
        return None
    try:
        low, high = (float(p.replace("−", "-")) for p in text.split(":")) if isinstance(text, str) else map(float, text)
    except (ValueError, TypeError):
        raise StageError(f"--see takes low:high such as -6:6, not '{text}'") from None
    if not low < high or abs(low) > 1e12 or abs(high) > 1e12:
        raise StageError(f"--see runs from {low:g} to {high:g}; the first must be the smaller")
    return low, high


class ResponseStory:
    """The responses by source name, where the point stands, and what part is seen."""

    def __init__(self, curves: list[str], stops: tuple[float, ...] | None, see: Range | None, target: float):
        probe = [Response(c, stops or [_safe(c, target)], target) for c in curves]
        self.losses = all(r.kind == "loss" and r.input == "p" for r in probe)
        if stops is None:
            stops = _stops(see, self.losses, target)
        if see is None:
            low, high = min(stops), max(stops)
            see = (min(0.0, target) + 0.0, max(1.0, target)) if self.losses and 0 <= low and high <= 1 else (
                min(low, -1.0) * 1.2, max(high, 1.0) * 1.2
            )  # fmt: skip
        for stop in stops:
            if not see[0] <= stop <= see[1]:
                raise StageError(f"--stops has {stop:g}, but --see shows {see[0]:g} to {see[1]:g}")
        if len(stops) > 6:
            raise StageError(f"--stops has {len(stops)} places; six are as many as anybody follows")
        self.stops, self.see, self.target = tuple(stops), see, target
        self.responses = {c: Response(c, stops, target) for c in curves}
        self.letter = probe[0].input


def _safe(curve: str, target: float) -> float:
    """A place where nearly every curve has a value."""
    for place in (0.4, 0.5, 1.5, -0.5, 2.5):
        try:
            Response(curve, [place], target)
        except ValueError:
            continue
        return place
    return 0.4


def _stops(see: Range | None, losses: bool, target: float) -> tuple[float, ...]:
    if see is not None:
        return tuple(float(f"{see[0] + share * (see[1] - see[0]):.3g}") for share in (0.6, 0.92, 0.08))
    if losses:
        return (0.35, 0.9, 0.02) if target > 0.5 else (0.65, 0.1, 0.98)
    return 0.5, 5.0, -5.0


def response_story(stage: Stage, story: ResponseStory) -> ResponseGallery:
    """Tell a comparison on a stage."""
    look = stage.look
    for name, response in story.responses.items():
        stage.ledger.source(name, response.describe())
    area = stage.area
    figure = ResponseGallery(story.responses, look, area, story.see)
    first = next(iter(story.responses))
    many = len(story.responses) > 1
    letter = Name(story.letter, story.letter)
    what = ("losses" if story.losses else "curves") if many else ("loss" if story.losses else "curve")
    text = f"The same scale for all {what}: what looks steeper is steeper." if many else f"Here is one {what}."
    with stage.beat(text, title="the curves"):
        stage.play(figure.appear(1.4))
    at = figure.quantity(first, "point", 0)
    with stage.beat(
        f"Where {{x}} is {{z}}, {'each' if many else 'it'} has a value, and a slope: how much it answers to a nudge.",
        x=letter, z=at, title="value and slope",
    ):  # fmt: skip
        stage.play(figure.stand(0))
        if story.losses:
            stage.play(*(figure.gap(name) for name in story.responses))
    badge = QuestionBadge(look).move_to([area.right - 0.36, area.top - 0.24, 0])
    for row in range(1, len(story.stops)):
        z = figure.quantity(first, "point", row)
        ask = row == 1
        question = "Now {x} moves to {z}. " + (
            "Which of them still answers?" if many and not story.losses else
            "Which of them complains louder?" if many else "How much slope is left?"
        )  # fmt: skip
        if ask:
            with stage.beat(question, x=letter, z=z, hold=2.5, title="predict"):
                stage.play(FadeIn(badge, scale=0.6), run_time=0.5)
        text, known = verdict(story, figure, row)
        opening = "" if ask else "At {z}, "
        known |= {} if ask else {"z": z}
        with stage.beat(opening + text, title="the slopes", hold=1.8, **known):
            if ask:
                stage.play(FadeOut(badge), run_time=0.4)
            elif len(figure.judgements):
                stage.play(figure.forget())
            stage.play(figure.slide(row))
            if not story.losses:
                stage.play(figure.judge(row))
            stage.poster()
    text = (
        "A slope is how loudly a loss complains. Where it is flat, nothing is learned from the mistake."
        if story.losses
        else "Blame passes in proportion to this slope. Where it is zero, nothing in front of it learns."
    )
    with stage.beat(text, hold=2.6, title="what it means"):
        stage.play(figure.slide(0, 1.6), *([figure.forget()] if len(figure.judgements) else []))
    stage.alt = (
        f"The curves {', '.join(story.responses)} side by side on one scale, each with a moving point, its value and its slope."
        if many else f"The curve {first} with a moving point, its value and its slope."
    )  # fmt: skip
    return figure


def verdict(story: ResponseStory, figure: ResponseGallery, row: int) -> tuple[str, dict[str, Any]]:
    """What the slopes say at a stop, as a template and its names."""
    known: dict[str, Any] = {}

    def names(which: list[str]) -> str:
        for name in which:
            known[_key(name, story)] = Name(name, re.sub(r"[^A-Za-z0-9 ]+", " ", name).strip() or "it")
        return listing(["{" + _key(name, story) + "}" for name in which])

    if story.losses or len(story.responses) == 1:
        steep = max(story.responses, key=lambda n: abs(story.responses[n].slopes[row]))
        known["s"] = figure.quantity(steep, "slope", row)
        if len(story.responses) == 1:
            return "The slope is {s} here.", known
        return f"{names([steep])} has the steepest slope here, {{s}}.", known
    groups: dict[str, list[str]] = {"dead": [], "flat": [], "alive": []}
    for name, response in story.responses.items():
        groups[response.state(row)].append(name)
    said = []
    if groups["dead"]:
        said.append(f"{names(groups['dead'])} {'is' if len(groups['dead']) == 1 else 'are'} dead, with no slope at all")
    if groups["flat"]:
        said.append(f"{names(groups['flat'])} {'is' if len(groups['flat']) == 1 else 'are'} nearly flat")
    if groups["alive"]:
        said.append(f"{names(groups['alive'])} still {'answers' if len(groups['alive']) == 1 else 'answer'}")
    return "; ".join(said) + ".", known


def _key(name: str, story: ResponseStory) -> str:
    return "n" + chr(97 + list(story.responses).index(name))


__all__ = ["ResponseStory", "Responses", "response_story"]
