"""chainreel.engine: derivatives of plain Python and numpy functions, with everything they went through kept.

>>> from chainreel.engine import Function
>>> trace = Function.of("sin(x*y) + x**2").trace({"x": 1.5, "y": -0.5})
>>> [step.name for step in trace.steps]
['x', 'y', 'p', 'q', 'r', 'f']
>>> round(trace.gradient["x"], 6)
2.634156
"""

from .descent import Descent, DescentState
from .differences import DifferenceRow, Differences
from .errors import EngineError
from .formula import formula, local_formula, operator_label, symbol
from .function import Function
from .quantity import Quantity
from .spans import Span
from .tensor import Tensor
from .trace import Constant, Edge, Step, Tangents, Trace
from .transforms import grad, hessian, hvp, jacobian, jvp, linearize, value_and_grad, vjp

__all__ = [
    "Constant",
    "Descent",
    "DescentState",
    "DifferenceRow",
    "Differences",
    "Edge",
    "EngineError",
    "Function",
    "Quantity",
    "Span",
    "Step",
    "Tangents",
    "Tensor",
    "Trace",
    "formula",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "linearize",
    "local_formula",
    "operator_label",
    "symbol",
    "value_and_grad",
    "vjp",
]
