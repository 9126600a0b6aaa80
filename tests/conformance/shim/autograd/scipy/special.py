"""scipy.special as a function under differentiation sees it."""

import scipy.special
from autograd.scipy.ours import forwarded

globals().update(forwarded(scipy.special))
