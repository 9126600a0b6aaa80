"""Where a step came from: the very characters in the user's source.

The tape keeps only ``(code object, instruction offset)`` per step; this module turns that into a place, later and
only when somebody asks.
"""

from __future__ import annotations

import ast
import functools
import linecache
import os
import sys
from dataclasses import dataclass
from types import CodeType, FrameType

import numpy

# Frames of these folders are never "the user's line".
_INSIDE = (os.path.dirname(os.path.abspath(__file__)) + os.sep, os.path.dirname(numpy.__file__) + os.sep)
TEXT_FILE = "<text>"


@dataclass(frozen=True)
class Span:
    """The characters of one step. Lines count from 1, columns from 0, both in characters; the end is
    exclusive.

    ``text`` is the very source, ``file`` the file's path, or ``"<text>"`` for a function given as text.
    """

    text: str
    line: int
    column: int
    end_line: int
    end_column: int
    file: str
    source_line: str = ""

    def caret(self) -> str:
        """Two lines for an error message: the source line and, below it, carets under the characters."""
        width = 96
        line, column = self.source_line.rstrip("\n"), self.column
        end = self.end_column if self.end_line == self.line else len(line)
        lead = len(line) - len(line.lstrip())
        line, column, end = line[lead:], column - lead, end - lead
        if len(line) > width:  # show the neighbourhood only
            start = max(0, min(column - width // 2, len(line) - width))
            line, column, end = line[start : start + width], column - start, min(end - start, width)
        return f"    {line}\n    {' ' * column}{'^' * max(1, end - column)}"

    @property
    def place(self) -> str:
        """``file.py, line 3`` for the user; nothing for a one-line text."""
        if self.file == TEXT_FILE:
            return f"line {self.line}" if self.line > 1 else ""
        return f"{self.file}, line {self.line}"


# … but for the functions of the films, which are functions like a user's.
_SHOWN = os.path.join(_INSIDE[0], "storyboards") + os.sep


def is_inside(filename: str) -> bool:
    """Whether a file belongs to the engine or to numpy, so that its lines are not the user's."""
    return filename.startswith(_INSIDE) and not filename.startswith(_SHOWN)


OURS: set[str] = set()  # files whose lines are not the user's, as far as they have been met
_users: set[str] = set()


def users(frame: FrameType) -> FrameType:
    """The innermost frame, from this one outwards, that runs the user's code."""
    while (name := frame.f_code.co_filename) not in _users:
        if name not in OURS:
            (OURS if is_inside(name) else _users).add(name)
        elif frame.f_back is None:
            break
        else:
            frame = frame.f_back
    return frame


def user_frame(frame: FrameType | None) -> FrameType | None:
    """The innermost frame, from ``frame`` outwards, that runs the user's code."""
    while frame is not None and is_inside(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def current_span() -> Span | None:
    """The place in the user's code that is running now."""
    frame = user_frame(sys._getframe(1))
    return None if frame is None else span_of(frame.f_code, frame.f_lasti)


@functools.lru_cache(maxsize=256)
def _positions(code: CodeType) -> tuple:
    return tuple(code.co_positions())


def source_lines(code: CodeType) -> list[str]:
    """The lines of the file a code object was compiled from; a text is part of its "file name" (see
    ``parsing``)."""
    if code.co_filename.startswith(TEXT_FILE):
        return code.co_filename[len(TEXT_FILE) :].splitlines(keepends=True)
    return linecache.getlines(code.co_filename)


def _characters(line: str, byte_column: int) -> int:
    return byte_column if line.isascii() else len(line.encode()[:byte_column].decode(errors="replace"))


@functools.lru_cache(maxsize=8192)
def span_of(code: CodeType | None, offset: int) -> Span | None:
    """The span of one instruction, or None when it is not the user's or the source is gone."""
    if code is None or is_inside(code.co_filename):
        return None
    positions = _positions(code)
    if not 0 <= offset // 2 < len(positions):
        return None
    line, end_line, column, end_column = positions[offset // 2]
    lines = source_lines(code)
    if None in (line, end_line, column, end_column) or not 0 < line <= end_line <= len(lines):
        return None
    first, last = lines[line - 1], lines[end_line - 1]
    column, end_column = _characters(first, column), _characters(last, end_column)
    if line == end_line:
        text = first[column:end_column]
    else:
        text = first[column:] + "".join(lines[line : end_line - 1]) + last[:end_column]
    file = TEXT_FILE if code.co_filename.startswith(TEXT_FILE) else code.co_filename
    return Span(text, line, column, end_line, end_column, file, first.rstrip("\n"))


class SourceMap:
    """The syntax of one source: which expression stands at a span, and which name it was given.

    >>> source = SourceMap("u = x*y")
    >>> source.targets[(1, 4, 1, 7)]
    'u'
    """

    def __init__(self, text: str):
        self.targets: dict[tuple[int, int, int, int], str] = {}
        self.nodes: dict[tuple[int, int, int, int], ast.expr | ast.AugAssign] = {}
        self._lines = text.splitlines(keepends=True)
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return
        for node in ast.walk(tree):
            self._read(node)

    def _key(self, node: ast.expr | ast.stmt) -> tuple[int, int, int, int]:
        first, last = self._lines[node.lineno - 1], self._lines[(node.end_lineno or node.lineno) - 1]
        return (
            node.lineno,
            _characters(first, node.col_offset),
            node.end_lineno or node.lineno,
            _characters(last, node.end_col_offset or node.col_offset),
        )

    def _read(self, node: ast.AST) -> None:
        if isinstance(node, ast.expr):
            self.nodes.setdefault(self._key(node), node)
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            self._bind(node.targets[0], node.value)
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
            self._bind(node.target, node.value)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            self.targets[self._key(node)] = node.target.id
            self.nodes[self._key(node)] = node

    def _bind(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self.targets[self._key(value)] = target.id
        elif isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, (ast.Tuple, ast.List)):
            for part, expression in zip(target.elts, value.elts, strict=False):
                self._bind(part, expression)

    def operand_text(self, span: Span, slot: int) -> str | None:
        """The characters of one operand of the step at ``span``, or None."""
        key = (span.line, span.column, span.end_line, span.end_column)
        node = self.nodes.get(key)
        operands: list[ast.expr]
        if isinstance(node, ast.BinOp):
            operands = [node.left, node.right]
        elif isinstance(node, ast.AugAssign):
            operands = [node.target, node.value]
        elif isinstance(node, ast.Call):
            operands = list(node.args)
            if isinstance(node.func, ast.Attribute) and not _is_module(node.func.value):
                operands.insert(0, node.func.value)
        else:
            return None
        if slot >= len(operands):
            return None
        line, column, end_line, end_column = self._key(operands[slot])
        return self._lines[line - 1][column:end_column] if line == end_line else None


def _is_module(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("np", "numpy", "math")


@functools.lru_cache(maxsize=64)
def _map_of(text: str) -> SourceMap:
    return SourceMap(text)


def source_map(code: CodeType) -> SourceMap:
    """The syntax of the file (or text) that a code object came from."""
    return _map_of("".join(source_lines(code)))
