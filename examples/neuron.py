"""One neuron and its error, written out: bring your own lines.

    python render.py clip code examples/neuron.py:error --at w=0.5,b=-0.25
"""

import numpy as np


def error(w=0.5, b=-0.25):
    """How wrong a neuron is that should answer yes."""
    z = w * 1.5 + b  # what comes in
    guess = 1 / (1 + np.exp(-z))
    gap = guess - 1.0
    return gap**2
