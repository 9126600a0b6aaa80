"""A package named autograd that has nothing of HIPS/autograd in it: its names lead to chainreel.engine.

It exists so that autograd's own tests can be run on this engine (tests/conformance/test_autograd_suite.py), and it is
on the path of that run only. What the engine refuses – complex numbers, above all – it refuses here too.
"""

from autograd.builtins import dict, isinstance, list, tuple, type  # noqa: A004
from autograd.differential_operators import (
    checkpoint,
    deriv,
    elementwise_grad,
    grad,
    grad_and_aux,
    grad_named,
    hessian,
    hessian_tensor_product,
    hessian_vector_product,
    holomorphic_grad,
    jacobian,
    make_ggnvp,
    make_hvp,
    make_jvp,
    make_vjp,
    tensor_jacobian_product,
    value_and_grad,
    vector_jacobian_product,
)
from autograd.tracer import primitive

__all__ = [
    "checkpoint", "deriv", "dict", "elementwise_grad", "grad", "grad_and_aux", "grad_named", "hessian",
    "hessian_tensor_product", "hessian_vector_product", "holomorphic_grad", "isinstance", "jacobian", "list", "make_ggnvp",
    "make_hvp", "make_jvp", "make_vjp", "primitive", "tensor_jacobian_product", "tuple", "type", "value_and_grad",
    "vector_jacobian_product",
]  # fmt: skip
