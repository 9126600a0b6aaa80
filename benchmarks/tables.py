"""Tables that a program writes into a document, between two marks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "performance.md"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Markdown.

    >>> print(table(["a", "b"], [["1", "2"]]))
    | a | b |
    |---|---|
    | 1 | 2 |
    """
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("|" + "|".join(cell if cell == "---" else f" {cell} " for cell in line) + "|" for line in lines)


def put(name: str, text: str, document: Path = DOCUMENT) -> None:
    """Write the text between the marks of this name."""
    page = document.read_text(encoding="utf-8")
    marks = rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)"
    if not re.search(marks, page, re.DOTALL):
        raise SystemExit(f"{document.name} has no place <!-- {name} --> … <!-- /{name} -->")
    document.write_text(re.sub(marks, lambda m: m[1] + text.strip() + "\n" + m[2], page, flags=re.DOTALL), encoding="utf-8")
