"""Frames for LaTeX Beamer: the poster of each segment, a click on it opens the video; words and values as notes.

``NAME-frames.tex`` is for pasting (``\\input``), ``NAME-beamer.tex`` a whole document around it. Sources are plain ASCII with
commands for signs, so that every LaTeX takes them.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path

from .lecture import Lecture, Segment
from .page import ground
from .snippets import values

RATIOS = {"169": 16 / 9, "1610": 16 / 10, "43": 4 / 3, "32": 3 / 2, "54": 5 / 4, "149": 14 / 9, "141": 1.41}
SIGNS = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
    "−": r"$-$", "·": r"$\cdot$", "×": r"$\times$", "∂": r"$\partial$", "∇": r"$\nabla$", "Δ": r"$\Delta$", "∞": r"$\infty$",
    "≈": r"$\approx$", "≤": r"$\leq$", "≥": r"$\geq$", "≠": r"$\neq$", "→": r"$\to$", "←": r"$\leftarrow$", "√": r"$\surd$",
    "∑": r"$\sum$", "Σ": r"$\Sigma$", "–": "--", "—": "---", "…": r"\ldots{}", "’": "'", "‘": "`", "“": "``", "”": "''",
    "°": r"$^\circ$", "½": r"$\frac12$", "\u00a0": "~",
}  # fmt: skip
GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau", "φ": "varphi",
    "χ": "chi", "ψ": "psi", "ω": "omega",
}  # fmt: skip
RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ", "0123456789-+n", strict=True))
LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉ᵢ", "0123456789i", strict=True))


def write(lecture: Lecture, folder: Path) -> list[Path]:
    """The frames, and a document of them."""
    frames = folder / f"{lecture.name}-frames.tex"
    parts = [f"% {_ascii(lecture.comment)}", "% The folders videos and posters have to lie beside the document."]
    chapter = None
    for segment in lecture.segments:
        if segment.chapter and segment.chapter != chapter:
            chapter = segment.chapter
            parts.append(f"\\section{{{tex(chapter)}}}")
        parts.append(frame(segment))
    frames.write_text("\n\n".join(parts) + "\n", encoding="ascii")
    document = folder / f"{lecture.name}-beamer.tex"
    shape = lecture.size[0] / lecture.size[1]
    ratio = min(RATIOS, key=lambda name: abs(RATIOS[name] - shape))
    colour = ground(lecture.path(lecture.segments[0].poster)).lstrip("#")
    dark = sum(int(colour[at : at + 2], 16) for at in (0, 2, 4)) < 3 * 128
    document.write_text(
        f"\\documentclass[aspectratio={ratio}]{{beamer}}\n"
        "\\setbeamertemplate{navigation symbols}{}\n"
        f"\\definecolor{{film}}{{HTML}}{{{colour}}} % frames have the film's ground\n"
        "\\setbeamercolor{background canvas}{bg=film}\n"
        f"\\setbeamercolor{{frametitle}}{{fg={'white' if dark else 'black'}}}\n"
        f"\\setbeamercolor{{normal text}}{{fg={'white' if dark else 'black'}}}\n"
        "% \\setbeameroption{show notes on second screen=right} % for pympress and pdfpc\n"
        f"\\title{{{tex(lecture.title)}}}\n\\begin{{document}}\n\\input{{{frames.stem}}}\n\\end{{document}}\n",
        encoding="ascii",
    )
    return [frames, document]


def frame(segment: Segment) -> str:
    """One frame."""
    picture = f"\\includegraphics[width=\\linewidth,height=0.78\\textheight,keepaspectratio]{{{segment.poster}}}"
    said = [tex(segment.notes)] if segment.notes else []
    rows = values(segment)
    if rows:
        said.append(r"\par\medskip On screen: " + ", ".join(f"{tex(row.name)} = {tex(row.text)}" for row in rows) + ".")
    note = f"\n\\note{{{' '.join(said)}}}" if said else ""
    return (
        f"\\begin{{frame}}{{{tex(segment.title)}}}\n  \\centering\n  % {_ascii(segment.alt)}\n"
        f"  \\href{{run:{segment.file}}}{{{picture}}}\n\\end{{frame}}{note}"
    )


def tex(text: str) -> str:
    """Text as LaTeX prints it, in ASCII.

    >>> tex("50 % of x₁² − ∂f/∂x")
    '50 \\\\% of x$_{1}$$^{2}$ $-$ $\\\\partial$f/$\\\\partial$x'
    """
    result = []
    for letter in " ".join(text.split(" ")).replace("\n", " "):
        if letter in SIGNS:
            result.append(SIGNS[letter])
        elif letter in GREEK:
            result.append(f"$\\{GREEK[letter]}$")
        elif letter in RAISED:
            result.append(f"$^{{{RAISED[letter]}}}$")
        elif letter in LOWERED:
            result.append(f"$_{{{LOWERED[letter]}}}$")
        else:
            result.append(letter if letter.isascii() else _accented(letter))
    return "".join(result)


ACCENTS = dict(zip("\u0300\u0301\u0302\u0303\u0308\u0304\u030a\u0327", "`'^~\"=rc", strict=True))


def _accented(letter: str) -> str:
    base, *marks = list(unicodedata.normalize("NFKD", letter))
    if base.isascii() and len(marks) == 1 and marks[0] in ACCENTS:
        return f"\\{ACCENTS[marks[0]]}{{{base}}}"
    plain = "".join(part for part in [base, *marks] if part.isascii())
    return {"ß": r"\ss{}", "æ": r"\ae{}", "ø": r"\o{}"}.get(letter, plain or "?")


def _ascii(text: str) -> str:
    """Text for a comment."""
    safe = text.replace("−", "-").replace("–", "-").replace("∂", "d").replace("·", "*")
    return " ".join(unicodedata.normalize("NFKD", safe).encode("ascii", "replace").decode().split())
