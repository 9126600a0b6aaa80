"""Functions that call scipy's function of the same name after the engine has had its way with the name."""

import types

from chainreel.engine.rebind import rebind


def forwarded(module):
    """The public names of a scipy module; functions are reached as user code under the engine reaches them."""
    found = {name: value for name, value in vars(module).items() if not name.startswith("_")}
    for name, value in list(found.items()):
        if callable(value) and not isinstance(value, (type, types.ModuleType)):
            scope = {name: value, "__name__": __name__}
            source = f"def call(*args, **kwargs):\n    return {name}(*args, **kwargs)\n"
            exec(compile(source, __file__, "exec"), scope)
            found[name] = rebind(scope["call"])
            found[name].__name__ = name
    return found
