"""What is worth a word about a function at a point: values used again, closed gates, slopes that are zero, tiny or large.

Everything here reads the trace. A remark is a template with the quantities and names that it asks for.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainreel.engine import Step, Trace

from ..figures.folding import Block, Node, View, Wire, real_edges
from ..stage.names import name
from ..stage.rounding import closes, decimals_for, read_back, shown

Said = tuple[str, dict[str, Any]]

TIMES = {2: "twice", 3: "three times", 4: "four times", 5: "five times", 6: "six times"}
TINY, LARGE = 1e-3, 1e3  # slopes beyond these are said to be so
CHAIN = 5  # boxes in a row from which on their product is spoken about
CHOOSERS = ("max", "min", "maximum", "minimum", "where")
LEVEL = ("relu", "sign", "floor", "ceil", "round", "clip", "hardtanh", "relu6")  # exactly level somewhere, for a stretch


def times(count: int) -> str:
    """How often, in a word.

    >>> times(2), times(40)
    ('twice', 'many times')
    """
    return TIMES.get(count, "many times")


def plain(value: Any) -> bool:
    """Whether it is one single number."""
    return not np.ndim(value)


def short(value: Any) -> bool:
    """Whether it is one number that is quickly said: without a power of ten, below a thousand."""
    return plain(value) and decimals_for(float(value)) is not None and abs(float(value)) < 1000


def uses(view: View, node: Node) -> int:
    """How often the function uses a value."""
    return sum(len(real_edges(wire)) for wire in view.uses(node))


def reused(view: View) -> list[Node]:
    """Single values that are used more than once on the picture, inputs first, in the user's order."""
    found = [n for n in view.nodes if not isinstance(n, Block) and plain(n.adjoint) and len(view.uses(n)) > 1]
    return sorted(found, key=lambda n: (not n.is_input, n.index))


def adding_up(view: View, node: Node) -> Said:
    """`x is used twice: −0.37 and 3 add up to 2.63`; `about` where the shown numbers do not close."""
    wires = view.uses(node)
    known: dict[str, Any] = {"sn": name(node.name), "st": view.quantity("adjoint", node)}
    total = shown(float(node.adjoint))
    crowd = len(wires) > 2 or any(len(real_edges(w)) > 1 for w in wires)
    if crowd or not all(short(w.contribution) for w in wires):
        if not short(node.adjoint):
            del known["st"]
            return "{sn} is used " + times(uses(view, node)) + ", so its blame adds up from all its uses", known
        return "{sn} is used " + times(uses(view, node)) + ", and all its blame adds up to {st}", known
    keys = ["sx", "sy"]
    known |= {k: view.quantity("contribution", w) for k, w in zip(keys, wires, strict=True)}
    parts = [shown(float(w.contribution)) for w in wires]
    about = "" if closes(total, sum(read_back(p) for p in parts)) else "about "
    return "{sn} is used twice: {sx} and {sy} add up to " + about + "{st}", known


# Gates ---------------------------------------------------------------------------------------------------------------


def shut(wire: Wire) -> bool:
    """Whether a gate lets nothing through this wire, although blame arrives at it."""
    step = wire.target
    if isinstance(step, Block) or wire.local is None or not plain(wire.local) or not plain(wire.adjoint):
        return False
    return step.primitive in (*CHOOSERS, *LEVEL) and float(wire.local) == 0.0


def gates(view: View) -> list[Node]:
    """Boxes that shut somebody out."""
    return [n for n in view.operations if any(shut(w) for w in view.into(n))]


