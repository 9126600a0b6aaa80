"""What the checks need of trees of values: shapes, random directions, products, steps along a direction."""

import numbers

import numpy

from chainreel.engine.shapes import shape_of


def mapped(rule, *trees):
    """The rule on the leaves of trees of the same structure."""
    first = trees[0]
    if isinstance(first, dict):
        return {key: mapped(rule, *(tree[key] for tree in trees)) for key in first}
    if isinstance(first, (list, tuple)):
        return type(first)([mapped(rule, *parts) for parts in zip(*trees, strict=True)])
    return rule(*trees)


def leaves(tree):
    """The leaves of a tree, dictionaries by their sorted keys."""
    if isinstance(tree, dict):
        return [leaf for key in sorted(tree) for leaf in leaves(tree[key])]
    if isinstance(tree, (list, tuple)):
        return [leaf for part in tree for leaf in leaves(part)]
    return [tree]


def is_complex(tree):
    """Whether any leaf is complex."""
    return any(numpy.iscomplexobj(leaf) for leaf in leaves(tree) if isinstance(leaf, (numbers.Number, numpy.ndarray)))


def shapes(tree):
    """The tree with shapes for leaves."""
    return mapped(shape_of, tree)


def random(tree):
    """A random tree of the same structure."""
    return mapped(lambda x: numpy.random.randn(*shape_of(x)) if shape_of(x) else float(numpy.random.randn()), tree)


def ones(tree):
    """The same structure, full of ones."""
    return mapped(lambda x: numpy.ones(shape_of(x)) if shape_of(x) else 1.0, tree)


def moved(tree, direction, by):
    """tree + by * direction"""
    return mapped(lambda x, v: x + by * v, tree, direction)


def inner(a, b):
    """The sum of the products of the leaves."""
    return sum(float(numpy.sum(x * y)) for x, y in zip(leaves(a), leaves(b), strict=True))
