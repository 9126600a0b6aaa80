"""numpy.fft as a function under differentiation sees it."""

import numpy as np
from autograd.numpy.forwarding import forwarded

globals().update({name: value for name, value in vars(np.fft).items() if not name.startswith("_")})
globals().update(forwarded(np.fft, "np.fft"))
