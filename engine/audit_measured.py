"""Audit of records, lattices and tapes: the arithmetic on measured times done again in exact decimals, paths counted by
walking them (or, where they are too many, by multiplying), the numbers on a tape by a formula."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from .audit import GIVEN, REPLAY, Audit
from .errors import EngineError
from .lattice import Lattice
from .tape_growth import TapeGrowth
from .timing import Timing

UNITS = {"s": 1, "ms": 1000, "us": 1_000_000}
WALKED = 20_000


class TimingAudit:
    """From the record alone: the least of the repeats, quotients as exact fractions, rounded to two digits."""

    def __init__(self, timing: Timing):
        self.record = timing.record()

    def least(self, way: str) -> Fraction:
        """The fastest repeat."""
        return Fraction(sorted(Decimal(repr(t)) for t in self.record["seconds"][way])[0])

    def __call__(self, key: str) -> Audit:
        kind, _, way = key.partition("/")
        if kind in ("knobs", "batch", "cores"):
            return Audit(float(self.record[kind]), GIVEN, 0.0)
        if kind in UNITS:
            value = float(self.least(way) * UNITS[kind])
            return Audit(value, REPLAY, 1e-12 * value)
        if kind == "sweeps":
            once = {"loss": 0, "reverse": 0, "nudging": 1, "forward": 0}
            many = self.record["knobs"] if way in ("nudging", "forward") else 1
            return Audit(float(many + once[way]), REPLAY, 0.0)
        if kind == "ratio":
            of, _, to = way.partition("/")
            share = self.least(of) / self.least(to or "reverse")
            power = 0
            while share * Fraction(10) ** -power >= 10:
                power += 1
            while share * Fraction(10) ** -power < 1:
                power -= 1
            unit = Fraction(10) ** (power - 1)
            return Audit(float(round(share / unit) * unit), REPLAY, 1e-9 * float(share))
        raise EngineError(f"A record of times has no {key!r}.")


class LatticeAudit:
    """Paths are walked box by box where they are few, else counted as a power; arrows are listed."""

    def __init__(self, lattice: Lattice):
        self.width, self.layers = lattice.width, lattice.layers

    def walked(self, layer: int) -> int:
        """Paths from one box of a layer on."""
        if layer == self.layers - 1:
            return 1
        return sum(self.walked(layer + 1) for _ in range(self.width))

    def __call__(self, key: str) -> Audit:
        width, layers = self.width, self.layers
        what, _, layer = key.partition("/")
        start = int(layer) if layer else 0
        share = self.walked(start) if width ** (layers - start) <= WALKED else width ** (layers - 1 - start)
        arrows = len({(k, i, j) for k in range(layers - 1) for i in range(width) for j in range(width)})
        found = {
            "paths": share * width, "share": share, "arrows": arrows, "width": width, "layers": layers,
            "boxes": width * layers,
        }  # fmt: skip
        key = what
        return Audit(float(found[key]), GIVEN if key in ("width", "layers") else REPLAY, 0.0)


class TapeGrowthAudit:
    """By a formula: the batch at the input, two arrays of its size for every layer, and the sum."""

    def __init__(self, growth: TapeGrowth):
        self.width, self.batch = growth.width, growth.batch

    def __call__(self, key: str) -> Audit:
        what, _, depth = key.partition("/")
        if not depth:
            return Audit(float({"width": self.width, "batch": self.batch}[what]), GIVEN, 0.0)
        if what == "layers":
            return Audit(float(depth), GIVEN, 0.0)
        kept = self.batch * self.width * (1 + 2 * int(depth)) + 1
        return Audit(kept * {"numbers": 1.0, "bytes": 8.0, "kilobytes": 0.008}[what], REPLAY, 1e-9)


__all__ = ["LatticeAudit", "TapeGrowthAudit", "TimingAudit"]
