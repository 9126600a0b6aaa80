"""``verify``: recompute every number of a film, and say which do not hold.

Each number is checked three times: against the engine run anew from the recorded source, against an independent way
(sympy at 30 digits, or central differences: engine/audit.py), and as printed text against the rounding of the value.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

from . import manifest
from .errors import RenderError
from .versions import versions

SAME = 1e-11  # what 12 significant digits leave open


@dataclass
class Result:
    """What a verification found. ``how`` counts the numbers by the way they were recomputed."""

    path: str
    numbers: int = 0
    how: Counter[str] = field(default_factory=Counter)
    worst: float = 0.0
    worst_key: str = ""
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether everything holds."""
        return not self.failures

    def fail(self, sentence: str) -> None:
        """Something does not hold."""
        self.failures.append(sentence)

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "manifest": self.path,
            "passed": self.passed,
            "numbers": self.numbers,
            "how": dict(self.how),
            "worst": self.worst,
            "failures": self.failures,
            "notes": self.notes,
        }

    def text(self) -> str:
        """A table, then what fails."""
        rows = [f"{'numbers shown':<28}{self.numbers:>6}"]
        rows += [f"{'recomputed by ' + how:<28}{count:>6}" for how, count in sorted(self.how.items())]
        worst = f"{self.worst:.1e}" + (f" ({self.worst_key})" if self.worst_key else "")
        rows.append(f"{'largest relative deviation':<28}{worst:>6}")
        rows += [f"note: {note}" for note in self.notes]
        if self.passed:
            return "\n".join([*rows, f"{self.path}: every number holds"])
        rows += [f"FAILS: {failure}" for failure in self.failures]
        return "\n".join([*rows, f"{self.path}: {len(self.failures)} things do not hold"])


def verify(path: Path) -> Result:
    """Recompute everything in a manifest."""
    record = manifest.read(path)
    result = Result(str(path), numbers=len(record["numbers"]))
    if manifest.checksum(record) != record.get("sha256"):
        result.fail("the checksum is wrong: the manifest was changed after it was written")
    made, now = record.get("versions", {}), versions()
    for name in ("chainreel", "manim", "typst", "sympy"):
        if made.get(name) != now.get(name):
            result.notes.append(f"made with {name} {made.get(name)}, verified with {now.get(name)}")
    _check_times(record, result)
    _check_asked(record, result)
    sources = {
        name: _rebuild(name, description, result) for name, description in record.get("sources", {}).items()
    }
    for number in record["numbers"]:
        _check_number(number, record, sources, result)
    return result


def _rebuild(name: str, description: dict[str, Any], result: Result) -> Any:
    try:
        return rebuild(description)
    except (ValueError, KeyError, TypeError, OSError, AttributeError) as problem:
        result.fail(f"source '{name}' cannot be computed again: {problem}")
        return None


def rebuild(description: dict[str, Any]) -> Any:
    """The engine object of a description: it runs the function again."""
    from chainreel.engine import Blocks, Descent, Differences, ErrorCurve, Swell, Tangents, Trace
    from chainreel.engine.aim import Aim
    from chainreel.engine.claims import Claims
    from chainreel.engine.cost import Cost
    from chainreel.engine.fit import Fit
    from chainreel.engine.forecast import Forecast
    from chainreel.engine.lattice import Lattice
    from chainreel.engine.learning import Exam, KnobSlice, Landscape, NetworkPass, Repeats, Training
    from chainreel.engine.learning.cut import Cut
    from chainreel.engine.learning.responses import Response
    from chainreel.engine.learning.search_race import Dilution, SearchRace
    from chainreel.engine.momentum import MomentumParts
    from chainreel.engine.nudge import Nudge
    from chainreel.engine.paths import Paths
    from chainreel.engine.scale import Scale
    from chainreel.engine.sides import Sides
    from chainreel.engine.slip import Slip
    from chainreel.engine.stationary import Stationary
    from chainreel.engine.tape_growth import TapeGrowth
    from chainreel.engine.timing import Timing
    from chainreel.engine.trying import Trying

    kinds: dict[str, Any] = {
        "trace": Trace,
        "blocks": Blocks,
        "tangents": Tangents,
        "descent": Descent,
        "differences": Differences,
        "training": Training,
        "exam": Exam,
        "repeats": Repeats,
        "pass": NetworkPass,
        "landscape": Landscape,
        "knob_slice": KnobSlice,
        "error_curve": ErrorCurve,
        "swell": Swell,
        "response": Response,
        "search_race": SearchRace,
        "dilution": Dilution,
        "paths": Paths,
        "nudge": Nudge,
        "cost": Cost,
        "fit": Fit,
        "forecast": Forecast,
        "claims": Claims,
        "scale": Scale,
        "sides": Sides,
        "slip": Slip,
        "stationary": Stationary,
        "aim": Aim,
        "momentum": MomentumParts,
        "cut": Cut,
        "trying": Trying,
        "lattice": Lattice,
        "tape_growth": TapeGrowth,
        "timing": Timing,
    }
    kind = str(description.get("kind"))
    if kind not in kinds:
        raise ValueError(f"the engine has no '{kind}'")
    return kinds[kind].rebuild(description)


