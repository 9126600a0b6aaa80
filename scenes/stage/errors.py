"""The one exception of the picture rooms: a sentence for the person who typed the command."""

from __future__ import annotations


class StageError(ValueError):
    """What is wrong, where, and what to do, in one sentence.

    >>> str(StageError("the graph has 30 boxes; 24 fit on a frame"))
    'the graph has 30 boxes; 24 fit on a frame'
    """
