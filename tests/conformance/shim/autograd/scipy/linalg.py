"""scipy.linalg as a function under differentiation sees it."""

import scipy.linalg
from autograd.scipy.ours import forwarded

globals().update(forwarded(scipy.linalg))
