"""S23: the user's own source lines, tied to the steps that they run.

Reads a trace's spans and the file. Invariants: the shown text is the file's, line by line; the characters that light up
are the span of the step that runs; every number beside a line is the engine's.
"""

from __future__ import annotations

import ast
import inspect
import io
import keyword
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from manim import Animation, AnimationGroup, FadeIn, FadeOut, LaggedStart, RoundedRectangle, VGroup, VMobject

from chainreel.engine import Step, Trace

from ..stage.area import Area
from ..stage.errors import StageError
from ..stage.number import Number, Roll
from ..stage.parts import Chip, slot
from ..stage.theme import Theme
from ..stage.ticks import Tick
from ..stage.type import Label, set_line
from .figure import Figure

MOST_LINES = 40
SIZE = 30.0
FLOOR = 22.0
HEAD = 0.86  # from the top of the pane to the first baseline, below the file's name
MOST_ROWS = 4  # of one line


@dataclass(frozen=True)
class Line:
    """One line as it stands in the file: its number there and its text without the indentation of the function."""

    number: int
    text: str


@dataclass(frozen=True)
class Row:
    """A row of the pane: a line, or the part of a long one from column `start` to `end`, drawn `shift` columns in."""

    line: Line
    start: int
    end: int
    shift: int = 0

    @property
    def text(self) -> str:
        """What stands in it."""
        return self.line.text[self.start : self.end]

    def column(self, column: int) -> int:
        """Where a column of the line is in this row."""
        return column - self.start + self.shift


def wrapped(line: Line, most: int) -> list[Row]:
    """The rows of a line, as an editor breaks it softly: after blanks, what follows indented; nothing is lost.

    >>> [row.text for row in wrapped(Line(1, "    a = b + c"), 9)]
    ['    a = b ', '+ c']
    """
    text = line.text
    lead = len(text) - len(text.lstrip())
    rows, start = [], 0
    while start < len(text):
        shift = lead + 4 if start else 0
        end = start + max(most - shift, 4)
        if end < len(text):
            cut = text.rfind(" ", start + (lead if not start else 0) + 1, end + 1)
            end = cut + 1 if cut > start else end
        rows.append(Row(line, start, min(end, len(text)), shift))
        start = end
    return rows


@dataclass(frozen=True)
class Source:
    """The lines of a function that are shown, what was taken off on their left, and the file's own name."""

    lines: tuple[Line, ...]
    indent: int
    file: str
    name: str

    @classmethod
    def of(cls, trace: Trace) -> Source:
        """The lines of a trace's function: all but the docstring and what is empty."""
        function = trace.function
        if function.kind == "text":
            lines = [Line(k, text.rstrip()) for k, text in enumerate(function.source.splitlines() or [""], 1)]
            return cls(tuple(line for line in lines if line.text.strip()), 0, "", function.name)
        try:
            raw, first = inspect.getsourcelines(inspect.unwrap(function._call))
            file = inspect.getsourcefile(inspect.unwrap(function._call)) or ""
        except (OSError, TypeError):
            raise StageError(f"the source of {function.name} is not there; give a function of a file, file.py:name") from None
        indent = len(raw[0]) - len(raw[0].lstrip())
        skip = _docstring("".join(line[indent:] if line.strip() else line for line in raw))
        lines = [
            Line(first + k, line[indent:].rstrip())
            for k, line in enumerate(raw)
            if line.strip() and k not in skip
        ]
        return cls(tuple(lines), indent, Path(file).name, function.name)

    @property
    def widest(self) -> int:
        """The most characters of a line."""
        return max(len(line.text) for line in self.lines)


def _docstring(text: str) -> range:
    """The rows of a function's docstring, counted from its first line."""
    try:
        body = ast.parse(text).body[0]
    except (SyntaxError, IndexError):
        return range(0)
    if not isinstance(body, (ast.FunctionDef, ast.AsyncFunctionDef)) or ast.get_docstring(body, clean=False) is None:
        return range(0)
    one = body.body[0]
    return range(one.lineno - 1, one.end_lineno or one.lineno)


