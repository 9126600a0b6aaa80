"""scipy.integrate as a function under differentiation sees it."""

import scipy.integrate
from autograd.scipy.ours import forwarded

globals().update(forwarded(scipy.integrate))
