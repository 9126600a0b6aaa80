"""A mistake of the user's, told in a notebook as it is on the command line: one sentence, no traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from chainreel.rendering import report


class Refusal(ValueError):
    """What was asked for cannot be shown; the message says why and what to do."""

    def _render_traceback_(self) -> list[str]:  # IPython asks for this
        return [f"chainreel: {self}"]


@contextmanager
def refusing() -> Iterator[None]:
    """Mistakes of the user's become a Refusal; faults of chainreel keep their traceback."""
    try:
        yield
    except Refusal:
        raise
    except Exception as problem:
        sentence, status = report.explain(problem)
        if status != report.WRONG_INPUT:
            raise
        raise Refusal(sentence) from problem
