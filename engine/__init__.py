"""chainreel.engine: derivatives of plain Python and numpy functions, with everything they went through kept.

>>> from chainreel.engine import Function
>>> trace = Function.of("sin(x*y) + x**2").trace({"x": 1.5, "y": -0.5})
>>> [step.name for step in trace.steps]
['x', 'y', 'p', 'q', 'r', 'f']
>>> round(trace.gradient["x"], 6)
2.634156
"""

from typing import TYPE_CHECKING, Any

from .descent import Descent, DescentState
from .differences import DifferenceRow, Differences
from .errors import EngineError
from .formula import formula, local_formula, operator_label, symbol
from .function import Function
from .quantity import Quantity
from .spans import Span
from .tensor import Tensor
from .trace import Constant, Counts, Edge, Step, Tangents, Trace
from .transforms import grad, hessian, hvp, jacobian, jvp, linearize, value_and_grad, vjp

if TYPE_CHECKING:
    from .blocks import Blocks
    from .cost import Cost
    from .error_curve import ErrorCurve
    from .gradcheck import GradientMismatch, check_grads
    from .nudge import Nudge
    from .numeric import difference
    from .paths import Paths
    from .program import Program, backward_program
    from .swell import Swell
    from .symbolic import check_symbolic, from_sympy, symbolic_gradient, to_sympy

# Loaded when asked for: they bring sympy or are not needed to draw.
_LATER = {
    "Blocks": "blocks",
    "ErrorCurve": "error_curve", "GradientMismatch": "gradcheck", "check_grads": "gradcheck",
    "Cost": "cost", "Nudge": "nudge", "Paths": "paths",
    "difference": "numeric", "Program": "program", "backward_program": "program", "Swell": "swell",
    "check_symbolic": "symbolic", "from_sympy": "symbolic", "symbolic_gradient": "symbolic", "to_sympy": "symbolic",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"chainreel.engine has no {name}")
    from importlib import import_module

    return getattr(import_module(f".{_LATER[name]}", __name__), name)


__all__ = [
    "Blocks", "Constant", "Cost", "Counts", "Descent", "DescentState", "DifferenceRow", "Differences", "Edge", "EngineError",
    "ErrorCurve",
    "Function", "GradientMismatch", "Nudge", "Paths", "Program", "Quantity", "Span", "Step", "Swell", "Tangents", "Tensor",
    "Trace",
    "backward_program", "check_grads", "check_symbolic", "difference", "formula", "from_sympy", "grad", "hessian", "hvp",
    "jacobian", "jvp", "linearize", "local_formula", "operator_label", "symbol", "symbolic_gradient", "to_sympy",
    "value_and_grad", "vjp",
]  # fmt: skip
