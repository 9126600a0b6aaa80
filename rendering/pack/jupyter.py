"""A notebook of a lecture: a cell of text for each segment, in which its video plays.

Nothing in it has to be run or trusted, and nothing of ours has to be installed where it is opened. JupyterLab takes ``source``
and ``track`` out of text, so the video names its file itself, and the words stand below it. The form is that of nbformat 4.5.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .lecture import Lecture, Segment
from .snippets import headed, plain, table, video


def write(lecture: Lecture, folder: Path) -> list[Path]:
    """``NAME.ipynb``, which plays what lies in the folders beside it."""
    head = [f"# {plain(lecture.title)}", plain(lecture.alt), plain(lecture.comment)]
    cells = [_cell("title", head)]
    for number, (heading, segment) in enumerate(headed(lecture, 2), start=1):
        parts = [*heading, _video(segment, lecture), plain(segment.notes), table(segment)]
        cells.append(_cell(f"segment-{number}", parts))
    notebook = {
        "cells": cells,
        "metadata": {"language_info": {"name": "python"}, "title": lecture.title},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path = folder / f"{lecture.name}.ipynb"
    path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return [path]


def _video(segment: Segment, lecture: Lecture) -> str:
    """Its first frame stands for the poster, whose address JupyterLab does not follow."""
    shown = video(segment, lecture).replace('preload="none"', f'preload="metadata" src="{segment.file}"')
    return "\n".join(line for line in shown.splitlines() if "<source" not in line)


def _cell(name: str, parts: list[str]) -> dict[str, Any]:
    text = "\n\n".join(part for part in parts if part)
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": text.splitlines(keepends=True)}
