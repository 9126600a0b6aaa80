"""Trees to vectors and back, dictionaries by their sorted keys."""

import autograd.numpy as np
from autograd import trees

from chainreel.engine.shapes import shape_of


def flatten(tree):
    """(all leaves in one vector, the way back)"""
    parts = trees.leaves(tree)
    vector = np.concatenate([np.ravel(part) for part in parts]) if parts else np.array([])

    def unflatten(values):
        place = 0

        def take(leaf):
            nonlocal place
            size = int(np.prod(shape_of(leaf)))
            piece = values[place : place + size]
            place += size
            return np.reshape(piece, shape_of(leaf)) if shape_of(leaf) else piece[0]

        return _sorted_map(take, tree)

    return vector, unflatten


def _sorted_map(rule, tree):
    if isinstance(tree, dict):
        done = {key: _sorted_map(rule, tree[key]) for key in sorted(tree)}
        return {key: done[key] for key in tree}
    if isinstance(tree, (list, tuple)):
        return type(tree)([_sorted_map(rule, part) for part in tree])
    return rule(tree)
