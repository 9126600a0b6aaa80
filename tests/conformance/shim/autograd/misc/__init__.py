"""Trees to vectors and back."""

from autograd.misc.flatten import flatten


def const_graph(function, *args, **kwargs):
    """autograd's replay of a graph it has cached."""
    raise NotImplementedError("a graph is not cached behind the user's back")


__all__ = ["const_graph", "flatten"]
