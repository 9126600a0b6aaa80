"""Plain ``math`` and numpy code runs unmodified: a copy of the user's function whose global names lead to the engine.

The function, and the user's own helpers that it calls, run as copies in which some names have a stand-in. Code, line
numbers, defaults and closures stay the user's own, and the original function is never touched.
"""

from __future__ import annotations

import dis
import functools
import types
import weakref
from collections.abc import Callable
from typing import Any

from .spans import is_inside
from .stand_ins import stand_in

_known: weakref.WeakKeyDictionary[Any, tuple[Any, list]] = weakref.WeakKeyDictionary()


def rebind(function: Callable) -> Callable:
    """The function itself when nothing in it needs replacing, else the copy.

    Callables that are no plain Python functions run as they are; what would lose a derivative in them raises.
    """
    kind = type(function)
    if kind is not types.FunctionType:
        if isinstance(function, functools.partial):
            return functools.partial(rebind(function.func), *function.args, **function.keywords)
        if isinstance(function, types.MethodType):
            inner = rebind(function.__func__)
            return function if inner is function.__func__ else types.MethodType(inner, function.__self__)
        call = getattr(kind, "__call__", None)  # noqa: B004 - an object of a user's class
        return types.MethodType(rebind(call), function) if isinstance(call, types.FunctionType) else function
    found = _known.get(function)
    if found is not None:
        copy, seen = found
        for scope, name, value in seen:
            if (scope.get(name, _known) if type(scope) is dict else _content(scope)) is not value:
                break
        else:
            return function if copy is None else copy
    seen = []
    copy = _rebind(function, {}, seen)
    _known[function] = (None if copy is function else copy, seen)  # None: the value must not keep its key alive
    return copy


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not filled yet
        return _known


def _is_users(value: Any) -> bool:
    if type(value) is not types.FunctionType:
        return False
    file = value.__code__.co_filename
    return not is_inside(file) and "site-packages" not in file and not file.startswith((*_LIBRARY, "<frozen"))


_LIBRARY = tuple({module.__file__.rpartition("functools")[0] for module in (functools,) if module.__file__})


def _rebind(function: Any, done: dict[int, Any], seen: list) -> Any:
    if not _is_users(function):
        return function
    if id(function) in done:
        return done[id(function)]
    done[id(function)] = function  # a recursive helper meets itself here
    names, writes, stores = _facts(function.__code__)
    scope = function.__globals__
    changed: dict[str, Any] = {}
    for name in names:
        if name not in scope:
            seen.append((scope, name, _known))
            continue
        value = scope[name]
        seen.append((scope, name, value))
        other = _rebind(value, done, seen) if type(value) is types.FunctionType else stand_in(value, writes)
        if type(value) is types.FunctionType and other is value:
            other = stand_in(value, writes)
        if other is not value:
            changed[name] = other
    cells = function.__closure__ or ()
    new_cells = []
    for cell in cells:
        content = _content(cell)
        seen.append((cell, "", content))
        if content is _known or content is function:
            new_cells.append(cell)
            continue
        other = _rebind(content, done, seen) if type(content) is types.FunctionType else stand_in(content, writes)
        new_cells.append(cell if other is content else types.CellType(other))
    if not changed and all(a is b for a, b in zip(cells, new_cells, strict=True)):
        return function
    closure = tuple(new_cells) if cells else None
    copy = types.FunctionType(function.__code__, {**scope, **changed}, function.__name__, function.__defaults__, closure)
    copy.__kwdefaults__ = function.__kwdefaults__
    copy.__dict__.update(function.__dict__)
    for name, value in list(copy.__globals__.items()):
        if value is function:  # a recursive function calls its copy
            copy.__globals__[name] = copy
    copy = _writing_back(copy, scope, stores) if stores else copy
    done[id(function)] = copy
    return copy


def _writing_back(copy: Any, scope: dict[str, Any], stores: tuple[str, ...]) -> Any:
    """A function that sets global names sets the user's, not those of the copy."""

    def call(*args: Any, **kwargs: Any) -> Any:
        for name in stores:
            if name in scope:
                copy.__globals__[name] = scope[name]
        try:
            return copy(*args, **kwargs)
        finally:
            scope.update({name: copy.__globals__[name] for name in stores if name in copy.__globals__})

    return call


_facts_of: dict[types.CodeType, tuple[tuple[str, ...], bool, tuple[str, ...]]] = {}


def _facts(code: types.CodeType) -> tuple[tuple[str, ...], bool, tuple[str, ...]]:
    """Of a code object and the functions written inside it: names it may look up globally, whether it assigns items,
    global names it sets."""
    facts = _facts_of.get(code)
    if facts is None:
        found: set[str] = set()
        stores: set[str] = set()
        writes = False
        waiting = [code]
        while waiting:
            current = waiting.pop()
            for instruction in dis.get_instructions(current):
                writes = writes or instruction.opname in ("STORE_SUBSCR", "STORE_SLICE")
                if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
                    found.add(instruction.argval)
                elif instruction.opname == "STORE_GLOBAL":
                    stores.add(instruction.argval)
            waiting += [c for c in current.co_consts if isinstance(c, types.CodeType)]
        facts = _facts_of[code] = tuple(sorted(found)), writes, tuple(sorted(stores))
    return facts
