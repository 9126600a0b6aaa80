"""A lecture of one's own: a loss over a data table, and a scene that adds a beat to a clip.

    python render.py clip backward examples/my_lecture.py:loss --at w=0.5,b=0.2
    python render.py scene examples/my_lecture.py
    manim -ql examples/my_lecture.py MyLecture
"""

import numpy as np
from manim import Circle, Circumscribe

from chainreel.scenes.clips import Backward

hours = np.array([1.0, 2.0, 3.0, 4.0, 5.0])  # hours of practice …
score = np.array([1.6, 1.9, 3.2, 3.6, 5.1])  # … and what came of them


def loss(w=0.5, b=0.2):
    """How badly the line w·hours + b fits the table: the mean squared error."""
    guess = w * hours + b
    error = guess - score
    return np.mean(error**2)


class MyLecture(Backward):
    """The reverse sweep through my own loss, and one beat more."""

    function = loss
    at = "w=0.5,b=0.2"

    def construct(self):
        super().construct()
        slope = self.trace.quantity("adjoint", self.trace.inputs[0])
        with self.beat("The slope of w is {slope}: turn w up and the loss falls.", slope=slope, hold=2.0):
            self.play(Circumscribe(self.graph.nodes[0].dial, Circle, color=self.look.knob, run_time=2))