class CodeTrace(Figure):
    """A pane with the source of `trace`'s function in `area`, of which `rows` lines are seen at once.

    Verbs: `appear`, `light(step)`, `value(step)`, `blame(step)`, `rest`; `cut(step)` is a copy of a step's characters.
    """

    def __init__(self, trace: Trace, theme: Theme, area: Area, largest: float = SIZE):
        super().__init__(theme)
        self.trace, self.source, self.area = trace, Source.of(trace), area
        self.lines: list[Row] = [Row(line, 0, len(line.text)) for line in self.source.lines]
        if len(self.source.lines) > MOST_LINES:
            raise StageError(
                f"{self.source.name} has {len(self.source.lines)} lines, and {MOST_LINES} can be followed; show a part of it "
                "as a function of its own"
            )
        scalar = [s for s in self.operations() if not np.ndim(s.value)]
        values = [Number(trace.quantity("value", s), theme.ink, 28).width for s in scalar]
        self.chip_room = max((self._chip(s).width for s in scalar if not np.ndim(s.adjoint)), default=0.5) + 0.2
        self.aside = self.chip_room + max(values, default=0.3) + 0.5  # what value and blame need at the end of a line
        self.size = self._size(largest)
        self.pitch = 0.40 * self.size / 22
        self.advance = set_line("0", self.size, "mono")[1]
        head = self._head
        self.rows = max(min(1 + int((area.height - head - 0.26) / self.pitch + 1e-6), len(self.lines)), 1)
        self.first = 0
        self.x = area.left + 0.24 + self.gutter
        self.y = area.top - head
        low = self.y - self.pitch * (self.rows - 1) - 0.26
        self.bottom = low
        self.pane = slot(theme, area.width, area.top - low, 0.14)
        self.pane.set_fill(theme.slot, 0.92).move_to([area.center[0], (area.top + low) / 2, 0])
        title = f"{self.source.file} · {self.source.name}"
        self.title = Label(title, theme.muted, 22, names=True).set_baseline(area.left + 0.26, area.top - 0.40)
        self.texts = [CodeLine(self, row) for row in self.lines]
        self.index: dict[int, list[int]] = {}
        for k, row in enumerate(self.lines):
            self.index.setdefault(row.line.number, []).append(k)
        self._check()
        for k, text in enumerate(self.texts):
            text.shift([0, self.y - self.pitch * k, 0])
        self.beside: dict[int, Number] = {}  # by line
        self.chips: dict[int, Chip] = {}
        self.plate: Any = None

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return f"The source of {self.source.name}, {self.counted(self.source.lines, 'line')}."

    @property
    def gutter(self) -> float:
        """How wide the line numbers are."""
        return max(Tick(line.number, 1, self.theme.muted).width for line in self.source.lines) + 0.26

    @property
    def _head(self) -> float:
        return HEAD if self.source.file else 0.48

    def _size(self, largest: float) -> float:
        """The largest size at which every line has room, with its value and its blame if it has any, and all are seen.

        Where the longest has none at the smallest size either, long lines are broken softly.
        """
        running = {s.span.line for s in self.operations() if s.span is not None}
        lines, room = self.source.lines, self.area.width - 0.36 - self.gutter

        def wide(size: float) -> float:
            cell = set_line("0", size, "mono")[1]
            return max(len(line.text) * cell + self.aside * (line.number in running) for line in lines)

        def high(size: float) -> float:
            return self._head + 0.26 + 0.40 * size / 22 * (len(lines) - 1)

        sizes = [float(v) for v in np.arange(largest, FLOOR - 0.1, -0.5) if wide(float(v)) <= room]
        if sizes:
            return next((v for v in sizes if high(v) <= self.area.height), sizes[-1])
        cell = set_line("0", FLOOR, "mono")[1]
        self.lines = [
            row for line in lines for row in wrapped(line, int((room - self.aside * (line.number in running)) / cell))
        ]
        most = max(sum(row.line is line for row in self.lines) for line in lines)
        if most > MOST_ROWS:
            long = max(lines, key=lambda line: len(line.text))
            raise StageError(
                f"line {long.number} of {self.source.name} has {len(long.text)} characters; that is too long to be read in a "
                "film, so break it into two"
            )
        return FLOOR

    def _check(self) -> None:
        for step in self.operations():
            if step.span is None or step.span.line not in self.index:
                where = step.span.place if step.span is not None else "a place without source"
                raise StageError(
                    f"{step.name} is computed in {where or 'another place'}, outside of {self.source.name}; the code of one "
                    "function is shown, so write it out there"
                )

    def operations(self) -> Iterator[Step]:
        """The steps that are no inputs, as far as the result depends on them."""
        return (s for s in self.trace.steps if not s.is_input and not s.dead)

    # Places ---------------------------------------------------------------------------------------------------------

    def line_of(self, step: Step) -> int:
        """The row of the pane in which a step's characters begin."""
        return self.reaches(step)[0][0]

    def reaches(self, step: Step) -> list[tuple[int, int, int]]:
        """Where a step's characters are: (row, first column, last column + 1) in the line, for every row they touch.

        A span over several lines of the file ends with its first line.
        """
        span = step.span
        assert span is not None
        rows = self.index[span.line]
        text = self.lines[rows[0]].line.text
        start = max(span.column - self.source.indent, 0)
        end = span.end_column - self.source.indent if span.end_line == span.line else len(text)
        end = min(max(end, start + 1), len(text))
        out = []
        for k in rows:
            a, b = max(start, self.lines[k].start), min(end, self.lines[k].end)
            if text[a:b].strip():
                out.append((k, a, a + len(text[a:b].rstrip())))
        return out

    def place(self, row: int, column: int = 0) -> np.ndarray:
        """The left end of a character of a row's line on its baseline, as the pane is scrolled now."""
        across = self.lines[row].column(column) * self.advance
        return np.array([self.x + across, self.y - self.pitch * (row - self.first), 0.0])

    def seen(self, line: int) -> bool:
        """Whether a line is in the window."""
        return self.first <= line < self.first + self.rows

    def _plate(self, step: Step, role: str) -> VGroup:
        """Light on a step's line, and stronger on its very characters."""
        lights, height = VGroup(), 0.92 * self.pitch
        bright, faint = (0.26, 0.06) if self.theme.dark else (0.02, 0.02)  # on paper the outline is the light
        for row, start, end in self.reaches(step):
            y = float(self.place(row)[1]) + 0.125 * self.size / 24
            bar = RoundedRectangle(corner_radius=0.06, width=self.area.width - 0.14, height=height)
            bar.set_fill(self.theme.ink, faint).set_stroke(width=0).move_to([self.area.center[0], y, 0])
            width = (end - start) * self.advance + 0.10
            box = RoundedRectangle(corner_radius=0.07, width=width, height=height)
            left = float(self.place(row, start)[0]) - 0.05
            box.set_fill(self.theme.role(role), bright).set_stroke(self.theme.role(role), 1.6, 0.8)
            lights.add(bar, box.move_to([left + width / 2, y, 0]))
        return lights

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self) -> AnimationGroup:
        """The pane, and its lines from top to bottom."""
        self.keep(self.pane, 0)
        parts: list[Animation] = [FadeIn(self.pane, run_time=0.5)]
        if self.source.file:
            parts.append(FadeIn(self.keep(self.title, 3), run_time=0.5))
        for k, text in enumerate(self.texts):
            if self.seen(k):
                parts.append(FadeIn(self.keep(text, 3), shift=np.array([0.12, 0, 0])))
        return LaggedStart(*parts, lag_ratio=0.18, run_time=1.6)

    def light(self, step: Step, role: str = "value") -> list[Animation]:
        """The characters of a step light up; the pane scrolls first if its line is out of sight."""
        acts: list[Animation] = []
        moved = self._scroll(self.line_of(step))
        if moved:
            acts.append(AnimationGroup(*moved, run_time=0.7))
        plate = self._plate(step, role)
        old, self.plate = self.plate, self.keep(plate, 1)
        arrive: list[Animation] = [FadeIn(plate)]
        if old is not None:
            self.drop(old)
            arrive.append(FadeOut(old))
        acts.append(AnimationGroup(*arrive, run_time=0.4))
        return acts

    def rest(self) -> list[Animation]:
        """Nothing is lit any more."""
        if self.plate is None:
            return []
        old, self.plate = self.plate, None
        self.drop(old)
        return [FadeOut(old, run_time=0.4)]

    def value(self, step: Step) -> Animation | None:
        """A step's value at the end of its line; an older one of the line goes. None for an array."""
        if np.ndim(step.value):
            return None
        line = self.line_of(step)
        number = Number(self.trace.quantity("value", step), self._tint("value"), 28)
        number.move_to([self.area.right - self.chip_room - 0.12 - number.width / 2, self.place(line)[1] + 0.13, 0])
        old = self.beside.pop(line, None)
        self.beside[line] = self.keep(number, 4)
        if old is None:
            return Roll(number, introducer=True, run_time=0.5)
        self.drop(old)
        return AnimationGroup(FadeOut(old, run_time=0.3), Roll(number, introducer=True, run_time=0.5))

    def blame(self, step: Step) -> Animation | None:
        """A step's adjoint as a chip at the end of its line."""
        if np.ndim(step.adjoint):
            return None
        line = self.line_of(step)
        chip = self._chip(step)
        chip.move_to([self.area.right - 0.12 - chip.width / 2, self.place(line)[1] + 0.13, 0])
        old = self.chips.pop(line, None)
        self.chips[line] = self.keep(chip, 5)
        arrive = FadeIn(chip, shift=np.array([-0.25, 0, 0]))
        if old is None:
            return AnimationGroup(arrive, run_time=0.6)
        self.drop(old)
        return AnimationGroup(FadeOut(old), arrive, run_time=0.6)

    def _chip(self, step: Step) -> Chip:
        return Chip(self.theme, Number(self.trace.quantity("adjoint", step), self.theme.on_slope, 26, "bold"), 0.34, slim=True)

    def cut(self, step: Step) -> VGroup:
        """A copy of a step's characters, where they stand."""
        words = VGroup()
        for row, start, end in self.reaches(step):
            for label, at in self.texts[row].parts:
                a, b = max(at, start), min(at + len(label.text), end)
                if a < b and label.text[a - at : b - at].strip():
                    one = Label(label.text[a - at : b - at], label.colour, self.size, "mono", names=True)
                    words.add(one.shift(self.place(row, a)))
        return words

    def _tint(self, role: str) -> str:
        return self.theme.tint(role) if self.theme.dark else self.theme.role(role)

    def _scroll(self, line: int) -> list[Animation]:
        """The lines move until this one is in the window, a line of context with it where there is one."""
        if self.seen(line):
            return []
        above = line < self.first
        target = max(line - 1, 0) if above else min(line + 1, len(self.texts) - 1) - self.rows + 1
        target = int(np.clip(target, 0, len(self.texts) - self.rows))
        shift = self.pitch * (target - self.first)
        acts: list[Animation] = []
        was = [self.seen(k) for k in range(len(self.texts))]
        self.first = target
        if self.plate is not None:
            acts += self.rest()
        for k, text in enumerate(self.texts):
            extra = [p for p in (self.beside.get(k), self.chips.get(k)) if p is not None]
            if was[k] and self.seen(k):
                acts += [part.animate.shift([0, shift, 0]) for part in (text, *extra)]
            elif was[k]:
                self.drop(text, *extra)
                acts += [FadeOut(part, shift=np.array([0, shift, 0])) for part in (text, *extra)]
            elif self.seen(k):
                for part in (text, *extra):
                    part.shift([0, self.pitch * (target - self._stands_for(k)), 0])
                    self.keep(part, 3)
                acts += [FadeIn(part, shift=np.array([0, shift, 0])) for part in (text, *extra)]
        return acts

    def _stands_for(self, line: int) -> int:
        """The scroll position for which a hidden line's mobject stands ready."""
        y = float(self.texts[line].base)
        return round((y - (self.y - self.pitch * line)) / self.pitch)