def _check_number(
    number: dict[str, Any], record: dict[str, Any], sources: dict[str, Any], result: Result
) -> None:
    from chainreel.engine.audit import audit

    name, key = str(number["source"]), str(number["key"])
    where = f"{name} {key} in beat {number['beat']}, shown as '{number['text']}'"
    if name not in record["sources"]:
        result.fail(f"{where}: the manifest holds no source '{name}'")
        return
    source = sources.get(name)
    if source is None:
        return  # said already
    claimed = float(number["value"])
    try:
        value = float(source.lookup(key))
    except (ValueError, KeyError, IndexError, TypeError) as problem:
        result.fail(f"{where}: the engine knows no such number ({problem})")
        return
    if not same(claimed, value, SAME):
        result.fail(f"{where}: the manifest says {claimed:.12g}, the engine computes {value:.12g}")
    try:
        check = audit(record["sources"][name], key)
    except (ValueError, KeyError, IndexError, TypeError) as problem:
        result.fail(f"{where}: could not be recomputed independently ({problem})")
        return
    result.how[str(check.how)] += 1
    away = deviation(value, float(check.value))
    if away > result.worst:
        result.worst, result.worst_key = away, f"{name} {key}"
    if not within(value, float(check.value), float(check.tolerance)):
        result.fail(f"{where}: the engine computes {value:.12g}, {check.how} gives {float(check.value):.12g}")
    expected = printed(value, number["decimals"])
    if str(number["text"]) != expected:
        result.fail(
            f"{where}: at {number['decimals']} decimals the value {value:.12g} is printed '{expected}'"
        )


def _check_asked(record: dict[str, Any], result: Result) -> None:
    """What was asked for is what was computed: the same function, the same point."""
    sources = record.get("sources", {}).values()
    asked = record.get("asked", {})
    for name in ("function", "at", "start"):
        computed = [source[name] for source in sources if name in source]
        if asked.get(name) is not None and computed and asked[name] not in computed:
            result.fail(f"the {name} that was asked for is not the one that was computed with")


def _check_times(record: dict[str, Any], result: Result) -> None:
    """Times are numbers too: beats follow each other, and every number is seen during its beat."""
    fps, frames = record["fps"], record["frames"]
    if not same(float(record["seconds"]), frames / fps, SAME):
        result.fail(f"{frames} frames at {fps} a second are not {record['seconds']} seconds")
    beats = record["beats"]
    for before, after in zip(beats, beats[1:], strict=False):
        if after["start"] < before["end"] - 1 / fps:
            result.fail(
                f"beat {after['index']} begins at {after['start']} s, before beat {before['index']} ends"
            )
    for index, beat in enumerate(beats):
        if beat["index"] != index or not 0 <= beat["start"] <= beat["end"] <= frames / fps + 1e-9:
            result.fail(
                f"beat {index} lies from {beat['start']} to {beat['end']} s in {record['seconds']} s of film"
            )
        for side in ("start", "end"):
            if not same(beat[side] * fps, round(beat[side] * fps), 1e-8):
                result.fail(f"beat {index} has its {side} between two frames, at {beat[side]} s")
    for number in record["numbers"]:
        beat_index = number["beat"]
        name = f"{number['source']} {number['key']}"
        if beats and not (0 <= beat_index < len(beats)):
            result.fail(f"{name} names beat {beat_index}, which does not exist")
        elif beats:
            last = beats[beat_index + 1]["start"] if beat_index + 1 < len(beats) else record["seconds"]
            if not beats[beat_index]["start"] - 1 / fps <= number["start"] <= last + 1 / fps:
                result.fail(f"{name} is first seen at {number['start']} s, which is not in beat {beat_index}")


def same(a: float, b: float, tolerance: float) -> bool:
    """Equal to a relative tolerance; nan equals nan, infinity itself.

    >>> same(1.0, 1.0 + 1e-13, 1e-11), same(0.0, 1e-300, 1e-11)
    (True, False)
    """
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    return a == b or abs(a - b) <= tolerance * max(abs(a), abs(b))


def within(value: float, other: float, tolerance: float) -> bool:
    """Equal to a tolerance relative to the larger of value and one: differences cannot tell 0 from 1e-12."""
    if math.isnan(value) or math.isnan(other):
        return math.isnan(value) and math.isnan(other)
    return value == other or abs(value - other) <= tolerance * max(1.0, abs(value), abs(other))


def deviation(value: float, other: float) -> float:
    """How far two computations of a number are apart, relative to the larger of the number and one."""
    if value == other or (math.isnan(value) and math.isnan(other)):
        return 0.0
    if not (math.isfinite(value) and math.isfinite(other)):
        return math.inf
    return abs(value - other) / max(1.0, abs(value), abs(other))


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def printed(value: float, decimals: int | None = None) -> str:
    """The one right text of a value: half-even, true minus, no minus before zero, else a power of ten.

    >>> printed(-0.75, 2), printed(0.125, 2), printed(1234567.0), printed(-1e-4, 2), printed(-1e-7)
    ('−0.75', '0.12', '1.23·10⁶', '0.00', '−10⁻⁷')
    """
    if math.isnan(value):
        return "undefined"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    exact = Decimal(repr(value))
    if decimals is not None:
        rounded = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN)
        text = f"{abs(rounded):f}"
        return ("−" if rounded < 0 else "") + text
    if not exact:
        return "0"
    match = re.fullmatch(r"(-?)([\d.]+)e([+-]\d+)", f"{value:.2e}")
    if match is None:
        raise RenderError(f"{value} cannot be printed")
    sign, digits, power = match[1].replace("-", "−"), match[2].rstrip("0").rstrip("."), str(int(match[3]))
    head = "" if digits == "1" else f"{digits}·"
    return f"{sign}{head}10{power.translate(_RAISED)}"
