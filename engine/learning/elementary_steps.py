"""A network of dense layers written out in elementary steps: every weight a number of its own, every product a step."""

from __future__ import annotations

from ..errors import EngineError
from ..function import Function
from ..trace import Trace
from .network_pass import NetworkPass

WEIGHTS, BIASES, HIDDEN = "wvu", "bcd", "hg"  # letters by layer
MOST = 60  # weights and biases that are written out


def weight_name(one: NetworkPass, level: int, i: int, j: int) -> str:
    """The weight from unit i into unit j of a layer (levels count from 1, units from 0): `w21`, or `v1` into a lone unit.

    >>> from chainreel.engine.storyboards import film_a
    >>> from chainreel.engine.learning import MLP
    >>> one = NetworkPass(MLP([2, 3, 1]), film_a.whisker_params(), film_a.ICON)
    >>> weight_name(one, 1, 0, 1), weight_name(one, 2, 2, 0), bias_name(one, 1, 2), sum_name(one, 2, 0), value_name(one, 2, 0)
    ('w21', 'v3', 'b3', 'z', 'y')
    """
    return _indexed(WEIGHTS[level - 1], *((j,) if one.sizes[level] > 1 else ()), i)


def bias_name(one: NetworkPass, level: int, j: int) -> str:
    """The bias of a unit: `b2`, or `c` of a lone one."""
    return _unit(one, level, j, BIASES[level - 1])


def sum_name(one: NetworkPass, level: int, j: int) -> str:
    """What a unit adds up: `z2` in the first layer, `r2` and `s2` after it, `z` of a lone last unit."""
    return _unit(one, level, j, "z" if level == 1 or one.sizes[level:] == [1] else "rs"[level - 2])


def value_name(one: NetworkPass, level: int, j: int) -> str:
    """What a unit makes of its sum: `h2`; in the last layer `p` after a sigmoid, else `y`; in layer 0 the input."""
    if level == 0:
        return _unit(one, 0, j, "x")
    if level == len(one.sizes) - 1:
        return _unit(one, level, j, "p" if one.layers[-1].activation.name == "sigmoid" else "y")
    return _unit(one, level, j, HIDDEN[level - 1])


def elementary(one: NetworkPass) -> Trace:
    """The trace of one output's computation, its weights and biases the inputs, the example held; values as in the pass.

    >>> from chainreel.engine.learning import MLP
    >>> one = NetworkPass(MLP([2, 1], output="sigmoid"), [{"W": [[0.4], [-0.3]], "b": [0.1]}], [0.9, 0.2])
    >>> [s.name for s in elementary(one).steps]
    ['w1', 'w2', 'b', 'q', 'r', 's', 'z', 'p']
    """
    sizes = one.sizes
    if len(sizes) - 1 > len(WEIGHTS):
        raise EngineError(f"{len(sizes) - 1} layers are too many to be written out; {len(WEIGHTS)} are the most.")
    if sizes[-1] != 1:
        raise EngineError(f"A graph of elementary steps has one result; this network has {sizes[-1]} outputs.")
    knobs: dict[str, float] = {}
    lines: list[str] = []
    for level in range(1, len(sizes)):
        layer, own = one.layers[level - 1], one.params[level - 1]
        bends: list[str] = []
        for j in range(sizes[level]):
            terms = []
            for i in range(sizes[level - 1]):
                name = weight_name(one, level, i, j)
                knobs[name] = float(own["W"][i, j])
                terms.append(f"{name}*{value_name(one, level - 1, i)}")
            if layer.bias:
                knobs[bias_name(one, level, j)] = float(own["b"][j])
                terms.append(bias_name(one, level, j))
            plain = layer.activation.name == "identity"
            result = value_name(one, level, j) if plain else sum_name(one, level, j)
            lines.append(f"{result} = {' + '.join(terms)}")
            if not plain:
                bends.append(f"{value_name(one, level, j)} = {layer.activation.name}({sum_name(one, level, j)})")
        lines += bends
    if len(knobs) > MOST:
        raise EngineError(f"{len(knobs)} weights and biases are too many to be written out one by one; {MOST} are the most.")
    lines.append(value_name(one, len(sizes) - 1, 0))
    held = {value_name(one, 0, i): float(v) for i, v in enumerate(one.x)}
    return Function.parse("\n".join(lines)).hold(held).trace(knobs)


def _unit(one: NetworkPass, level: int, j: int, letter: str) -> str:
    return letter if one.sizes[level] == 1 else _indexed(letter, j)


def _indexed(letter: str, *at: int) -> str:
    places = [str(k + 1) for k in at]
    return letter + ("_".join(places) if any(len(p) > 1 for p in places) else "".join(places))


__all__ = ["bias_name", "elementary", "sum_name", "value_name", "weight_name"]
