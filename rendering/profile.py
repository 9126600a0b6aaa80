"""Where a render's time went, as a table for the person who asked with ``--profile``."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from .drawing import Score
from .workers import Spent


@dataclass
class Profile:
    """Seconds of the stages, and what the workers told."""

    stages: dict[str, float] = field(default_factory=dict)
    spent: list[Spent] = field(default_factory=list)
    reused: set[int] = field(default_factory=set)
    score: Score = field(default_factory=Score)
    starts: list[int] = field(default_factory=list)  # the first frames of the pieces
    fps: int = 30

    @contextmanager
    def stage(self, name: str) -> Any:
        """Time a stage."""
        began = perf_counter()
        try:
            yield
        finally:
            self.stages[name] = self.stages.get(name, 0.0) + perf_counter() - began

    def add(self, spent: Sequence[Spent], starts: Sequence[int], reused: set[int]) -> None:
        """What the workers told of one part of the film, whose pieces begin at these frames of the film."""
        before = len(self.starts)
        self.spent += [Spent(s.seconds, {before + piece: t for piece, t in s.pieces.items()}) for s in spent]
        self.starts += starts
        self.reused |= reused

    def as_json(self) -> dict[str, Any]:
        """The same as values."""
        return {
            "stages": {name: round(seconds, 3) for name, seconds in self.stages.items()},
            "workers": [
                {"seconds": {k: round(v, 3) for k, v in s.seconds.items()}, "pieces": s.pieces} for s in self.spent
            ],
            "reused": sorted(self.reused),
        }

    def text(self) -> str:
        """The table."""
        whole = sum(self.stages.values())
        lines = ["", "where the time went", f"{'':2}{'seconds':>9} {'share':>6}"]
        for name, seconds in self.stages.items():
            lines.append(f"{'':2}{seconds:9.2f} {100 * seconds / max(whole, 1e-9):5.0f} %  {name}")
        lines.append(f"{'':2}{whole:9.2f}         in all")
        for number, spent in enumerate(self.spent, 1):
            t = spent.seconds
            parts = {name: t.get(name, 0.0) for name in ("drawing", "looking", "encoding")}
            rest = t.get("whole", 0.0) - sum(parts.values())
            lines.append(
                f"  worker {number}: {t.get('whole', 0):.2f} s, of them drawing {parts['drawing']:.2f}, waiting for the "
                f"encoder {parts['encoding']:.2f}, keys {parts['looking']:.2f}, construct and updates {max(rest, 0):.2f} "
                f"({t.get('busy', 0):.2f} s of processor time)"
            )
        lines += self._beats()
        return "\n".join(lines)

    def _beats(self) -> list[str]:
        starts = self.starts
        ends = [*starts[1:], self.score.frames]
        times = {piece: seconds for spent in self.spent for piece, seconds in spent.pieces.items()}
        lines = [f"{'':2}{'seconds':>9} {'frames':>6}  beat"]
        for piece, (start, end) in enumerate(zip(starts, ends, strict=True)):
            titles = [b["title"] for b in self.score.beats if start <= round(b["start"] * self.fps) < end]
            title = titles[0][:60] if titles else f"from {start / self.fps:.1f} s"
            taken = f"{times[piece]:9.2f}" if piece in times else f"{'kept':>9}"
            lines.append(f"{'':2}{taken} {end - start:6d}  {title}")
        return lines
