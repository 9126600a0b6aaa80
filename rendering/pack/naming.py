"""Names of numbers for people: of a trace's step 3 its own name, of its adjoint ∂f/∂q; and the formula of the step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..transcript import key_in_words

if TYPE_CHECKING:
    from chainreel.engine import Step, Trace

# As the engine's own parser reads them.
SIGNS = {"add": " + ", "sub": " - ", "mul": "*", "div": "/", "pow": "**", "square": "**"}
LONGEST = 80  # characters of a whole function that a table has room for


class Names:
    """The names of the numbers of a manifest. Only functions that were given as text are run again for them."""

    def __init__(self, sources: Mapping[str, Mapping[str, Any]]):
        self._sources = sources
        self._traces: dict[str, Trace | None] = {}

    def of(self, source: str, key: str) -> tuple[str, str]:
        """The name of a number and the formula it belongs to ("" where there is none)."""
        described = self._sources.get(source, {})
        function = described.get("function")
        if not isinstance(function, Mapping) or function.get("kind") != "text" or not function.get("inputs"):
            return key_in_words(key), ""
        whole = f"{function.get('name') or 'f'}({', '.join(function['inputs'])}) = {function.get('origin', '')}"
        if described.get("kind") != "trace" or "[" in key:
            return key_in_words(key), whole
        trace = self._trace(source, described)
        if trace is None:
            return key_in_words(key), whole
        try:
            name, step = named(trace, key)
        except (ValueError, KeyError, IndexError, TypeError):
            return key_in_words(key), whole
        is_whole = key == f"value/{trace.output.index}" and ";" not in whole and len(whole) <= LONGEST
        return name, whole if is_whole else step

    def _trace(self, source: str, described: Mapping[str, Any]) -> Trace | None:
        if source not in self._traces:
            from chainreel.engine import Trace

            try:
                self._traces[source] = Trace.rebuild(described)
            except (ValueError, KeyError, TypeError, OSError, AttributeError):
                self._traces[source] = None
        return self._traces[source]


def named(trace: Trace, key: str) -> tuple[str, str]:
    """The name of a trace's number and the formula of its step.

    >>> from chainreel.engine import Function
    >>> trace = Function.of("x * sin(x)").trace({"x": 2.0})
    >>> named(trace, "adjoint/0"), named(trace, f"local/{trace.output.index}.0")[0]
    (('∂f/∂x', ''), '∂f/∂x, this step alone')
    """
    kind, place = key.split("/", 1)
    index, _, slot = place.partition(".")
    step = trace.step(int(index))
    if not slot:
        name = step.name if kind == "value" else f"∂{trace.output.name}/∂{step.name}"
        return name, formula(step)
    edge = trace.edge(int(index), int(slot))
    low = f"∂{step.name}/∂{edge.source.name}"
    high = f"∂{trace.output.name}/∂{edge.source.name}"
    names = {
        "local": f"{low}, this step alone",
        "contribution": f"part of {high} by way of {step.name}",
        "running": f"sum for {high} so far",
    }
    return names[kind], formula(step)


def formula(step: Step) -> str:
    """What a step computes, from the names of its operands; "" for an input."""
    if step.is_input:
        return ""
    words = [operand.text if hasattr(operand, "text") else operand.source.name for operand in step.operands]
    if step.primitive in SIGNS and len(words) == 2:
        return f"{step.name} = {SIGNS[step.primitive].join(words)}"
    if step.primitive == "neg":
        return f"{step.name} = -{words[0]}"
    return f"{step.name} = {step.primitive}({', '.join(words)})"
