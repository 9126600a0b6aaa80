"""numpy.random as a function under differentiation sees it."""

import numpy as np

globals().update({name: value for name, value in vars(np.random).items() if not name.startswith("_")})