def gate_sentence(step: Step, edges: list[Wire], source: Any, prefix: str = "") -> Said | None:
    """What a gate does with its blame, and why; None for a box that is none."""
    if not edges or any(w.local is None or not plain(w.local) for w in edges):
        return None
    names = {prefix + k + "n": name(w.source.name) for k, w in zip("ab", edges, strict=False)}
    parts = {prefix + k + "c": source.quantity("contribution", w) for k, w in zip("ab", edges, strict=False)}
    known: dict[str, Any] = {**names, **parts}
    a, b = (("{" + prefix + k + "n}", "{" + prefix + k + "c}") for k in "ab")
    value = edges[0].source.value
    if len(edges) == 1 and step.primitive in ("relu", "abs") and plain(value) and value != 0:
        positive = float(value) > 0
        what = f"{a[0]} is {'positive' if positive else 'negative'}, so "
        if step.primitive == "abs":
            return what + f"its size {'passes the blame on' if positive else 'turns the sign'}: {a[0]} gets {a[1]}", known
        if positive:
            return what + f"the rectifier lets all blame through: {a[0]} gets {a[1]}", known
        known.pop(prefix + "ac")
        return what + f"the rectifier is level there and hands {a[0]} nothing", known
    if step.primitive not in CHOOSERS:
        return None
    slopes = [float(w.local) for w in edges if w.local is not None]
    if any(slope not in (0.0, 1.0) for slope in slopes):
        return None  # a tie, shared
    open_ = [slope == 1.0 for slope in slopes]
    word = {"max": "larger", "maximum": "larger", "min": "smaller", "minimum": "smaller"}.get(step.primitive)
    if len(edges) == 2 and sum(open_) == 1:
        won, lost = (a, b) if open_[0] else (b, a)
        if word is None:
            return f"The condition chose {won[0]}, which gets all the blame: {won[1]}. {lost[0]} gets {lost[1]}", known
        return f"{won[0]} is the {word} one and gets all the blame: {won[1]}. {lost[0]} gets {lost[1]}", known
    if len(edges) == 1:
        if word is None:
            how = "chose" if open_[0] else "did not choose"
            return f"The condition {how} {a[0]}, so {a[0]} gets {a[1]}", known
        if open_[0]:
            return f"{a[0]} is the {word} one, so all blame goes to it: {a[1]}", known
        return f"The constant is the {word} one, so {a[0]} gets {a[1]}", known
    return None


# Values ---------------------------------------------------------------------------------------------------------------


def about_values(trace: Trace) -> Said | None:
    """A value that left the range of numbers, or an answer that is very large or very small."""
    for step in trace.steps:
        if step.is_input or step.dead or not plain(step.value) or float(step.value) != 0.0:
            continue
        factors = [float(e.source.value) for e in step.edges if plain(e.source.value)]
        own = len(step.operands) - (step.primitive == "square")  # the power is an operand too
        product = step.primitive in ("square", "mul") and len(factors) == own and all(factors)
        lost = product or step.primitive in ("exp", "sigmoid")
        if lost:
            return "{vn} is too small for a number, so it counts as zero", {"vn": name(step.name)}
    for step in trace.steps:
        if step.primitive in ("tanh", "sigmoid") and not step.dead and plain(step.value) and abs(float(step.value)) == 1.0:
            return "{vn} is so near its limit that it is rounded to {vv}", {
                "vn": name(step.name), "vv": trace.quantity("value", step),
            }  # fmt: skip
    return None


# Slopes ---------------------------------------------------------------------------------------------------------------


def why_zero(step: Step) -> set[str]:
    """Why no blame reaches a value: `gate`, `factor` (its partner in a product is zero), `level`, `cancel`."""
    if any(plain(e.contribution) and float(e.contribution) != 0.0 for e in step.uses if not e.dead):
        return {"cancel"}
    reasons: set[str] = set()
    for edge in step.uses:
        if edge.dead or not plain(edge.contribution):
            continue
        if not plain(edge.adjoint) or float(edge.adjoint) == 0.0:
            reasons |= why_zero(edge.target)
        elif edge.local is not None and plain(edge.local) and float(edge.local) == 0.0:
            kind = edge.target.primitive
            reasons.add("gate" if kind in (*CHOOSERS, *LEVEL) else "factor" if kind == "mul" else "level")
        else:
            reasons.add("level")
    return reasons


