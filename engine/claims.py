"""What is known from others: years and published counts, each with the source it was read in.

A claim is shown with its chip; its number is looked up here and nowhere typed. Own claims (a user's years and numbers)
stand beside those of the table and need a source as well.

>>> TABLE["resnet-50"].value, TABLE["resnet-50"].chip
(25557032, 'torchvision model table, He et al. 2016')
>>> Claims().quantity("backprop").value
1986.0
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import EngineError
from .learning.counting import gpt3, mlp, resnet50, total
from .quantity import Quantity


@dataclass(frozen=True)
class Claim:
    """A number somebody published: ``text`` says what it counts, ``chip`` names the source on screen, ``source`` in full."""

    id: str
    value: float
    text: str
    chip: str
    source: str = ""
    who: str = ""  # for a tick of the time line


def _year(id: str, year: int, who: str, text: str, chip: str, source: str = "") -> Claim:
    return Claim(id, float(year), text, chip, source or chip, who)


_SCHMIDHUBER = "Schmidhuber, Who invented backpropagation?, 2014, updated 2022"
_RHW = "Rumelhart, Hinton & Williams, Learning representations by back-propagating errors, Nature 323, 533-536, 9 Oct 1986"

TABLE: dict[str, Claim] = {
    claim.id: claim
    for claim in (
        # counts
        Claim(
            "resnet-50", 25_557_032, "adjustable numbers in one photo sorter", "torchvision model table, He et al. 2016",
            "torchvision model table (ResNet-50); He, Zhang, Ren & Sun, Deep residual learning, CVPR 2016",
        ),
        Claim(
            "gpt-3", 175, "billion adjustable numbers in one text writer", "Brown et al. 2020, arXiv 2005.14165",
            "Brown et al., Language models are few-shot learners, 2020, arXiv 2005.14165, table 2.1",
        ),
        Claim(
            "mnist", 98.4, "percent of unseen digits right", "Simard, Steinkraus & Platt 2003",
            "Simard, Steinkraus & Platt, ICDAR 2003: 784-800-10, cross-entropy, no distortions, 1.6 % error",
        ),
        Claim(
            "pitch", 7140, "square metres of a football pitch", "FIFA pitch guidelines: 105 m by 68 m",
            "FIFA, Stadium guidelines, pitch dimensions: 105 m by 68 m",
        ),
        # years
        _year(
            "chain-rule", 1676, "Leibniz", "the chain rule, in a manuscript", "via Schmidhuber 2022",
            f"Leibniz, manuscript of 1676 (usually dated to), via {_SCHMIDHUBER}",
        ),
        _year(
            "descent", 1847, "Cauchy", "gradient descent: steps against the slope", "via Schmidhuber 2022",
            f"Cauchy, Comptes rendus 25, 1847, via {_SCHMIDHUBER}",
        ),
        _year(
            "reverse", 1970, "Linnainmaa", "a thesis on rounding errors walks a calculation backwards",
            "Linnainmaa 1970; BIT 16, 1976",
            "Linnainmaa, master's thesis, Univ. Helsinki 1970; BIT 16 (1976) 146-160; it never mentions networks",
        ),
        _year(
            "thesis", 1974, "Werbos", "ordered derivatives, mainly for statistics", "Werbos, thesis, Harvard 1974",
            "Werbos, Beyond regression, PhD thesis, Harvard 1974",
        ),
        _year(
            "networks", 1982, "Werbos", "the same, used on networks", "Werbos 1982",
            "Werbos, Applications of advances in nonlinear sensitivity analysis, 1982",
        ),
        _year(
            "backprop", 1986, "Rumelhart, Hinton, Williams", "hidden units invent useful features",
            "Rumelhart et al., Nature 323, 533-536 (1986)", _RHW,
        ),
    )
}  # fmt: skip
HISTORY = ("chain-rule", "descent", "reverse", "thesis", "networks", "backprop")


@dataclass(frozen=True)
class Published:
    """A model whose layer table is known: how it is counted, and the claim that says how it was published."""

    title: str
    table: Any
    claim: str | None
    chip: str


PUBLISHED: dict[str, Published] = {
    "whisker": Published("cat or dog from two numbers", lambda: mlp([2, 3, 1]), None, "layers 2-3-1, counted"),
    "digits": Published("handwritten digits", lambda: mlp([64, 32, 10]), None, "layers 64-32-10, counted"),
    "mnist": Published("larger digits", lambda: mlp([784, 800, 10]), None, "layers of Simard et al. 2003, counted"),
    "resnet-50": Published("a photo sorter, ResNet", resnet50, "resnet-50", "torchvision model table, He et al. 2016"),
    "gpt-3": Published("a text writer, GPT", gpt3, "gpt-3", "Brown et al. 2020, arXiv 2005.14165"),
}
_NUMERAL = re.compile(r"\d[\d,]*(?:\.\d+)?")


def cited(chips: Iterable[str], shown: Container[str]) -> list[str]:
    """The claims of the table whose source stands on one of these chips, in that order; a year only if it is itself
    among the ids ``shown``, since several may have their source in common.

    >>> cited(["via Schmidhuber 2022", "Simard, Steinkraus & Platt 2003"], {"descent", "mnist"})
    ['descent', 'mnist']
    """
    found = [claim for chip in chips for claim in TABLE.values() if claim.chip in chip]
    return list(dict.fromkeys(claim.id for claim in found if not claim.who or claim.id in shown))


def references(ids: Iterable[str]) -> list[str]:
    """Short references to these claims, a line for each source: as on its chip, and who it speaks of where it tells of others.

    >>> references(["chain-rule", "descent", "thesis"])
    ['Leibniz 1676, Cauchy 1847, via Schmidhuber 2022', 'Werbos, thesis, Harvard 1974']
    """
    lines: dict[str, list[Claim]] = {}
    for claim in map(TABLE.__getitem__, ids):
        lines.setdefault(claim.chip, []).append(claim)
    return [
        ", ".join([*(f"{claim.who} {claim.value:.0f}" for claim in told), chip]) if chip.startswith("via ") else chip
        for chip, told in lines.items()
    ]


class Claims:
    """The table, and a user's own claims. ``own`` is a list of (text, source) or (year, text, source).

    >>> mine = Claims([("8,000,000 children", "UNICEF 2020")])
    >>> mine.quantity("own/0/0").value
    8000000.0
    """

    def __init__(self, own: Sequence[Sequence[Any]] = ()):
        self.own: list[tuple[float | None, str, str]] = []
        for row in own:
            year, text, source = (None, *row) if len(row) == 2 else row
            if not str(text).strip():
                raise EngineError("A claim is empty; say what is claimed.")
            if not str(source).strip():
                raise EngineError(f"The claim '{text}' names no source; a claim is shown with its source or not at all.")
            self.own.append((None if year is None else float(year), str(text).strip(), str(source).strip()))

    def numerals(self, row: int) -> list[tuple[str, float]]:
        """The numbers in the text of an own claim, as written and as read."""
        return [(found, float(found.replace(",", ""))) for found in _NUMERAL.findall(self.own[row][1])]

    def quantity(self, key: str) -> Quantity:
        """A claim of the table by its id; "own/2" is the year of own claim 2, "own/2/0" the first number in its text;
        "gap/0" the years between own claims 0 and 1, "gap/chain-rule/descent" those between two of the table; "count"
        how many own claims there are."""
        return Quantity("claims", key, self.lookup(key))

    def lookup(self, key: str) -> float:
        """The value under a key of ``quantity``."""
        if key in TABLE:
            return TABLE[key].value
        what, *rest = key.split("/")
        try:
            if what == "count":
                return float(len(self.own))
            if what == "gap" and len(rest) == 2:
                return TABLE[rest[1]].value - TABLE[rest[0]].value
            if what == "gap":
                return float(self.own[int(rest[0]) + 1][0] - self.own[int(rest[0])][0])  # type: ignore[operator]
            if what == "own" and len(rest) == 1:
                return float(self.own[int(rest[0])][0])  # type: ignore[arg-type]
            if what == "own":
                return self.numerals(int(rest[0]))[int(rest[1])][1]
        except (KeyError, IndexError, ValueError, TypeError):
            pass
        raise EngineError(f"There is no claim {key!r}.")

    def describe(self) -> dict[str, Any]:
        return {"kind": "claims", "own": [list(row) for row in self.own]}

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> Claims:
        return cls([tuple(row) for row in description["own"]])


def check_counts() -> dict[str, tuple[int, float]]:
    """Published counts against our own from the layer tables: by id, (counted, published).

    >>> {name: counted == published for name, (counted, published) in check_counts().items() if name == "resnet-50"}
    {'resnet-50': True}
    """
    return {
        name: (total(model.table()), TABLE[model.claim].value * (1e9 if model.claim == "gpt-3" else 1))
        for name, model in PUBLISHED.items()
        if model.claim is not None
    }


__all__ = ["HISTORY", "PUBLISHED", "TABLE", "Claim", "Claims", "Published", "check_counts", "cited", "references"]