class CodeLine(VGroup):
    """One row of source: its line's number, and its characters in the colours of what they stand for.

    `parts` are its labels with their columns in the line.
    """

    def __init__(self, pane: CodeTrace, row: Row):
        super().__init__()
        self.row = row
        self.parts: list[tuple[Label, int]] = []
        theme = pane.theme
        self.anchor = VMobject().set_points_as_corners([[pane.x, 0, 0], [pane.x, 0.01, 0]]).set_stroke(width=0)
        self.add(self.anchor)
        if row.start == 0:
            number = Tick(row.line.number, 1, theme.muted)
            self.add(number.shift([pane.x - 0.22 - number.width, 0, 0]))
        for text, column, role in coloured(row.line.text, pane.trace):
            a, b = max(column, row.start), min(column + len(text), row.end)
            piece = row.line.text[a:b]
            if a >= b or not piece.strip():
                continue
            a, piece = a + len(piece) - len(piece.lstrip()), piece.strip()
            label = Label(piece, colour_of(theme, role), pane.size, "mono", names=True)
            self.parts.append((label, a))
            self.add(label.shift([pane.x + row.column(a) * pane.advance, 0.0, 0.0]))

    @property
    def base(self) -> float:
        """The height of its baseline, as it stands now."""
        return float(self.anchor.points[0][1])

    @property
    def text(self) -> str:
        """What it says, put together from what is drawn."""
        out = ""
        for label, column in self.parts:
            out = out.ljust(column - self.row.start) + label.text
        return out


