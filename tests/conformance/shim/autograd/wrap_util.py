"""Operators on functions of one argument become operators on functions of several."""

import functools


def unary_to_nary(operator):
    """``operator(f, x, …)`` becomes ``operator(f, argnum)(*args)``; several numbers make a tuple of arguments."""

    @functools.wraps(operator)
    def nary(function, argnum=0, *options, **named):
        def of_arguments(*args, **kwargs):
            def of_one(x):
                values = list(args)
                for place, value in [(argnum, x)] if isinstance(argnum, int) else zip(argnum, x, strict=True):
                    values[place] = value
                return function(*values, **kwargs)

            of_one.__name__ = getattr(function, "__name__", "function")
            point = args[argnum] if isinstance(argnum, int) else tuple(args[k] for k in argnum)
            return operator(of_one, point, *options, **named)

        name = getattr(function, "__name__", "[unknown name]")
        of_arguments.__name__ = f"{operator.__name__}_of_{name}_wrt_argnum_{argnum}"
        of_arguments.__doc__ = f"    {operator.__name__} of function {name} with respect to argument number {argnum}."
        return of_arguments

    return nary
