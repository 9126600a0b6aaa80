"""The scene that benchmarks/render.py measures, as a file of its own: workers are given a file and a name."""

from __future__ import annotations

import json
import os

from render import scene_class  # the folder of a scene's file can be imported from

_name, _seconds = json.loads(os.environ["CHAINREEL_BENCH"])
Measured = scene_class(_name, _seconds, "chainreel")
Measured.__module__, Measured.__qualname__ = __name__, "Measured"
