"""Function: what the user brought, with the names of its inputs, its source, and where to find it again."""

from __future__ import annotations

import functools
import hashlib
import importlib
import importlib.util
import inspect
import itertools
import os
import sys
import textwrap
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from . import parsing
from .culprit import is_finite, not_finite, too_steep
from .errors import EngineError
from .rebind import rebind
from .shapes import has_nan, shape_of
from .spans import TEXT_FILE, Span, is_inside, span_of
from .sweeps import reverse
from .tape import Node, Tape, current
from .tensor import Tensor
from .trace import Trace, jsonable
from .transforms import input_record, value_and_grad


class Function:
    """A function under study. Make one with ``Function.of``.

    >>> f = Function.of("u = x*y; sin(u) + x**2")
    >>> f.inputs
    ('x', 'y')
    >>> round(f(1.5, -0.5), 6)
    1.568361
    >>> f.trace({"x": 1.5, "y": -0.5}).steps[2].name
    'u'
    """

    def __init__(
        self, call: Callable, name: str, inputs: Sequence[str], source: str, origin: str,
        defaults: Mapping[str, float] | None = None, kind: str = "callable",
    ):  # fmt: skip
        self.name = name
        self.inputs = tuple(inputs)
        self.source = source
        self.origin = origin
        self.defaults = dict(defaults or {})
        self.kind = kind
        self.held: dict[str, float] = {}
        self._call = call
        functools.update_wrapper(self, call, assigned=("__doc__",), updated=())

    # -- where functions come from ---------------------------------------------------------------------------
    @classmethod
    def of(cls, what: Any) -> Function:
        """A Function from a Function, a callable, a text, ``file.py:name``, ``package.module:name`` or a sympy expression."""
        if isinstance(what, Function):
            return what
        if isinstance(what, str):
            return cls.load(what) if _is_reference(what) else cls.parse(what)
        if "sympy" in sys.modules and isinstance(what, sys.modules["sympy"].Basic):
            from .symbolic import from_sympy

            return from_sympy(what)
        if callable(what):
            return cls._from_callable(what, "")
        raise EngineError(
            f"A {type(what).__name__} is no function; give a text such as 'sin(x*y) + x**2', a Python function, "
            "file.py:name, or an expression of sympy."
        )

    @classmethod
    def parse(cls, text: str, inputs: Sequence[str] = ()) -> Function:
        """A Function from a text (see ``parsing``); ``inputs`` may fix the order of the inputs.

        >>> Function.parse("2*x + y").inputs
        ('x', 'y')
        """
        text = text.strip("\n\r\t ")
        parsed = parsing.parse(text, inputs)
        return cls(parsed.call, "f", parsed.inputs, text, text, kind="text")

    @classmethod
    def load(cls, reference: str) -> Function:
        """A Function from ``path/to/file.py:name`` or ``package.module:name``. The file is run once, as
        import does."""
        place, _, name = reference.rpartition(":")
        if not name.isidentifier():
            raise EngineError(f"{reference!r} should end in the name of a function, as in my_lecture.py:loss.")
        if place.endswith(".py"):
            module = _module_of_file(place)
        else:
            module = _module_by_name(place)
        found = getattr(module, name, None)
        if found is None:
            import difflib

            known = [k for k, v in vars(module).items() if isinstance(v, types.FunctionType)]
            near = difflib.get_close_matches(name, known, 1, 0.5)
            hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(sorted(known)[:8]) or 'no function'}."
            raise EngineError(f"{place} has no function {name}; {hint}")
        if isinstance(found, Function):
            return found
        if not callable(found):
            raise EngineError(f"{name} in {place} is a {type(found).__name__}, not a function.")
        return cls._from_callable(found, reference)

    @classmethod
    def _from_callable(cls, call: Callable, origin: str) -> Function:
        name = getattr(call, "__name__", type(call).__name__)
        name = name if name.isidentifier() else "f"
        try:
            parameters = inspect.signature(call).parameters.values()
        except (TypeError, ValueError):
            raise EngineError(f"The inputs of {name} cannot be read: it is not written in Python.") from None
        inputs, defaults = [], {}
        for parameter in parameters:
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                raise EngineError(f"{name} takes *{parameter.name}; a function to show needs a name for each of its inputs.")
            default = parameter.default
            if default is not parameter.empty:
                if isinstance(default, (int, float, np.integer, np.floating)) and not isinstance(default, bool):
                    defaults[parameter.name] = float(default)
                else:
                    continue  # an option such as flag=None or data=X keeps its default and is no input
            inputs.append(parameter.name)
        if not inputs:
            raise EngineError(f"{name} has no input: there is nothing to differentiate by.")
        try:
            source = textwrap.dedent(inspect.getsource(call))
        except (OSError, TypeError):
            source = ""
        return cls(call, name, inputs, source, origin or _origin_of(call), defaults)

    # -- running ---------------------------------------------------------------------------------------------
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The plain value, without a tape."""
        with np.errstate(all="ignore"):
            return self._run(self._call, *self._with_held(args, kwargs))

    def hold(self, fixed: Mapping[str, float]) -> Function:
        """The same function with some inputs held still: they are constants, no inputs, and the rest is differentiated.

        >>> Function.of("x*y + x").hold({"y": 2.0}).trace({"x": 1.0}).gradient
        {'x': 3.0}
        """
        unknown = [name for name in fixed if name not in self.inputs]
        if unknown:
            raise EngineError(f"{self.title} has no input {', '.join(unknown)} to hold; it has {', '.join(self.inputs)}.")
        free = [name for name in self.inputs if name not in fixed]
        if not free:
            raise EngineError(f"All inputs of {self.title} are held; leave one free to differentiate by.")
        defaults = {name: value for name, value in self.defaults.items() if name in free}
        function = Function(self._call, self.name, free, self.source, self.origin, defaults, self.kind)
        function.held = {**self.held, **{name: float(value) for name, value in fixed.items()}}
        return function

    def _with_held(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Sequence[Any], dict[str, Any]]:
        """Arguments by position are the free inputs in their order; held ones are put in by name."""
        if not self.held:
            return args, dict(kwargs)
        return self._arguments({**self.held, **dict(zip(self.inputs, args, strict=False)), **kwargs})

    def _run(self, call: Callable, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        try:
            return call(*args, **kwargs)
        except (EngineError, KeyboardInterrupt):
            raise
        except (Exception, SystemExit) as problem:
            raise EngineError.behind(problem) or _theirs(problem, self.name) from problem

    def value_and_gradient(self, point: Mapping[str, Any]) -> tuple[float, dict[str, Any]]:
        """Value and gradient by input name at a complete point, without keeping a trace (what a descent needs)."""
        names = [name for name in self.inputs if name in point]

        def of_values(*values: Any) -> Any:
            args, kwargs = self._arguments({**self.held, **dict(zip(names, values, strict=True))})
            return self._run(rebind(self._call), args, kwargs)

        pair = value_and_grad(of_values, tuple(range(len(names))))
        value, gradients = pair(*(point[name] for name in names))
        return float(value), dict(zip(names, gradients, strict=True))

    def trace(self, at: Mapping[str, Any], *, strict: bool = False) -> Trace:
        """Run the function at a point, forward and backward, and keep everything.

        ``at`` gives a number or array for every input. ``strict`` refuses points without a derivative, where
        otherwise a declared convention is used (see ``Trace.conventions``). Raises EngineError for missing or extra
        inputs, a result that is not one number, and values or slopes that are not finite.
        """
        point = self.complete(at)
        tape = Tape()
        tensors = {}
        for index, (name, value) in enumerate(point.items()):
            tape.records.append(input_record(value))
            tensors[name] = Tensor(value, index, tape)
        outer, current.tape = current.tape, tape
        try:
            with np.errstate(all="ignore"):
                call = rebind(self._call)
                args, kwargs = self._arguments({**self.held, **tensors})
                result = self._run(call, args, kwargs)
        finally:
            current.tape = outer
            tape.unlock()
        if tape.refused is not None:
            raise tape.refused
        if isinstance(result, np.ndarray) and result.dtype == object or isinstance(result, (list, tuple, dict)):
            raise EngineError(f"{self.title} returns {_kind(result)}; a function to differentiate returns one number.")
        if shape_of(result):
            raise EngineError(
                f"{self.title} returns an array of shape {shape_of(result)}, not one number; "
                "add its elements up with .sum() or .mean()."
            )
        if not (isinstance(result, Node) and result.tape is tape):
            if not isinstance(result, (int, float, np.generic)):
                raise EngineError(f"{self.title} returns {_kind(result)}; a function to differentiate returns a number.")
            raise EngineError(
                f"{self.title} returns {float(result):g} here, which depends on none of its inputs ({', '.join(self.inputs)})."
            )
        records = tape.records
        if not is_finite(result.value):
            raise not_finite(records, result.index, f" at {_point_text(point)}")
        with np.errstate(all="ignore"):
            guarded = False
            adjoints = reverse(records, result.index)
            if any(adjoint is not None and has_nan(adjoint) for adjoint in adjoints[: len(point)]):
                guarded = True
                adjoints = reverse(records, result.index, guarded=True)
        adjoints += [None] * (len(point) - len(adjoints))  # where the value is one of the first inputs itself
        trace = Trace(self, point, records, result.index, adjoints, guarded)
        if not all(is_finite(a) for a in adjoints[: len(point)] if a is not None):
            raise too_steep(records, adjoints, [step.name for step in trace.steps], guarded, f" at {_point_text(point)}")
        if strict and trace.conventions:
            raise EngineError(f"There is no derivative at {_point_text(point)}: {trace.conventions[0]}")
        return trace

    def _arguments(self, values: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """How to hand over values: by position where the function insists on it, else by name."""
        if not self._by_position:
            return [], dict(values)
        positional = [value for name, value in values.items() if name in self._by_position]
        return positional, {name: value for name, value in values.items() if name not in self._by_position}

    @functools.cached_property
    def _by_position(self) -> frozenset[str]:
        parameters = inspect.signature(self._call).parameters.values()
        return frozenset(p.name for p in parameters if p.kind is p.POSITIONAL_ONLY)

    @property
    def title(self) -> str:
        """How errors call the function: its name, or the text in short."""
        return self.name if self.kind != "text" else f"{self.source.splitlines()[-1][:60]}"

    def complete(self, at: Mapping[str, Any]) -> dict[str, Any]:
        """A point with a float or array per input, in the order of the inputs; defaults fill what is
        missing."""
        extra = [name for name in at if name not in self.inputs]
        wanted = f"{self.title} has the input{'s' * (len(self.inputs) > 1)} {', '.join(self.inputs)}"
        if extra:
            raise EngineError(f"The point gives {', '.join(map(str, extra))}, but {wanted}.")
        missing = [name for name in self.inputs if name not in at and name not in self.defaults]
        if missing:
            example = ",".join(f"{name}=1" for name in missing)
            raise EngineError(f"The point gives no value for {', '.join(missing)}: {wanted}; add {example}.")
        point = {name: as_point_value(name, at.get(name, self.defaults.get(name))) for name in self.inputs}
        for name, value in point.items():
            if not is_finite(value):
                raise EngineError(f"The point gives {name} = {value}; every value must be finite.")
        return point

    # -- grids and points ------------------------------------------------------------------------------------
    def grid(self, axes: Mapping[str, Any], fixed: Mapping[str, Any] | None = None) -> np.ndarray:
        """Values on the mesh of one or two axes (``indexing="ij"``); the other inputs come from ``fixed``.

        >>> Function.of("x*y").grid({"x": [1.0, 2.0], "y": [3.0, 4.0]})
        array([[3., 4.],
               [6., 8.]])
        """
        from .grid import grid

        return grid(self, axes, fixed or {})

    def slopes(
        self, axes: Mapping[str, Any], fixed: Mapping[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Values as in ``grid`` and the partial derivative by every axis, each of the same shape.

        >>> values, partials = Function.of("x*y").slopes({"x": [1.0, 2.0], "y": [3.0, 4.0]})
        >>> partials["x"]
        array([[3., 4.],
               [3., 4.]])
        """
        from .grid import slopes

        return slopes(self, axes, fixed or {})

    def point(self) -> dict[str, float]:
        """A point to show the function at: its defaults, or the first of a fixed list of candidates where the value
        is finite and no slope is zero."""
        candidates = (1.5, -0.5, 0.7, 2.0, 0.3, -1.2, 1.0, 3.0, 0.1)
        count = len(self.inputs)
        tried = [[candidates[(k + start) % 9] for k in range(count)] for start in range(9)]
        tried += [[0.4 + 0.3 * k for k in range(count)], [0.5] * count, [1.0] * count, [2.0] * count]
        if count <= 3:
            tried += [list(p) for p in itertools.product(candidates, repeat=count)][:200]
        second: dict[str, float] | None = None
        problem: EngineError | None = None
        for values in tried:
            point = {n: self.defaults.get(n, v) for n, v in zip(self.inputs, values, strict=True)}
            try:
                trace = self.trace(point)
            except EngineError as error:
                problem = problem or error
                if set(self.defaults) >= set(self.inputs):
                    raise
                continue
            if set(self.defaults) >= set(self.inputs):
                return point
            slopes = [abs(s) for s in trace.gradient.values()]
            if not trace.conventions and all(1e-6 < s < 1e3 for s in slopes) and abs(trace.value) < 1e4:
                return point
            second = second or point
        if second is not None:
            return second
        raise EngineError(
            f"No point was found at which {self.title} has a finite value and slope; give one with --at. "
            f"At {_point_text(point)}: {problem.sentence if problem else ''}"
        )

    # -- to and from JSON ------------------------------------------------------------------------------------
    def describe(self) -> dict[str, Any]:
        """What is needed to find the function again, with the hash of its source."""
        return {
            "kind": self.kind,
            "name": self.name,
            "origin": self.origin,
            "source": self.source,
            "sha256": hashlib.sha256(self.source.encode()).hexdigest(),
            "inputs": list(self.inputs),
            **({"held": dict(self.held)} if self.held else {}),
        }

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> Function:
        """The function of a description; raises EngineError when its source is not the same any more."""
        if description.get("kind") == "text":
            function = cls.parse(description["source"], (*description.get("inputs", ()), *description.get("held", ())))
        elif description.get("origin"):
            function = cls.load(description["origin"])
        else:
            raise EngineError(
                f"The function {description.get('name')} was made while a program ran and cannot be "
                f"found again; "
                "keep it in a file and give file.py:name."
            )
        if function.describe()["sha256"] != description.get("sha256"):
            raise EngineError(
                f"{description.get('origin')} has changed: its source is not the one described. "
                "Make the film again from the new source."
            )
        held = description.get("held")
        return function.hold(held) if held else function

    def __repr__(self) -> str:
        return f"<function {self.title} of {', '.join(self.inputs)}>"