def about_slopes(trace: Trace) -> Said:
    """The one remark about the gradient that says most: none, cancelled, tiny, steep, shrinking, the steepest, up or down."""
    inputs = [s for s in trace.inputs if plain(s.adjoint)]
    f = name(trace.output.name)
    unused = [s for s in inputs if not any(not e.dead for e in s.uses)]
    if unused:
        return "{mf} never uses {mn}, so its slope is zero", {"mn": name(unused[0].name), "mf": f}
    zero = [s for s in inputs if float(s.adjoint) == 0.0]
    if zero:
        return _about_zero(zero, inputs, f)
    sizes = [abs(float(s.adjoint)) for s in inputs]
    most = inputs[int(np.argmax(sizes))]
    known = {"mn": name(most.name), "mf": f}
    if max(sizes) < TINY:
        who = "{mn}" if len(inputs) == 1 else "any input"
        return f"That is tiny: of a nudge of {who}, less than a thousandth arrives at " + "{mf}", (
            known if len(inputs) == 1 else {"mf": f}
        )
    if max(sizes) > LARGE:
        return "That is steep: {mf} moves more than a thousand times as far as {mn}", known
    trend = _chain(trace)
    if trend is not None:
        return f"Every local slope on the way is {trend[0]} one, so their product {trend[1]}", {}
    ranked = sorted(sizes)
    if len(inputs) > 1:
        if ranked[-1] >= 1.05 * ranked[-2]:
            return "{mn} moves {mf} most", known
        if ranked[-1] == ranked[0]:
            return "All inputs move {mf} equally far", {"mf": f}
        if ranked[-2] > ranked[0] * 1.05:
            least = inputs[int(np.argmin(sizes))]
            if ranked[1] > ranked[0] * 1.05:
                return "{mn} moves {mf} least", {"mn": name(least.name), "mf": f}
        return "Nudge {mn} up, and {mf} goes " + _way(most), known
    return "Nudge {mn} up, and {mf} goes " + _way(most), known


def _way(step: Step) -> str:
    return "up" if float(step.adjoint) > 0 else "down"


def _about_zero(zero: list[Step], inputs: list[Step], f: Any) -> Said:
    step = zero[0]
    known: dict[str, Any] = {"mn": name(step.name), "mf": f}
    reasons = why_zero(step)
    if len(zero) == len(inputs) > 1 and all(why_zero(s) == {"gate"} for s in zero):
        return "Every slope is zero: a closed gate stands on each way to {mf}", {"mf": f}
    if len(zero) == len(inputs) > 1:
        gated = any("gate" in why_zero(s) for s in zero)  # then it is level farther around, too
        return f"Every slope is zero: {'here' if gated else 'just here'}, " + "{mf} is level", {"mf": f}
    if len(zero) > 1:
        return "The slopes of {mn} and {mo} are zero: just here, {mf} is level along them", {
            **known, "mo": name(zero[1].name)
        }
    if reasons == {"gate"}:
        return "The slope of {mn} is zero: its way to {mf} is shut", known
    if reasons == {"factor"}:
        return "The slope of {mn} is zero: in a product, its partner is zero", known
    if reasons == {"cancel"}:
        return "The slope of {mn} is zero: what its uses hand back cancels out", known
    return "The slope of {mn} is zero: just here, {mf} is level along it", known


def _chain(trace: Trace) -> tuple[str, str] | None:
    """Of a plain chain of boxes: whether each local slope is below or above one."""
    boxes = [s for s in trace.steps if not s.is_input and not s.dead]
    if len(trace.inputs) != 1 or len(boxes) < CHAIN or any(len(s.edges) != 1 for s in boxes):
        return None
    locals_ = [e.local for s in boxes for e in s.edges]
    if any(v is None or not plain(v) for v in locals_):
        return None
    sizes = [abs(float(v)) for v in locals_ if v is not None]
    if all(v < 1 for v in sizes):
        return "below", "shrinks"
    return ("above", "grows") if all(v > 1 for v in sizes) else None

