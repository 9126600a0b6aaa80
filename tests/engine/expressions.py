"""Random formulas for hypothesis: texts of the small language that are smooth and finite near every point drawn."""

from hypothesis import strategies as st

INPUTS = ("x", "y", "z")
_UNARY = ("sin", "cos", "tanh", "arctan", "sigmoid", "softplus", "exp", "sqrt", "log1p", "cosh")
_TAMED = {"exp": "exp(sin({}))", "sqrt": "sqrt(1.5 + sin({}))", "log1p": "log1p({}**2)", "cosh": "cosh(tanh({}))"}


def texts(kinks: bool = False):
    """Formulas of x, y and z of up to about 20 operations."""
    leaf = st.sampled_from([*INPUTS, "0.5", "2", "1.25", "3"])

    def bigger(inner):
        unary = st.builds(lambda name, a: _TAMED.get(name, name + "({})").format(a), st.sampled_from(_UNARY), inner)
        binary = st.builds(lambda a, sign, b: f"({a} {sign} {b})", inner, st.sampled_from("+-*"), inner)
        quotient = st.builds(lambda a, b: f"{a}/(2 + cos({b}))", inner, inner)
        power = st.builds(lambda a, n: f"({a})**{n}", inner, st.sampled_from([2, 3]))
        choices = [unary, binary, quotient, power]
        if kinks:
            choices.append(st.builds(lambda name, a, b: f"{name}({a}, {b})", st.sampled_from(["max", "min"]), inner, inner))
            choices.append(st.builds(lambda name, a: f"{name}({a})", st.sampled_from(["abs", "relu"]), inner))
        return st.one_of(choices)

    whole = st.recursive(leaf, bigger, max_leaves=8)
    return whole.map(lambda text: f"{text} + x")  # at least one input


def points():
    number = st.floats(-2.0, 2.0).map(lambda v: round(v, 3))
    return st.fixed_dictionaries({name: number for name in INPUTS})


def at(function, point):
    """The part of a point that a function asks for."""
    return {name: point[name] for name in function.inputs}
