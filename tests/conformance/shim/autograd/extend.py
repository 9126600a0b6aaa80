"""Rules for primitives: makers of maps from an adjoint of the result to one of an argument."""

from autograd.tracer import isbox, notrace_primitive, primitive


def defvjp(step, *makers, argnums=None):
    """``makers[k](result, *args)`` returns the map that carries an adjoint back to argument k."""
    step.vjps.update(zip(argnums or range(len(makers)), makers, strict=False))


def defjvp(step, *rules, argnums=None):
    """``rules[k](tangent, result, *args)`` carries a tangent of argument k forward."""
    step.jvps.update(zip(argnums or range(len(rules)), rules, strict=False))


__all__ = ["defjvp", "defvjp", "isbox", "notrace_primitive", "primitive"]