def coloured(text: str, trace: Trace) -> list[tuple[str, int, str]]:
    """The pieces of a line with their columns and roles: inputs are knobs, what is computed are values.

    Characters of one role that stand together are one piece; blanks at the ends are left out.
    """
    roles = ["ink"] * len(text)
    inputs = {s.name for s in trace.inputs}
    computed = {s.name for s in trace.steps if s.named} - inputs
    try:
        for token in tokenize.generate_tokens(io.StringIO(text.lstrip() + "\n").readline):
            role = "ink"
            if token.type == tokenize.NAME:
                known = "knob" if token.string in inputs else "value" if token.string in computed else "ink"
                role = "muted" if keyword.iskeyword(token.string) else known
            elif token.type in (tokenize.COMMENT, tokenize.STRING):
                role = "muted"
            lead = len(text) - len(text.lstrip())
            if token.start[0] == token.end[0] == 1:
                for k in range(token.start[1] + lead, min(token.end[1] + lead, len(text))):
                    roles[k] = role
    except (tokenize.TokenError, IndentationError, SyntaxError):
        pass  # a line of an open bracket: plain
    out: list[tuple[str, int, str]] = []
    start = 0
    for k in range(1, len(text) + 1):
        if k == len(text) or (roles[k] != roles[start] and not text[k].isspace()):
            piece = text[start:k]
            lead = len(piece) - len(piece.lstrip())
            if piece.strip():
                out.append((piece.strip(), start + lead, roles[start + lead]))
            start = k
    return out


def colour_of(theme: Theme, role: str) -> str:
    """Roles as small text on a dark slot."""
    return theme.tint(role) if role == "value" else theme.role(role)


__all__ = ["CodeLine", "CodeTrace", "Line", "Row", "Source", "coloured", "wrapped"]