# -- helpers -------------------------------------------------------------------------------------------------
def as_point_value(name: str, value: Any) -> Any:
    """One coordinate of a point as a float or an array of floats (integers are promoted)."""
    if isinstance(value, (bool, str)) or value is None:
        raise EngineError(f"The value of {name} must be a number or an array, not {value!r}.")
    if isinstance(value, (int, float, np.integer, np.floating)):
        try:
            return float(value)
        except OverflowError:
            raise EngineError(f"The value of {name} is too large; the largest is about 1.8e308.") from None
    try:
        array = np.array(value, dtype=float)
    except (TypeError, ValueError):
        raise EngineError(f"The value of {name} must be a number or an array of numbers.") from None
    return array if array.ndim else float(array)


def _is_reference(text: str) -> bool:
    place, colon, name = text.strip().rpartition(":")
    if not colon or not name.isidentifier():
        return False
    return place.endswith(".py") or all(part.isidentifier() for part in place.split("."))


def _module_of_file(path: str) -> types.ModuleType:
    full = os.path.abspath(os.path.expanduser(path))
    if not os.path.isfile(full):
        raise EngineError(f"There is no file {path}.")
    key = "chainreel_user_" + hashlib.sha256(full.encode()).hexdigest()[:12]
    spec = importlib.util.spec_from_file_location(key, full)
    if spec is None or spec.loader is None:
        raise EngineError(f"{path} cannot be read as a Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[key] = module  # dataclasses and pickling look modules up by name
    folder = os.path.dirname(full)
    sys.path.insert(0, folder)  # a file may import its neighbours, as when Python runs it
    try:
        spec.loader.exec_module(module)
    except SyntaxError as problem:
        raise EngineError(
            f"{problem.filename or path}, line {problem.lineno}, is not Python: {problem.msg}.",
            _syntax_span(problem),
        ) from None
    except (Exception, SystemExit) as problem:
        raise _theirs(problem, os.path.basename(path)) from problem
    finally:
        if folder in sys.path:
            sys.path.remove(folder)
    return module


def _module_by_name(name: str) -> types.ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as problem:
        raise EngineError(
            f"There is no module {problem.name} to import; give a file as path/to/file.py:name, or install it."
        ) from None
    except SyntaxError as problem:
        raise EngineError(f"{problem.filename}, line {problem.lineno}, is not Python: {problem.msg}.") from None
    except (Exception, SystemExit) as problem:
        raise _theirs(problem, name) from problem


def _syntax_span(problem: SyntaxError) -> Span | None:
    if not problem.text or not problem.lineno:
        return None
    column = max(0, (problem.offset or 1) - 1)
    text = problem.text.rstrip("\n")
    return Span("", problem.lineno, column, problem.lineno, column + 1, problem.filename or "", text)


def _theirs(problem: BaseException, name: str) -> EngineError:
    """A sentence about an exception in the user's code, with their line and not ours."""
    place: Span | None = None
    where = ""
    step = problem.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        outside = not is_inside(code.co_filename) and not code.co_filename.startswith("<frozen")
        if outside:
            place = span_of(code, step.tb_lasti)
            file = TEXT_FILE if code.co_filename.startswith(TEXT_FILE) else code.co_filename
            where = f" in {file}, line {step.tb_lineno}" if file != TEXT_FILE else ""
        step = step.tb_next
    message = str(problem).strip().rstrip(".")
    if "read-only" in message:
        message += " (a differentiated step has used this array, so it must not change; write into a copy)"
    return EngineError(f"{name} raised {type(problem).__name__}{where}: {message or 'no message'}.", place)


def _origin_of(call: Callable) -> str:
    """``file.py:name`` for a function that its file holds under its own name, else nothing."""
    code = getattr(call, "__code__", None)
    name = getattr(call, "__qualname__", "")
    if code is None or not name.isidentifier() or not os.path.isfile(code.co_filename):
        return ""
    return f"{code.co_filename}:{name}" if call.__globals__.get(name) is call else ""


def _kind(result: Any) -> str:
    names = {
        type(None): "nothing (is a return missing?)",
        tuple: "several values",
        list: "a list",
        dict: "a dict",
    }
    return names.get(type(result), f"a {type(result).__name__}")


def _point_text(point: Mapping[str, Any]) -> str:
    parts = [f"{n} = {v:.6g}" if isinstance(v, float) else f"{n} of shape {v.shape}" for n, v in point.items()]
    return ", ".join(parts[:6]) + (" …" if len(parts) > 6 else "")


__all__ = ["Function", "as_point_value", "jsonable"]
