"""grad, vjp, jvp, jacobian, hessian, hvp, linearize: functions that take a function and return its derivatives.

They work on plain Python and numpy functions of floats, arrays and trees of them (dicts, lists, tuples), and on each
other: ``grad(grad(f))``, ``jacobian(grad(f))``, to any order.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np

from .culprit import is_finite, not_finite, too_steep
from .errors import EngineError
from .recording import INPUT, Recording, as_input, input_record, zeros
from .shapes import bare, has_nan, shape_of
from .sweeps import reverse
from .tape import Node, current
from .trees import LEAF, alike, flatten, paths

Argument = int | str


def _quiet() -> Any:
    """No warnings of numpy about what the sweeps look at themselves; once for a recording with all inside it."""
    return np.errstate(all="ignore") if current.tape is None else _NOTHING


_NOTHING = nullcontext()


def value_and_grad(
    function: Callable, argnum: Argument | tuple[Argument, ...] = 0, *, finite: bool = False
) -> Callable[..., tuple[Any, Any]]:
    """A function that returns the value and the gradient by argument ``argnum`` (a position, a name, or several).

    The function must return one number. The gradient has the shape of the argument; for a tree of parameters it is a
    tree of the same structure. Raises EngineError where the result is not one number, and with ``finite`` where the value
    or a slope is not finite: the sentence names the first step that made it so.

    >>> value_and_grad(lambda x: x**2 + 3*x)(2.0)
    (10.0, 7.0)
    >>> value_and_grad(lambda p: p["a"] * p["b"])({"a": 2.0, "b": 5.0})
    (10.0, {'a': 5.0, 'b': 2.0})
    """
    many = isinstance(argnum, tuple)
    places: tuple[Argument, ...] = argnum if isinstance(argnum, tuple) else (argnum,)

    def transformed(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        args, kwargs, chosen = _places(function, places, args, kwargs)
        with _quiet():
            run = Recording(function, args, kwargs, chosen)
            value = _one_number(run)
            adjoints = run.pull(value)
            if finite:
                _demand_finite(run, value, adjoints)
            value, *adjoints = run.outside([value, *adjoints])
        gradients = run.argument_trees(adjoints)
        return value, tuple(gradients) if many else gradients[0]

    return _named(transformed, "value_and_grad", function)


def grad(function: Callable, argnum: Argument | tuple[Argument, ...] = 0, *, finite: bool = False) -> Callable[..., Any]:
    """A function that returns the gradient of ``function`` by argument ``argnum`` (a position, a name, or several).

    ``finite`` is as in ``value_and_grad``.

    >>> grad(lambda x: x**3)(2.0)
    12.0
    >>> grad(grad(lambda x: x**3))(2.0)
    12.0
    >>> grad(lambda x, scale: scale * x**2, "x")(3.0, scale=2.0)
    12.0
    """
    pair = value_and_grad(function, argnum, finite=finite)

    def transformed(*args: Any, **kwargs: Any) -> Any:
        return pair(*args, **kwargs)[1]

    return _named(transformed, "grad", function)


def jvp(function: Callable, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """The value at ``primals`` and how it moves when the arguments move by ``tangents`` (one forward sweep).

    >>> jvp(lambda x, y: x*y, (3.0, 4.0), (1.0, 0.0))
    (12.0, 4.0)
    """
    value, push = linearize(function, *primals)
    return value, push(*tangents)


def linearize(function: Callable, *primals: Any) -> tuple[Any, Callable[..., Any]]:
    """The value, and the linear map that carries tangents of the arguments forward. The function runs only once.

    >>> value, push = linearize(lambda x, y: x*y, 3.0, 4.0)
    >>> push(1.0, 0.0), push(0.0, 1.0)
    (4.0, 3.0)
    """
    with _quiet():
        run = Recording(function, primals, {}, range(len(primals))).keep()

    def push(*tangents: Any) -> Any:
        if len(tangents) != len(primals):
            raise EngineError(f"A tangent is needed for each argument: {len(primals)} and {len(tangents)} were given.")
        seeds = []
        for k, (primal, tangent) in enumerate(zip(primals, tangents, strict=True)):
            seeds += _like(tangent, primal, f"Tangent {k}", "argument")
        with _quiet():
            return run.tree(run.outside(run.push(seeds)))

    return run.tree(_copies(run.outside(run.leaves))), push


def vjp(function: Callable, *primals: Any) -> tuple[Any, Callable[[Any], tuple]]:
    """The value, and the linear map that carries an adjoint of the value back to every argument (reverse sweep).

    >>> value, back = vjp(lambda x, y: x*y, 3.0, 4.0)
    >>> back(1.0)
    (4.0, 3.0)
    """
    with _quiet():
        run = Recording(function, primals, {}, range(len(primals))).keep()
    result = run.tree(_copies(run.outside(run.leaves)))

    def back(adjoint: Any) -> tuple:
        seeds = _like(adjoint, result, "The adjoint", "value")
        with _quiet():
            sums: list[Any] = [None] * len(run.inputs)
            for leaf, seed in zip(run.leaves, seeds, strict=True):
                if run.on_tape(leaf):
                    sums = [part if s is None else s + part for s, part in zip(sums, run.pull(leaf, seed), strict=True)]
            sums = [zeros(shape_of(v)) if s is None else s for s, v in zip(sums, run.inputs, strict=True)]
            return tuple(run.argument_trees(run.outside(sums)))

    return result, back


def jacobian(function: Callable, argnum: Argument = 0, mode: str = "auto") -> Callable[..., Any]:
    """A function that returns the Jacobian by one argument, shape ``result.shape + argument.shape``.

    ``mode`` is "forward" (all input directions in one batched sweep), "reverse" (a sweep for each output element) or
    "auto": forward unless the argument has more elements than the result.

    >>> jacobian(lambda x: x**2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    if mode not in ("auto", "forward", "reverse"):
        raise EngineError(f"A Jacobian is taken forward, in reverse, or auto, not {mode!r}.")

    def transformed(*args: Any, **kwargs: Any) -> Any:
        args, kwargs, chosen = _places(function, (argnum,), args, kwargs)
        with _quiet():
            run = Recording(function, args, kwargs, chosen)
            if len(run.inputs) != 1 or run.structures[0][1] is not None:
                raise EngineError("A Jacobian is taken by one number or array; give a tree of parameters to vjp or jvp.")
            if run.structure is not LEAF:
                raise EngineError("A Jacobian belongs to a function that returns one number or array, not several values.")
            have, want = shape_of(run.inputs[0]), shape_of(run.leaves[0])
            forward = mode == "forward" or (mode == "auto" and np.prod(have, dtype=int) <= np.prod(want, dtype=int))
            result = (_columns if forward else _rows)(run, have, want)
            return run.outside([result])[0]

    return _named(transformed, "jacobian", function)


def hessian(function: Callable, argnum: Argument = 0) -> Callable[..., Any]:
    """A function that returns the matrix of second derivatives, shape ``argument.shape + argument.shape``.

    One recorded reverse sweep, then all directions forward through it at once.

    >>> hessian(lambda x: x[0]**2 * x[1])(np.array([3.0, 2.0]))
    array([[4., 6.],
           [6., 0.]])
    """
    return _named(jacobian(grad(function, argnum), argnum, "forward"), "hessian", function)


def hvp(function: Callable, argnum: Argument = 0) -> Callable[..., Any]:
    """Hessian times vector without the Hessian: ``hvp(f)(x, v)``; ``hvp(f)(x, more, v)`` for more arguments, v last.

    >>> hvp(lambda x: x[0]**2 * x[1])(np.array([3.0, 2.0]), np.array([1.0, 0.0]))
    array([4., 6.])
    """
    slope = grad(function, argnum)

    def transformed(*args: Any, **kwargs: Any) -> Any:
        *args_, direction = args
        given, kwargs, chosen = _places(function, (argnum,), tuple(args_), kwargs)
        with _quiet():
            run = Recording(slope, given, kwargs, chosen)
            place = chosen[0]
            primal = kwargs[place] if isinstance(place, str) else given[place]
            seeds = _like(direction, primal, "The vector", "argument")
            return run.tree(run.outside(run.push(seeds)))

    return _named(transformed, "hvp", function)


# -- helpers ---------------------------------------------------------------------------------------------------------
def _columns(run: Recording, have: tuple[int, ...], want: tuple[int, ...]) -> Any:
    """The Jacobian by columns: one batched forward sweep with the unit vectors as tangents."""
    from .linear import reshape, transpose

    if not have:
        return run.push([1.0])[0]
    size = int(np.prod(have))
    moved = run.push([np.eye(size).reshape(size, *have)], many=True)[0]  # (size, *want)
    turned = transpose(moved, axes=(*range(1, len(want) + 1), 0))
    return turned if len(have) == 1 else reshape(turned, shape=want + have)


def _rows(run: Recording, have: tuple[int, ...], want: tuple[int, ...]) -> Any:
    """The Jacobian by rows: a reverse sweep for every element of the result."""
    from .linear import reshape, stack

    if not want:
        return run.pull(run.leaves[0])[0]
    units = np.eye(int(np.prod(want))).reshape(-1, *want)
    rows = [run.pull(run.leaves[0], unit)[0] for unit in units]
    if not rows:
        return np.zeros(want + have)
    return reshape(stack(*rows, axis=0), shape=want + have)


def _copies(values: list[Any]) -> list[Any]:
    """Arrays of the recording, as copies that the caller may change."""
    return [value.copy() if type(value) is np.ndarray else value for value in values]


def _one_number(run: Recording) -> Any:
    """The result, which must be one number, or a sentence."""
    if run.structure is not LEAF:
        raise EngineError(
            "A gradient belongs to a function with one number as its result; this one returns several values. "
            "Return their sum, or take vjp or jacobian."
        )
    result = run.leaves[0]
    if isinstance(result, Node) and type(result.value) is float:
        return result
    if shape_of(result):
        raise EngineError(
            f"A gradient belongs to a function with one number as its result; this result has shape "
            f"{shape_of(result)}. Add them up with sum() or mean(), or take jacobian."
        )
    if isinstance(bare(result), bool) or not isinstance(bare(result), (int, float, np.number)):
        kind = "nothing (is a return missing?)" if result is None else f"a {type(bare(result)).__name__}"
        raise EngineError(f"A gradient belongs to a function that returns a number; this one returns {kind}.")
    return result


def _demand_finite(run: Recording, value: Any, adjoints: list[Any]) -> None:
    if is_finite(value) and all(map(is_finite, adjoints)):
        return
    records = run.tape.records
    if not run.on_tape(value):
        raise EngineError("The value is not finite, and it depends on none of the arguments.")
    if not is_finite(value):
        raise not_finite(records, value.index, " here")
    for guarded in (False, True):
        every = reverse(records, value.index, 1.0, guarded)
        if not any(map(has_nan, every[: len(run.inputs)])):
            break
    raise too_steep(records, every, (), guarded, " here")


def _places(
    function: Callable, places: tuple[Argument, ...], args: tuple, kwargs: dict[str, Any]
) -> tuple[tuple, dict[str, Any], list[Argument]]:
    """Where the chosen arguments stand: positions among ``args`` or names among ``kwargs``."""
    chosen: list[Argument] = []
    for place in places:
        if type(place) is int and 0 <= place < len(args):
            chosen.append(place)
        elif isinstance(place, str):
            if place not in kwargs:
                chosen.append(_position(function, place, len(args)))
            else:
                chosen.append(place)
        elif -len(args) <= place < len(args):
            chosen.append(place % len(args))
        else:
            raise EngineError(f"There is no argument {place} to differentiate: {len(args)} were given by position.")
    return args, kwargs, chosen


def _position(function: Callable, name: str, count: int) -> int:
    try:
        names = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        names = []
    if name in names[:count]:
        return names.index(name)
    known = f"; it has {', '.join(names)}" if names else ""
    raise EngineError(f"There is no argument {name} to differentiate by among those given{known}.")


def _like(tree: Any, model: Any, what: str, of: str) -> list[Any]:
    """The leaves of a tree that must have the structure and shapes of another."""
    leaves, structure = flatten(tree)
    wanted, model_structure = flatten(model)
    if not alike(structure, model_structure):
        # a list of numbers is an array where the model is one
        if len(wanted) == 1 and not isinstance(model, (dict, list, tuple)):
            leaves = [tree]
        else:
            raise EngineError(f"{what} has another structure than its {of}.")
    result = []
    for leaf, like, path in zip(leaves, wanted, paths(model), strict=True):
        leaf, like = as_input(leaf), as_input(like)
        if shape_of(leaf) != shape_of(like):
            where = f" (at {path})" if path else ""
            raise EngineError(f"{what} has shape {shape_of(leaf)}, its {of} {shape_of(like)}{where}.")
        result.append(leaf)
    return result


def _named(transformed: Callable, what: str, function: Callable) -> Callable:
    """The transformed function keeps the signature of the original for whoever inspects it."""
    transformed.__name__ = f"{what}_of_{getattr(function, '__name__', 'function')}"
    transformed.__doc__ = f"{what} of {getattr(function, '__name__', 'a function')}."
    transformed.__wrapped__ = function  # type: ignore[attr-defined]
    return transformed


__all__ = [
    "INPUT", "grad", "hessian", "hvp", "input_record", "is_finite", "jacobian", "jvp", "linearize", "value_and_grad", "vjp",
]  # fmt: skip
