"""What the engine says when it cannot go on: one sentence for the person who brought the function."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .spans import Span


class EngineError(ValueError):
    """A sentence that says what is wrong, where, and what to do.

    ``str(error)`` is that sentence; when the place is known it is followed by the source line and a caret line.
    ``error.span`` is the place (or None), ``error.sentence`` the sentence alone.

    >>> print(EngineError("The name y is not known here."))
    The name y is not known here.
    """

    def __init__(self, sentence: str, span: Span | None = None):
        self.sentence = sentence
        self.span = span
        super().__init__(sentence if span is None else f"{sentence}\n{span.caret()}")

    @staticmethod
    def behind(problem: BaseException) -> EngineError | None:
        """The engine's own refusal where numpy has put another exception in front of it."""
        while problem.__cause__ is not None:
            problem = problem.__cause__
            if isinstance(problem, EngineError):
                return problem
        return None

    def __reduce__(self):
        return (EngineError, (self.sentence, self.span))
