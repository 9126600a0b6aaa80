"""Lecture packs: a finished film as slides, pages and snippets for the places where lecturers teach.

Everything is made from one model, `lecture.json` (``lecture.py``), whose segments are the beats of the film, cut from it
without drawing anything again (``cutting.py``). Each format is a file of its own with ``write(lecture, folder) -> [files]``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import RenderError

if TYPE_CHECKING:
    from .lecture import Lecture


@dataclass(frozen=True)
class Format:
    """One thing that a pack can hold: what it is, the module that writes it, the package that this needs, its function."""

    says: str
    module: str
    needs: str = ""
    function: str = "write"

    def writer(self) -> Callable[[Lecture, Path], list[Path]]:
        """Its ``write``; a sentence where the package that it needs is missing."""
        try:
            module: Any = import_module(f".{self.module}", __name__)
        except ModuleNotFoundError as problem:
            if not self.needs or (problem.name or "").startswith("chainreel"):
                raise
            raise RenderError(f"{self.needs} is missing; install it with: pip install {self.needs}") from None
        write: Callable[[Lecture, Path], list[Path]] = getattr(module, self.function)
        return write


FORMATS: dict[str, Format] = {
    "pptx": Format("slides for PowerPoint, Keynote, Impress", "pptx", "python-pptx"),
    "pdf": Format("handouts to print: a page a beat, and four beats a page", "pdf"),
    "markdown": Format("posters that link to their videos, words, values", "snippets", function="markdown"),
    "mkdocs": Format("a page for MkDocs", "snippets", function="mkdocs"),
    "myst": Format("a page for Sphinx with MyST", "snippets", function="myst"),
    "quarto": Format("reveal.js slides for Quarto", "snippets", function="quarto"),
    "jupyter": Format("a notebook whose videos play without being run", "jupyter"),
    "beamer": Format("frames for LaTeX Beamer", "beamer"),
    "moodle": Format("a page to paste, an H5P video that stops at questions", "moodle"),
    "html": Format("a page with a player of its own: one file, and a page beside the files", "html"),
    "reveal": Format("a deck for reveal.js, the library beside it (fetched once with npm)", "reveal"),
    "manim-slides": Format("what manim-slides presents and converts", "manim_slides"),
    "gif": Format("a GIF of each segment, at most 20 frames a second", "moving", function="gif"),
    "webm": Format("VP9 of each segment on a transparent ground", "moving", function="webm"),
    "mov": Format("ProRes 4444, transparent, for editors and Keynote (large)", "moving", function="mov"),
    "apng": Format("animated PNG, transparent, without loss", "moving", function="apng"),
    "webp": Format("animated WebP, transparent, without loss", "moving", function="webp"),
    "frames": Format("every frame as a transparent PNG (many files)", "moving", function="frames"),
}
LAYERED = ("webm", "mov", "apng", "webp", "frames")  # these can show one part of the pictures alone
DEFAULT: tuple[str, ...] = ("pptx", "html", "pdf")
