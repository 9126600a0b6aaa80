"""The exception of this room: a sentence for the person who typed the command."""

from __future__ import annotations


class RenderError(ValueError):
    """What is wrong, where, and what to do, in one sentence.

    >>> str(RenderError("the size 853x480 is odd; use even numbers, for instance 854x480"))
    'the size 853x480 is odd; use even numbers, for instance 854x480'
    """
