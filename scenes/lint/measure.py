"""What a rule measured: a short text for a table, the verdict, and the breaches."""

from __future__ import annotations

from dataclasses import dataclass, field

from .finding import Finding
from .record import Run


@dataclass(frozen=True)
class Measure:
    """One rule over one run. `fine` is None where there was nothing to measure."""

    rule: str
    text: str
    fine: bool | None
    findings: tuple[Finding, ...] = ()


@dataclass
class Judge:
    """Collects the breaches of one rule."""

    rule: str
    found: list[tuple[float, str]] = field(default_factory=list)

    def breach(self, time: float, message: str) -> None:
        """Something is wrong at this second."""
        self.found.append((time, message))

    def done(self, text: str, run: Run | None = None) -> Measure:
        """The measure: fine where nothing was wrong."""
        findings = tuple(Finding(self.rule, -1, round(time, 2), message) for time, message in self.found)
        return Measure(self.rule, text, not findings, findings)

    def nothing(self, why: str = "–") -> Measure:
        """There is nothing here that the rule is about."""
        return Measure(self.rule, why, None)
