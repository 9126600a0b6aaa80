"""numpy as a function under differentiation sees it: numpy itself, through the engine's own replacement of names."""

import numpy as np
from autograd.numpy import fft as own_fft
from autograd.numpy import linalg as own_linalg
from autograd.numpy import random as own_random
from autograd.numpy.forwarding import forwarded

from chainreel.engine.rebind import rebind

globals().update({name: value for name, value in vars(np).items() if not name.startswith("_")})
globals().update(forwarded(np, "np"))
globals().update(fft=own_fft, linalg=own_linalg, random=own_random, __version__=np.__version__)
r_, c_ = rebind(lambda: (np.r_, np.c_))()


def where(condition, x=None, y=None):
    """np.where, by keyword too."""
    return np.where(condition) if x is None else np.where(condition, x, y)
