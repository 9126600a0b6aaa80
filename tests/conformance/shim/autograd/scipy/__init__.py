"""scipy's functions under differentiation, where the engine has primitives for them."""
