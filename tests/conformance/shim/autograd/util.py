"""An older name of the check."""

from autograd.test_util import check_grads


def quick_grad_check(function, x, extra_args=(), verbose=True):
    """The reverse sweep by the first argument, in a random direction."""
    check_grads(lambda point: function(point, *extra_args), modes=["rev"], order=1)(x)
