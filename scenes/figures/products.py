"""Products in numbers: how a factor is written."""

from __future__ import annotations

from ..stage.formula import number_source


def factor(text: str, first: bool = False) -> str:
    """A printed number as a factor or a term: negative ones stand in parentheses, except at the beginning.

    >>> factor("−0.75"), factor("−0.75", first=True)
    ('(-0.75)', '-0.75')
    """
    source = number_source(text)
    return f"({source})" if source.startswith("-") and not first else source
