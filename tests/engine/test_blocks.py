"""Blocks: counts and sums at their borders, built again from a description, confirmed by the audit."""

import pytest

from chainreel.engine import Blocks, EngineError, Function
from chainreel.engine.audit import audit


def blocks_of(text, at, parts):
    """Blocks of a text's trace."""
    return Blocks(Function.of(text).trace(at), parts)


def test_counts_and_crossings():
    """Repeats count parts, steps count operations, a crossing is the sum over all uses inside."""
    blocks = blocks_of("sin(x) + sin(x)*x", {"x": 0.7}, [[[1], [2]], [[3, 4]]])
    assert [blocks.quantity("repeats", k).value for k in (0, 1)] == [2, 1]
    assert [blocks.quantity("steps", k).value for k in (0, 1)] == [2, 2]
    inside = [e.contribution for e in blocks.trace.steps[0].uses if e.target.index in (1, 2)]
    assert blocks.quantity("crossing", 0, 0).value == sum(inside)


def test_all_crossings_together_are_the_adjoint():
    """Blocks that hold all steps: what crosses into them from an input adds up to its slope."""
    blocks = blocks_of("(a*b + c)*a + a**3", {"a": 2.0, "b": 3.0, "c": -1.0}, [[[3, 4]], [[5, 6, 7]]])
    assert blocks.lookup("crossing/0.0") + blocks.lookup("crossing/0.1") == blocks.trace.gradient["a"]


@pytest.mark.parametrize("key", ["repeats/0", "steps/1", "crossing/0.0", "crossing/0.1"])
def test_rebuilt_and_audited(key):
    """The description is enough to compute every number again, and the audit agrees."""
    blocks = blocks_of("sin(x) + sin(x)*x", {"x": 0.7}, [[[1], [2]], [[3, 4]]])
    again = Blocks.rebuild(blocks.describe())
    assert again.lookup(key) == blocks.lookup(key)
    assert audit(blocks.describe(), key).agrees(blocks.lookup(key))


def test_what_makes_no_block_is_refused():
    """Steps twice in a block, steps that are not there, keys of nothing: a sentence each."""
    for parts in ([[[1], [1]]], [[[99]]], [[]]):
        with pytest.raises(EngineError, match="A block is made of parts"):
            blocks_of("sin(x)*x", {"x": 1.0}, parts)
    blocks = blocks_of("sin(x)*x", {"x": 1.0}, [[[1, 2]]])
    for key in ("repeats/7", "crossing/0", "crossing/1.0", "what/0"):
        with pytest.raises(EngineError):
            blocks.lookup(key)
