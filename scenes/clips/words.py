"""Sentences over a trace: what a step does, in words that a lecturer would say. Every number in them is a quantity."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainreel.engine import Constant, Edge, Step, Trace

from ..figures.folding import Block, View
from ..stage.names import Name, name
from .noticed import gate_sentence

# {0} and {1} are the operands in call order.
MANY = 5  # inputs that are still named one by one
_VERBS = {
    "add": "{0} plus {1}", "sub": "{0} minus {1}", "mul": "{0} times {1}", "div": "{0} divided by {1}",
    "pow": "{0} to the power {1}", "neg": "minus {0}", "square": "{0} squared", "sqrt": "the square root of {0}",
    "exp": "e to the {0}", "log": "the logarithm of {0}", "abs": "the size of {0}", "sum": "the sum over {0}",
    "mean": "the mean over {0}", "matmul": "{0} times {1}", "sin": "the sine of {0}", "cos": "the cosine of {0}",
    "tan": "the tangent of {0}", "tanh": "the hyperbolic tangent of {0}", "sigmoid": "the sigmoid of {0}",
    "relu": "the rectified {0}", "softplus": "the softplus of {0}", "maximum": "the larger of {0} and {1}",
    "minimum": "the smaller of {0} and {1}", "sinh": "the hyperbolic sine of {0}", "cosh": "the hyperbolic cosine of {0}",
    "arcsin": "the arc sine of {0}", "arccos": "the arc cosine of {0}", "arctan": "the arc tangent of {0}",
    "log2": "the binary logarithm of {0}", "log10": "the decimal logarithm of {0}", "reciprocal": "one over {0}",
}  # fmt: skip


def operand(part: Edge | Constant) -> Name | str:
    """How an operand is called: a name, or the constant as the user wrote it."""
    if isinstance(part, Edge):
        return name(part.source.name)
    text = str(part.text)
    return Name(text.replace("-", "−").replace("*pi", "π").replace("sqrt", "√"), _say_constant(text))


def _say_constant(text: str) -> str:
    spoken = text.replace("-", "minus ")
    return "".join(c if c.isalnum() or c in " ." else " " for c in spoken).strip() or "a constant"


def does(step: Step, prefix: str = "") -> tuple[str, dict[str, Any]]:
    """What a step computes, as a template and its names: `{a} times {b}`."""
    parts = [operand(p) for p in step.operands]
    keys = [f"{prefix}o{chr(97 + i)}" for i in range(len(parts))]
    slots = ["{" + k + "}" for k in keys]
    verb = _VERBS.get(step.primitive)
    known = dict(zip(keys, parts, strict=True))
    if verb is None or verb.count("{") > len(slots):
        return f"{step.primitive.replace('_', ' ')} of " + " and ".join(slots), known
    return verb.format(*slots), known


def value_words(trace: Any, step: Any, key: str) -> tuple[str, dict[str, Any]]:
    """`is 1.57`, or for an array how many values it holds."""
    if np.ndim(step.value):
        return "holds one value for each row of the data", {}
    return "is {" + key + "}", {key: trace.quantity("value", step)}


def step_sentence(
    trace: Trace, step: Any, prefix: str = "", view: Any = None, *, brief: bool = False
) -> tuple[str, dict[str, Any]]:
    """`p, x times y, is −0.75`; of a folded box what came out of it."""
    if isinstance(step, Block):
        return block_sentence(view, step, prefix)
    doing, known = does(step, prefix)
    said, value = value_words(trace, step, prefix + "v")
    own = prefix + "n"
    if brief:  # a large graph is told column by column
        return "{" + own + "} " + said, {**value, own: name(step.name)}
    return "{" + own + "}, " + doing + ", " + said, {**known, **value, own: name(step.name)}


def block_sentence(view: View, block: Block, prefix: str = "") -> tuple[str, dict[str, Any]]:
    """`h, 12 times the same, is 0.83`; with several outputs how they come."""
    own, count = prefix + "n", prefix + "c"
    known: dict[str, Any] = {own: name(block.name), count: view.quantity("count", block)}
    many = "{" + count + "} times the same" if block.repeats else "{" + count + "} steps in one box"
    if len(block.outputs) > 1:
        each = block.repeats and len(block.outputs) == known[count].value
        how = "with one value from each" if each else "with several values"
        return "{" + own + "} is " + many + ", " + how, known
    said, value = value_words(view, block, prefix + "v")
    return "{" + own + "}, " + many + ", " + said, {**known, **value}


def block_blame(view: View, block: Block, prefix: str = "") -> tuple[str, dict[str, Any]]:
    """What a folded box hands back: what crosses its border at each of its inputs."""
    own, count = prefix + "m", prefix + "k"
    known: dict[str, Any] = {own: name(block.name), count: view.quantity("count", block)}
    gets = []
    for i, wire in enumerate(w for w in view.into(block) if not np.ndim(w.contribution)):
        k = f"{prefix}{chr(97 + i)}"
        known[k + "n"], known[k + "c"] = name(wire.source.name), view.quantity("contribution", wire)
        gets.append("{" + k + "n} gets {" + k + "c}")
    whole = "all {" + count + "} rounds" if block.repeats else "its {" + count + "} steps"
    if not gets or len(gets) > 4:
        known = {k: known[k] for k in (own, count)}
        return "Blame goes back through {" + own + "}, " + whole + " at once", known
    return "Blame goes back through {" + own + "}, " + whole + " at once: " + listing(gets), known


_NOUNS = {
    "square": "the square", "pow": "the power", "sqrt": "the root", "exp": "the exponential", "log": "the logarithm",
    "sin": "the sine", "cos": "the cosine", "tan": "the tangent", "tanh": "the hyperbolic tangent",
    "sigmoid": "the sigmoid", "relu": "the rectifier", "abs": "the size", "div": "the division", "mean": "the mean",
    "sum": "the sum", "sinh": "the hyperbolic sine", "cosh": "the hyperbolic cosine", "softplus": "the softplus",
}  # fmt: skip


def blame_sentence(trace: Trace, step: Any, prefix: str = "", view: Any = None) -> tuple[str, dict[str, Any]]:
    """What a box does with its blame, by its rule: a plus hands it on, a product swaps, anything else multiplies."""
    if isinstance(step, Block):
        return block_blame(view, step, prefix)
    source: Any = trace if view is None else view
    edges = [e for e in (step.edges if view is None else view.into(step)) if not np.ndim(e.contribution)]
    known: dict[str, Any] = {}
    gets = []
    for i, edge in enumerate(edges):
        k = f"{prefix}{chr(97 + i)}"
        known[k + "n"] = name(edge.source.name)
        known[k + "c"] = source.quantity("contribution", edge)
        again = any(e.source is edge.source for e in edges[:i])
        gets.append("once more {" + k + "c}" if again else "{" + k + "n} gets {" + k + "c}")
        if again:
            del known[k + "n"]
    if not edges:
        known[prefix + "m"] = name(step.name)
        return "{" + prefix + "m} hands its blame back, one share for each row", known
    gate = gate_sentence(step, edges, source, prefix)
    if gate is not None:
        return gate
    if step.primitive == "add":
        return "The plus hands its blame on unchanged: " + listing(gets), known
    if step.primitive in ("sub", "neg"):
        return "The minus hands its blame on, and turns the sign of what is taken away: " + listing(gets), known
    plain = all(e.local is not None and not np.ndim(e.local) and not np.ndim(e.adjoint) for e in edges)
    if step.primitive == "mul" and plain:
        if len(edges) == 2:
            return "The product swaps its factors: " + listing(gets), known
        return "The product multiplies the blame by the other factor: " + listing(gets), known
    if plain and len(edges) == 1:
        known[prefix + "l"] = source.quantity("local", edges[0])
        known[prefix + "j"] = source.quantity("adjoint", step)
        noun = _NOUNS.get(step.primitive, "the box")
        return (
            f"The slope of {noun} is {{{prefix}l}} here, and {{{prefix}j}} times that is {{{prefix}ac}} for {{{prefix}an}}",
            known,
        )
    known[prefix + "m"] = name(step.name)
    return "From {" + prefix + "m}, " + listing(gets), known


def listing(parts: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`.

    >>> listing(["a", "b", "c"])
    'a, b and c'
    """
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1] if parts else ""


def inputs_sentence(trace: Trace, view: Any = None, most: int = MANY) -> tuple[str, dict[str, Any]]:
    """`x is 1.5 and y is −0.5`; of more than `most` only the first two; where inputs stand together, how many they are."""
    parts: list[str] = []
    known: dict[str, Any] = {}
    inputs = trace.inputs if view is None else view.inputs
    for i, step in enumerate(inputs[:2] if len(inputs) > most else inputs):
        letter = chr(97 + i)
        known["n" + letter] = name(step.name)
        if isinstance(step, Block):
            known["v" + letter] = view.quantity("count", step)
            parts.append("{n" + letter + "} stands for {v" + letter + "} inputs")
        elif np.ndim(step.value):
            parts.append("{n" + letter + "} is a list of numbers")
        else:
            known["v" + letter] = trace.quantity("value", step)
            parts.append("{n" + letter + "} is {v" + letter + "}")
    return listing([*parts, "so on"] if len(inputs) > most else parts), known
