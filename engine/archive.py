"""A trace as JSON text and back, with every number exactly.

The text is complete: a reader in another language, or an engine whose rules have changed, finds in it what this engine
computed, and reading runs nothing of the user's. Floats are written with the fewest digits that give the same float;
``{"float": "nan"}`` (inf, -inf) where JSON has no number; an array is ``{"dtype", "shape", "data"}`` with its elements
in C order. Equal traces make equal texts.

    steps     in order of creation: primitive, name, named (by the user?), span (index into spans, or null), value,
              adjoint (null where the output does not depend on it), operands, params
    operands  {"step": k, "local": d} for a use of step k, with its "contribution" where that is not simply adjoint
              times local; {"constant": c, "text": as written} for a constant
    spans     [text, line, column, end line, end column, file, source line]
"""

from __future__ import annotations

import functools
import importlib
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from .errors import EngineError
from .marks import INPUT
from .primitive import Primitive
from .spans import Span
from .tape import ABSENT, CONSTANT, Record
from .trace import Edge, Labels, Trace, operand_pairs

FORMAT, VERSION = "chainreel trace", 1


# -- to text -------------------------------------------------------------------------------------------------
def to_json(trace: Trace) -> str:
    """The text of a trace."""
    spans: dict[Span, int] = {}
    steps = []
    for step, record, adjoint in zip(trace.steps, trace._records, trace._adjoints, strict=True):
        entry: dict[str, Any] = {
            "primitive": step.primitive,
            "name": step.name,
            "named": step.named,
            "span": None if step.span is None else spans.setdefault(step.span, len(spans)),
            "value": encode(record[1]),
            "adjoint": encode(adjoint),
        }
        if not step.is_input:
            count = len(operand_pairs(record))  # a square shows its 2 as an operand, but has one
            entry["operands"] = [_operand(trace, record, operand) for operand in step.operands[:count]]
        if record[5] is None and record[7]:
            entry["params"] = {key: encode(record[7][key]) for key in sorted(record[7])}
        steps.append(entry)
    document = {
        "format": FORMAT,
        "version": VERSION,
        "function": {**trace.function.describe(), "defaults": encode(trace.function.defaults)},
        "at": {name: encode(value) for name, value in trace.at.items()},
        "output": trace._output,
        "guarded": trace._guarded,
        "conventions": list(trace.conventions),
        "spans": [[s.text, s.line, s.column, s.end_line, s.end_column, s.file, s.source_line] for s in spans],
        "steps": steps,
    }
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _operand(trace: Trace, record: Record, operand: Any) -> dict[str, Any]:
    if not isinstance(operand, Edge):
        return {"constant": encode(operand.value), "text": operand.text}
    entry = {"step": operand.source.index, "local": encode(operand.local)}
    if record[5] is None and not operand.dead:
        entry["contribution"] = encode(operand.contribution)
    return entry


def encode(value: Any) -> Any:
    """A number, an array, or what a primitive may be told (a key, an axis …) as JSON."""
    if type(value) is float:
        return value if value - value == 0.0 else {"float": repr(value)}
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, np.ndarray):
        data = value.ravel().tolist()
        if value.dtype.kind == "f" and not np.isfinite(value).all():
            data = [x if math.isfinite(x) else repr(x) for x in data]
        return {"dtype": str(value.dtype), "shape": list(value.shape), "data": data}
    if isinstance(value, (np.generic, float)):
        return encode(value.item() if isinstance(value, np.generic) else float(value))
    if isinstance(value, (tuple, list)):
        return {type(value).__name__ if type(value) is list else "tuple": [encode(part) for part in value]}
    if isinstance(value, slice):
        return {"slice": [encode(value.start), encode(value.stop), encode(value.step)]}
    if value is Ellipsis:
        return {"ellipsis": True}
    if isinstance(value, Mapping):
        return {"dict": [[encode(key), encode(part)] for key, part in value.items()]}
    name = getattr(value, "__qualname__", None)  # never an address: the text must be the same next time
    return {"named": name or type(value).__qualname__}


# -- from text -----------------------------------------------------------------------------------------------
def from_json(text: str) -> Trace:
    """The trace of a text; raises EngineError where the text is none."""
    try:
        document = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        raise EngineError("This text is no JSON, so it holds no trace.") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise EngineError("This JSON is no trace; one made by Trace.to_json says so in its first entry.")
    if document.get("version") != VERSION:
        raise EngineError(f"This trace is of version {document.get('version')}; this engine reads version {VERSION}.")
    try:
        return _read(document)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as problem:
        raise EngineError(f"This trace is damaged ({type(problem).__name__}: {problem}); write it again.") from None


