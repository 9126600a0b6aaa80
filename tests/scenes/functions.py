"""The functions that every clip must show cleanly: shallow and deep, large and tiny, friendly and awkward."""

TWENTY: dict[str, tuple[str, dict[str, float]]] = {
    "readme": ("sin(x*y) + x**2", {"x": 1.5, "y": -0.5}),
    "abc": ("(a*b + c)*a", {"a": 2, "b": 3, "c": -1}),
    "square": ("x**2", {"x": 3}),
    "identity-like": ("x + 0*x", {"x": 1.25}),
    "rosenbrock": ("(1-x)**2 + 100*(y-x**2)**2", {"x": -1.2, "y": 1}),
    "neuron": ("tanh(w*x + b)", {"w": 0.8, "x": 1.5, "b": -0.2}),
    "two-neurons": ("(w2*(w1*x + b1) + b2 - t)**2", {"w1": 0.8, "x": 1.5, "b1": -0.2, "w2": 0.7, "b2": -0.2, "t": 1}),
    "named": ("u = x*y; v = u + 1; exp(-u**2)*v", {"x": 0.5, "y": 1.2}),
    "cross-entropy": (
        "-(t*log(sigmoid(w*x + b)) + (1 - t)*log(1 - sigmoid(w*x + b)))", {"t": 1, "w": 0.5, "x": 1.5, "b": -0.2},
    ),
    "gauss": ("exp(-(x - m)**2/(2*s**2))/(s*sqrt(2*pi))", {"x": 0.5, "m": 0, "s": 1}),
    "beale": (
        "(1.5 - x + x*y)**2 + (2.25 - x + x*y**2)**2 + (2.625 - x + x*y**3)**2", {"x": 1, "y": 0.5},
    ),
    "goldstein": ("1 + (x + y + 1)**2*(19 - 14*x + 3*x**2 - 14*y + 6*x*y + 3*y**2)", {"x": 0.1, "y": 0.2}),
    "network": (
        "(w3*tanh(w1*x + b1) + w4*tanh(w2*x + b2) - t)**2",
        {"w1": 0.5, "w2": -0.4, "w3": 1.2, "w4": 0.3, "b1": 0.1, "b2": 0.2, "x": 1, "t": 1},
    ),
    "deep": ("sin(" * 12 + "x" + ")" * 12, {"x": 1.0}),
    "wide": ("(a-1)**2 + (b-2)**2 + (c-3)**2 + (d-4)**2", {"a": 1.5, "b": 0.5, "c": 2.0, "d": 0.3}),
    "mixed": ("x*y*z + sin(x)*exp(y) - z**2/(x + 2)", {"x": 1, "y": 0.5, "z": 2}),
    "large": ("1000*x**3 - 2500*x", {"x": 12.5}),
    "tiny": ("1e-6*x**2 + 1e-7*y", {"x": 0.3, "y": 0.02}),
    "fraction": ("x/(1 + y**2)", {"x": 2, "y": 3}),
    "kink": ("abs(x - 1) + y**2", {"x": 1.4, "y": 2}),
    "sigmoid": ("sigmoid(4*x) - relu(y)", {"x": 0.1, "y": 0.4}),
    "greek": ("theta_1*sin(omega*t + phi)", {"theta_1": 1.5, "omega": 2, "t": 0.7, "phi": 0.1}),
    "log": ("log(x) + sqrt(y)/x", {"x": 2.5, "y": 4}),
    "powers": ("x**y + y**3", {"x": 1.7, "y": 2.2}),
    "bowl": ("x**2 + 3*y**2 + x*y", {"x": 2, "y": -1}),
}
