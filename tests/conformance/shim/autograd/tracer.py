"""A user's own primitives: opaque functions with rules, made into primitives of the engine."""

import functools

import numpy

from chainreel.engine import Tensor
from chainreel.engine.primitive import TwoWay


def isbox(value):
    """Whether a value is under differentiation."""
    return isinstance(value, Tensor)


def primitive(function):
    """The function as one step whose inside is not differentiated; ``defvjp`` and ``defjvp`` give its rules."""

    @functools.wraps(function)
    def call(*args, **kwargs):
        if not any(map(isbox, args)):
            return function(*args, **kwargs)
        places = [k for k, value in enumerate(args) if isinstance(value, (Tensor, float, int, numpy.ndarray))]

        def full(values):
            complete = list(args)
            for place, value in zip(places, values, strict=True):
                complete[place] = value
            return complete

        def pull(place):
            def rule(g, y, *xs):
                return _rule(call.vjps, place, function)(y, *full(xs), **kwargs)(g)

            return rule

        def push(place):
            def rule(t, y, *xs):
                return _rule(call.jvps, place, function)(t, y, *full(xs), **kwargs)

            return rule

        step = TwoWay(
            call.__name__, lambda *xs: function(*full(xs), **kwargs), tuple(map(pull, places)), tuple(map(push, places))
        )
        return step(*(args[k] for k in places))

    call.vjps, call.jvps = {}, {}
    return call


def _rule(rules, place, function):
    if rules.get(place) is None:
        raise NotImplementedError(f"{function.__name__} has no rule for argument {place}")
    return rules[place]


def notrace_primitive(function):
    """A function of values only."""
    from chainreel.engine.shapes import bare

    return lambda *args, **kwargs: function(*map(bare, args), **kwargs)
