"""autograd traces containers, this engine leaves them the user's own: so the builtins are the builtins."""

import builtins

import numpy

from chainreel.engine import Tensor

dict, list, tuple, type = builtins.dict, builtins.list, builtins.tuple, builtins.type


def isinstance(value, kinds):  # noqa: A001
    """An array under differentiation counts as an array, a number as a float."""
    if builtins.isinstance(value, Tensor):
        return issubclass(numpy.ndarray if value.shape else float, kinds)
    return builtins.isinstance(value, kinds)
