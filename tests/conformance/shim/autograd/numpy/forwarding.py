"""Functions that call a module's function of the same name after the engine has had its way with the name."""

import types

import numpy as np

from chainreel.engine.rebind import rebind


def forwarded(module, path):
    """Every plain function of a numpy module, reached as user code under the engine reaches it."""
    found = {}
    for name, value in vars(module).items():
        if name.startswith("_") or isinstance(value, (type, np.ufunc, types.ModuleType)) or not callable(value):
            continue
        scope = {"np": np, "__name__": __name__}
        exec(compile(f"def {name}(*args, **kwargs):\n    return {path}.{name}(*args, **kwargs)\n", __file__, "exec"), scope)
        found[name] = rebind(scope[name])
    return found
