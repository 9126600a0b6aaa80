"""The same function with some inputs held still, so that a slice or a map can run a descent on what is left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chainreel.engine import Function

from ..stage.errors import StageError
from ..stage.parameters import nearest


def hold(function: Function, fixed: Mapping[str, float]) -> Function:
    """`function` without the inputs in `fixed`.

    >>> hold(Function.of("x*y + x"), {"y": 2.0}).inputs
    ('x',)
    """
    if not fixed:
        return function
    own = getattr(function, "hold", None)
    if own is not None:
        held: Function = own(dict(fixed))
        return held
    if function.kind == "text":
        lines = "; ".join(f"{name} = {value!r}" for name, value in fixed.items())
        return Function.parse(f"{lines}; {function.source}")
    free = [n for n in function.inputs if n not in fixed]
    return Function.of(_with_inputs(function, free, dict(fixed)))


def _with_inputs(function: Function, free: list[str], fixed: dict[str, float]) -> Any:
    """A callable whose signature names the free inputs."""
    import inspect

    def held(*args: Any, **kwargs: Any) -> Any:
        return function._call(**{**fixed, **dict(zip(free, args, strict=False)), **kwargs})

    held.__name__ = function.name
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    held.__signature__ = inspect.Signature([inspect.Parameter(n, kind) for n in free])  # type: ignore[attr-defined]
    return held


def chosen(function: Function, name: str | None, flag: str = "--input") -> str:
    """An input of the function by name, the first one by default; a sentence for a name that is none."""
    if name is None:
        return function.inputs[0]
    if name not in function.inputs:
        known = ", ".join(function.inputs)
        raise StageError(
            f"{flag} names {name}, but the function has the input{'s' * (len(function.inputs) > 1)} {known}"
            f"{nearest(name, list(function.inputs))}"
        )
    return name


def known_only(function: Function, given: Mapping[str, Any] | None, flag: str) -> None:
    """Refuse names that are no inputs, with the nearest one."""
    for name in given or {}:
        chosen(function, name, flag)
