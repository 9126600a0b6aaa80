"""``%%chainreel CLIP OPTIONS``: the cell is the function, as text or as Python; the options are the command line's.

``%chainreel network --layers 2,3,1`` is the same for clips that need no function.
"""

from __future__ import annotations

import ast
import shlex
from typing import Any

from chainreel.rendering import arguments
from chainreel.rendering.errors import RenderError

from .making import asked_of, shot_of, shown, speaks, title_of
from .refusal import refusing
from .shown import Shown


def register(shell: Any) -> None:
    """Make the magic known to an IPython shell."""

    def chainreel(line: str, cell: str | None = None) -> Shown | None:
        return run(shell, line, cell)

    chainreel.__doc__ = __doc__
    shell.register_magic_function(chainreel, "line_cell", "chainreel")


def run(shell: Any, line: str, cell: str | None) -> Shown | None:
    """What the magic does; the film is the result of the cell."""
    with refusing():
        try:
            words = shlex.split(line)
        except ValueError as problem:
            raise RenderError(f"the line of %%chainreel cannot be read: {problem}") from None
        command = words[0] if words[:1] == ["explain"] else "clip"
        spec, rest = arguments.split_clip(words[1:] if words[:1] == ["clip"] else words)
        if spec is None:
            raise RenderError("name a clip after %%chainreel, such as: %%chainreel backward --at x=1.5,y=-0.5")
        function = function_of(shell, cell) if cell is not None else None
        if function is not None and not spec.takes_function:
            raise RenderError(f"the clip '{spec.name}' takes no function; leave its cell empty, or write %chainreel {line}")
        given = ["x"] if function is not None else []  # a place holder: the parser wants the word that the cell is
        parser = arguments.clip_parser(spec, f"%%chainreel {spec.name}")
        try:
            options = parser.parse_args([*arguments.protect(rest), *given])
        except SystemExit:
            return None  # --help has been printed
        if options.format not in (None, "mp4"):
            raise RenderError(f"a notebook shows MP4, not {options.format}; the command line makes the other formats")
        if function is not None:
            options.function = function if isinstance(function, str) else None
        parameters = arguments.clip_parameters(spec, options)
        if function is not None:
            parameters["function"] = function
        if command == "explain":
            options.silent = options.silent or not _has_voice(options.voice)
            arguments.speak(options)
        settings, output = arguments.settings_and_output(options, spec.name)
        kept = output if options.output else None
        asked = asked_of(spec.name, parameters)
        return shown(shot_of(spec, parameters), settings, title_of(spec.name, parameters), asked, kept)


def function_of(shell: Any, cell: str) -> Any:
    """What a cell says: a Python function where it defines one (run in the notebook's own names), else text."""
    text = cell.strip()
    if not text:
        return None
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return text  # the engine says what is wrong with it
    defined = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    if not defined:
        return text
    name = shell.compile.cache(cell, shell.execution_count)  # so that the source of the function can be read
    exec(compile(cell, name, "exec"), shell.user_ns)
    return shell.user_ns[defined[-1]]


def _has_voice(voice: str | None) -> bool:
    return speaks(None, voice, True)[0]
