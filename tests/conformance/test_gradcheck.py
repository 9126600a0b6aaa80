"""torch.autograd.gradcheck and gradgradcheck on the engine's derivatives, dressed as a torch.autograd.Function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from chainreel.engine import jvp, vjp

from .functions import EXAMPLES
from .peers import need

torch = need("torch")
errors = need("torch.autograd.gradcheck")


def _out(tensor: Any) -> Any:
    """A torch tensor as the engine takes it."""
    array = tensor.detach().numpy()
    return array if array.ndim else float(array)


def _in(value: Any) -> Any:
    return torch.tensor(np.asarray(value), dtype=torch.float64)


def as_torch(function: Callable) -> Callable:
    """A numpy function as an operation of torch whose derivatives – and theirs – are the engine's.

    What carries the adjoints back is itself a numpy function of adjoints and arguments, so it becomes an operation of
    torch in the same way; that is how torch gets to the second derivative.
    """

    class Operation(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, *arguments: Any) -> Any:
            ctx.save_for_backward(*arguments)
            ctx.save_for_forward(*arguments)
            values = function(*map(_out, arguments))
            ctx.several = isinstance(values, tuple)
            return tuple(map(_in, values)) if ctx.several else _in(values)

        @staticmethod
        def backward(ctx: Any, *adjoints: Any) -> Any:
            count, several = len(adjoints), ctx.several

            def pulled(*both: Any) -> tuple:
                _, back = vjp(function, *both[count:])
                return back(both[:count] if several else both[0])

            return as_torch(pulled)(*adjoints, *ctx.saved_tensors)

        @staticmethod
        def jvp(ctx: Any, *tangents: Any) -> Any:
            moved = jvp(function, tuple(map(_out, ctx.saved_tensors)), tuple(map(_out, tangents)))[1]
            return tuple(map(_in, moved)) if ctx.several else _in(moved)

    return Operation.apply


def _arguments(name: str) -> tuple:
    return tuple(_in(value).requires_grad_() for value in EXAMPLES[name][1])


@pytest.mark.parametrize("name", EXAMPLES)
def test_gradcheck(name):
    """First derivatives, reverse and forward, against torch's differences."""
    assert torch.autograd.gradcheck(as_torch(EXAMPLES[name][0]), _arguments(name), atol=1e-6, rtol=1e-5, check_forward_ad=True)


@pytest.mark.parametrize("name", EXAMPLES)
def test_gradgradcheck(name):
    """Second derivatives against torch's differences."""
    torch.manual_seed(0)
    assert torch.autograd.gradgradcheck(as_torch(EXAMPLES[name][0]), _arguments(name))


def test_a_wrong_derivative_is_caught():
    """The check must be able to fail: the engine's derivative of another function is refused."""

    def off(x: Any) -> Any:
        return np.sum(x**2) if not isinstance(x, np.ndarray) else float(np.sum(x**2)) * 1.01

    with pytest.raises(errors.GradcheckError):
        torch.autograd.gradcheck(as_torch(off), (_in([0.3, 0.4]).requires_grad_(),))