def _read(document: Mapping[str, Any]) -> Trace:
    spans = [Span(*entry) for entry in document["spans"]]
    records: list[Record] = []
    stored: dict[tuple[int, int], tuple[Any, Any]] = {}
    labels = Labels([], [], [], {})
    adjoints = []
    for index, entry in enumerate(document["steps"]):
        records.append(_record(index, entry, records, stored, labels.texts))
        adjoints.append(decode(entry["adjoint"]))
        labels.names.append(entry["name"])
        labels.named.append(bool(entry["named"]))
        labels.spans.append(None if entry["span"] is None else spans[entry["span"]])
    if not 0 <= document["output"] < len(records):
        raise ValueError("its output is no step")
    at = {name: decode(value) for name, value in document["at"].items()}
    trace = Trace(_function(document["function"]), at, records, document["output"], adjoints, bool(document["guarded"]))
    trace._stored = stored
    trace.__dict__["_labels"] = labels
    trace.__dict__["conventions"] = tuple(document["conventions"])
    return trace


def _record(index: int, entry: Mapping[str, Any], before: list[Record], stored: dict, texts: dict) -> Record:
    """The tape's record of a step: the short form where operands and slopes are numbers, else the general one."""
    value = decode(entry["value"])
    if entry["primitive"] == "input":
        return (INPUT, value, None, 0, ABSENT, 0.0, ABSENT, 0.0)
    primitive = primitive_named(entry["primitive"])
    indices, operands, locals_ = [], [], []
    short = type(value) is float and "params" not in entry and len(entry["operands"]) <= 2
    for slot, operand in enumerate(entry["operands"]):
        if "step" in operand:
            source = operand["step"]
            if not 0 <= source < index:
                raise ValueError(f"step {index} uses step {source}")
            local = decode(operand["local"])
            indices.append(source)
            operands.append(before[source][1])
            locals_.append(local)
            if "contribution" in operand:
                stored[index, slot] = (local, decode(operand["contribution"]))
                short = False
            elif type(local) is not float and type(local) is not int:
                short = False
        else:
            given = decode(operand["constant"])
            indices.append(CONSTANT)
            operands.append(given)
            locals_.append(given)
            texts[index, slot] = operand["text"]
            short = short and not isinstance(given, np.ndarray)
    if short and indices:
        second = (indices[1], locals_[1]) if len(indices) == 2 else (ABSENT, 0.0)
        return (primitive, value, None, 0, indices[0], locals_[0], *second)
    params = {key: decode(part) for key, part in entry.get("params", {}).items()}
    return (primitive, value, None, 0, tuple(indices), None, tuple(operands), params)


def decode(entry: Any) -> Any:
    """The inverse of ``encode``."""
    if not isinstance(entry, dict):
        return entry
    if "dtype" in entry:
        return np.array(entry["data"], dtype=np.dtype(entry["dtype"])).reshape(entry["shape"])
    ((kind, content),) = entry.items()
    match kind:
        case "float":
            return float(content)
        case "tuple":
            return tuple(decode(part) for part in content)
        case "list":
            return [decode(part) for part in content]
        case "slice":
            return slice(*(decode(part) for part in content))
        case "ellipsis":
            return Ellipsis
        case "dict":
            return {decode(key): decode(part) for key, part in content}
        case "named":
            return Named(content)
    raise ValueError(f"{kind!r} is no kind of value")


class Named:
    """Something a primitive was told that is no number, shape or key, such as a function: only its name is kept."""

    def __init__(self, name: str):
        self.__qualname__ = name

    def __repr__(self) -> str:
        return f"<{self.__qualname__}>"


# -- what a text refers to -----------------------------------------------------------------------------------
_MODULES = ("elementwise", "special", "linear", "arrays", "reductions", "linalg", "convolution", "buffers", "marks")


class Unknown(Primitive):
    """The primitive of a text that this engine does not have: its numbers can be read, but not pushed further."""

    pulls = guarded = ()

    def __init__(self, name: str):
        self.name = name

    def push(self, slot: int, tangent: Any, value: Any, operands: tuple, params: dict, times: Any = None) -> Any:
        raise EngineError(f"This engine has no primitive {self.name}, so no tangent can be carried through it.")


def primitive_named(name: str) -> Primitive:
    """The engine's primitive of this name, or a stand-in that only has the name."""
    table = _primitives()
    return table[name] if name in table else Unknown(name)


@functools.cache
def _primitives() -> dict[str, Primitive]:
    """The engine's primitives by name; a name that two of them share stands for none."""
    table: dict[str, Primitive] = {}
    double = set()
    for module in _MODULES:
        for thing in vars(importlib.import_module(f"{__package__}.{module}")).values():
            if isinstance(thing, Primitive) and table.setdefault(thing.name, thing) is not thing:
                double.add(thing.name)
    return {name: primitive for name, primitive in table.items() if name not in double}


def _function(description: Mapping[str, Any]) -> Any:
    """The function of a text. A formula is parsed again; what stood in Python stays a name, for nothing may be run."""
    from .function import Function

    if description["kind"] == "text":
        return Function.rebuild(description)
    name, origin = description["name"], description["origin"]

    def absent(*args: Any, **kwargs: Any) -> Any:
        where = f"; Function.load({origin!r}) finds it again" if origin else ""
        raise EngineError(f"This trace was read from a text, which holds its numbers but not the function {name}{where}.")

    absent.__name__ = name
    inputs, defaults = description["inputs"], decode(description.get("defaults", {"dict": []}))
    function = Function(absent, name, inputs, description["source"], origin, defaults, description["kind"])
    function.held = dict(description.get("held", {}))
    return function
