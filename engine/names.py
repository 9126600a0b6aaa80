"""Which name each step of a trace is shown under."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .spans import SourceMap, Span
from .tape import Record

LETTERS = ("p", "q", "r", "s", "u", "v", "w", "h", "k", "m", "n")


def own_names(
    records: Sequence[Record], spans: Sequence[Span | None], maps: Sequence[SourceMap | None]
) -> list[str | None]:
    """The name that the user's source gives to the value of each record, or None.

    A call may run several primitives (a helper of numpy's that is made of simpler ones); they share one place in the
    source, and the name belongs to the last of them. Steps inside a helper function of the user's have the names of
    that helper.
    """
    names: list[str | None] = []
    for span, source in zip(spans, maps, strict=True):
        at = None if span is None else (span.line, span.column, span.end_line, span.end_column)
        names.append(None if source is None else source.targets.get(at))  # type: ignore[arg-type]
    last: Record | None = None  # the last record of the run of records from one instruction
    for index in range(len(records) - 1, -1, -1):
        record = records[index]
        same = last is not None and record[2] is last[2] and record[3] == last[3]
        if not same:
            last = record
        elif names[index] is not None and record[0] is not last[0]:  # type: ignore[index]
            names[index] = None
    return names


def output_name(function_name: str) -> str:
    """The name of an unnamed result: L for a loss or cost, a function's own one-letter name, else f."""
    lowered = function_name.lower()
    if lowered.startswith(("loss", "cost")):
        return "L"
    return function_name if len(function_name) == 1 and function_name.isalpha() else "f"


def _fresh(taken: set[str]) -> Iterator[str]:
    for letter in LETTERS:
        if letter not in taken:
            yield letter
    number = 1
    while True:
        name = f"v_{number}"
        if name not in taken:
            yield name
        number += 1


def step_names(
    records: Sequence[Record], spans: Sequence[Span | None], maps: Sequence[SourceMap | None], inputs: Sequence[str],
    output: int, function: str,
) -> tuple[list[str], list[bool]]:  # fmt: skip
    """The display name of every record, and whether it is the user's own. No name appears twice."""
    own = [None] * len(inputs) + own_names(records, spans, maps)[len(inputs) :]
    next_number: dict[str, int] = {}
    taken = set(inputs)
    names: list[str] = list(inputs) + [""] * (len(records) - len(inputs))
    named = [True] * len(inputs) + [False] * (len(records) - len(inputs))
    for index, name in enumerate(own):
        if name is None or name == "_":
            continue
        chosen, number = name, next_number.get(name, 2)
        while chosen in taken:  # a loop gives the same name again
            chosen, number = f"{name}_{number}", number + 1
        next_number[name] = number
        taken.add(chosen)
        names[index], named[index] = chosen, True
    if not names[output]:
        last = output_name(function)
        names[output] = last if last not in taken else next(n for n in ("f", "y", "F", "out") if n not in taken)
        taken.add(names[output])
    sources: set[int] = set()
    for record in records:
        code = record[2]
        if code is not None and id(code) not in sources:
            sources.add(id(code))
            taken.update(code.co_varnames, code.co_names, code.co_freevars, code.co_cellvars)
    fresh = _fresh(taken)
    for index, name in enumerate(names):
        if not name:
            names[index] = next(fresh)
    return names, named
