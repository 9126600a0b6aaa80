"""A film of several scenes: each is rehearsed, drawn and kept by itself; here they become one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from .drawing import Score
from .shots import Shot


@dataclass(frozen=True)
class Part:
    """A scene of a film. ``title`` is that of its chapter; the poster of a ``cover`` stands for the whole film."""

    shot: Shot
    title: str = ""
    cover: bool = False


def joined(scores: Sequence[Score], parts: Sequence[Part], fps: int) -> Score:
    """What the parts tell, as one film tells it: times and frames counted through, sources apart."""
    if len(scores) == 1:
        (score,), (part,) = scores, parts
        return replace(score, beats=[_in_chapter(beat, part) for beat in score.beats])
    whole = Score(theme=scores[0].theme, seed=scores[0].seed)
    whole.alt = " ".join(score.alt for score in scores if score.alt)
    whole.asked = {"parts": [{"title": part.title, **score.asked} for part, score in zip(parts, scores, strict=True)]}
    covers = [index for index, part in enumerate(parts) if part.cover] or [0]
    for index, (score, part) in enumerate(zip(scores, parts, strict=True)):
        first, later, name = len(whole.beats), whole.frames / fps, f"{index + 1:02d} {{}}"
        for beat in score.beats:
            times = tuple((word, round(a + later, 4), round(b + later, 4)) for word, a, b in beat.get("times", ()))
            moved = {"index": first + beat["index"], "start": later + beat["start"], "end": later + beat["end"]}
            whole.beats.append(_in_chapter({**beat, **moved, "times": times}, part))
        for number in score.numbers:
            moved = {"source": name.format(number["source"]), "beat": first + number["beat"], "start": later + number["start"]}
            whole.numbers.append({**number, **moved})
        whole.sources |= {name.format(source): description for source, description in score.sources.items()}
        whole.names += score.names
        whole.claims += [claim for claim in score.claims if claim not in whole.claims]
        whole.questions += [(later + since, later + until) for since, until in score.questions]
        whole.ticks += [later + tick for tick in score.ticks]
        whole.descriptions += [(later + at, text) for at, text in score.descriptions]
        whole.meetings += [
            {**m, "beat": first + m["beat"], "said": later + m["said"], "moved": later + m["moved"]} for m in score.meetings
        ]
        whole.plays += [(whole.frames + a, whole.frames + b, cost) for a, b, cost in score.plays]
        whole.lines |= {first + beat: line for beat, line in score.lines.items()}
        if index == covers[0]:
            whole.poster_frame = whole.frames + score.poster_frame
        whole.frames += score.frames
    return whole


def _in_chapter(beat: dict[str, Any], part: Part) -> dict[str, Any]:
    return {**beat, "chapter": part.title} if part.title else beat
