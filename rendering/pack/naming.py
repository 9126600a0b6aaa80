"""Names of numbers for people: of a trace's step 3 its own name, of its adjoint ∂f/∂q; and the formula of the step.

What is no step of a trace is named in ``words.py``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from ..transcript import key_in_words
from .words import published, spoken

if TYPE_CHECKING:
    from chainreel.engine import Step, Trace

SIGNS = {"add": " + ", "sub": " − ", "mul": "·", "div": "/"}
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
LONGEST = 80  # characters of a whole function that a table has room for


class Names:
    """The names of the numbers of a manifest. Only functions that were given as text are run again for them."""

    def __init__(self, sources: Mapping[str, Mapping[str, Any]]):
        self._sources = sources
        self._traces: dict[str, Trace | None] = {}
        # Where two objects of a kind are called differently – "too small", "too big" – their numbers say which.
        labels: dict[str, set[str]] = {}
        for source, described in sources.items():
            labels.setdefault(str(described.get("kind")), set()).add(label(source))
        self._several = {kind for kind, known in labels.items() if len(known) > 1 and kind not in ("trace", "claims")}

    def of(self, source: str, key: str) -> tuple[str, str]:
        """The name of a number and the formula it belongs to, or where it was published ("" where there is neither)."""
        described = self._sources.get(source, {})
        kind, whole = str(described.get("kind")), whole_function(described)
        if kind == "claims":
            return spoken(described, key) or key_in_words(key), published(key)
        if kind == "trace" and "[" not in key:
            trace = self._trace(source, described)
            if trace is not None:
                try:
                    name, step = named(trace, key, assigned(described))
                except (ValueError, KeyError, IndexError, TypeError):
                    return key_in_words(key), whole
                return name, whole if whole and key == f"value/{trace.output.index}" else step
        try:
            name = spoken(described, key) or key_in_words(key)
        except (KeyError, IndexError, TypeError, ValueError):
            name = key_in_words(key)
        if "{step}" in name:
            name = name.replace("{step}", self._step(source, described, key))
        if kind in self._several:
            name = {"value": label(source), "slope": f"slope of {label(source)}"}.get(name) or f"{name} ({label(source)})"
        return name, whole

    def _step(self, source: str, described: Mapping[str, Any], key: str) -> str:
        """The name of the step that a key of a nudge ends with."""
        inside, index = described.get("trace"), key.rpartition("/")[2]
        trace = self._trace(source, inside) if isinstance(inside, Mapping) else None
        if trace is None or not index.isdecimal() or int(index) >= len(trace.steps):
            return f"value {index}"
        return str(trace.step(int(index)).name)

    def _trace(self, source: str, described: Mapping[str, Any]) -> Trace | None:
        if source not in self._traces:
            from chainreel.engine import Trace

            try:
                self._traces[source] = Trace.rebuild(described)
            except (ValueError, KeyError, TypeError, OSError, AttributeError):
                self._traces[source] = None
        return self._traces[source]


def named(trace: Trace, key: str, given: Collection[str] = ()) -> tuple[str, str]:
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
        return name, formula(step, given)
    edge = trace.edge(int(index), int(slot))
    low = f"∂{step.name}/∂{edge.source.name}"
    high = f"∂{trace.output.name}/∂{edge.source.name}"
    names = {
        "local": f"{low}, this step alone",
        "contribution": f"part of {high} by way of {step.name}",
        "running": f"sum for {high} so far",
    }
    return names[kind], formula(step, given)


def formula(step: Step, given: Collection[str] = ()) -> str:
    """What a step computes, from the names of its operands; "" for an input.

    Where the function's text names some of its steps itself (``given``), the others have no name that anybody knows, and
    what they compute stands in their place.

    >>> from chainreel.engine import Function
    >>> [formula(step) for step in Function.of("(x - 1) * x**2").trace({"x": 2.0}).steps]
    ['', 'p = x − 1', 'q = x²', 'f = p·q']
    >>> formula(Function.of("(x - 1) * x**2").trace({"x": 2.0}).output, ["a"])
    'f = (x − 1)·x²'
    """
    return "" if step.is_input else f"{step.name} = {_computed(step, given)[0]}"


def _computed(step: Step, given: Collection[str]) -> tuple[str, int]:
    """What a step computes, and how tightly its signs bind: 1 for a sum, 2 for a product, 3 for all else."""
    tight = {"add": 1, "sub": 1, "neg": 1, "mul": 2, "div": 2}.get(step.primitive, 3)
    words = []
    for index, operand in enumerate(step.operands):
        if hasattr(operand, "text"):
            words.append(str(operand.text))
            continue
        source = operand.source
        if not given or source.is_input or source.name in given:
            words.append(str(source.name))
            continue
        text, inside = _computed(source, given)
        alone = step.primitive not in ("pow", "square") and tight == 3
        # What is subtracted or divided by, and what is raised, stands in brackets unless it binds more tightly.
        right = step.primitive in ("sub", "div") and index == 1 or step.primitive in ("pow", "square", "neg")
        words.append(text if alone or inside > tight or (inside == tight and not right) else f"({text})")
    if step.primitive in SIGNS and len(words) == 2:
        return SIGNS[step.primitive].join(words), tight
    if step.primitive in ("pow", "square"):
        power = words[1] if len(words) == 2 else "2"
        return f"{words[0]}{power.translate(RAISED) if power.isdecimal() else '^' + power}", tight
    if step.primitive == "neg":
        return f"−{words[0]}", tight
    return f"{step.primitive}({', '.join(words)})", tight


def whole_function(described: Mapping[str, Any]) -> str:
    """The function that an object is about, as a line of a table; "" where there is none, or one too long for a line.

    >>> whole_function({"function": {"kind": "text", "name": "f", "inputs": ["x", "y"], "origin": "sin(x*y) + x**2"}})
    'f(x, y) = sin(x·y) + x²'
    """
    function = described.get("function")
    if not isinstance(function, Mapping) or function.get("kind") != "text" or not function.get("inputs"):
        return ""
    text = f"{function.get('name') or 'f'}({', '.join(function['inputs'])}) = {str(function.get('origin', '')).strip()}"
    if any(letter in text for letter in ";\n") or len(text) > LONGEST:
        return ""
    return written(text)


def written(text: str) -> str:
    """A function's text with the signs of mathematics.

    >>> written("x**2 * y - z**k")
    'x²·y - z**k'
    """
    text = re.sub(r"\s*\*\*\s*(\d+)(?![\w.(])", lambda power: power[1].translate(RAISED), text)
    return re.sub(r"(?<!\*)\s*\*\s*(?!\*)", "·", text)


def assigned(described: Mapping[str, Any]) -> list[str]:
    """The steps that a function's text names itself.

    >>> assigned({"function": {"origin": "u = x*y\\nu + sin(x)"}}), assigned({"function": {"origin": "x*y"}})
    (['u'], [])
    """
    return re.findall(r"^\s*([^\W\d]\w*)\s*=[^=]", str(described.get("function", {}).get("origin", "")), re.MULTILINE)


def label(source: str) -> str:
    """What an object is called in its scene: in a film of several its number stands before it.

    >>> label("07 too small"), label("trace")
    ('too small', 'trace')
    """
    return re.sub(r"^\d\d (?=.)", "", source)
