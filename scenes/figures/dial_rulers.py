"""S2 to S14: two dials become the two rulers of a loss sheet. The numbers round a dial are laid out straight.

Invariants: the dials carry the names of the sheet's inputs; they stand where the sheet's start is.
"""

from __future__ import annotations

import math

import numpy as np
from manim import Animation, Dot, Mobject

from ..stage.errors import StageError
from .knob_panel import KnobPanel
from .loss_surface import LossSurface
from .morphs import FLIGHT, Match, become, ids


def dials_to_sheet(panel: KnobPanel, surface: LossSurface, run_time: float = FLIGHT) -> list[Animation]:
    """Each dial unrolls into the ruler of its name: its marks fly to their places along it. Then the flat map lies between
    them, ready to rise, and the sheet's own start shows where the dials stood.
    """
    if set(panel.names) != set(surface.names):
        raise StageError(f"the sheet lies over {' and '.join(surface.names)}; show the dials of these two, and no others")
    for name, value in zip(surface.names, surface.start, strict=True):
        if not np.isclose(panel.dials[name].value, value):
            raise StageError(f"{name} stands at another value on its dial than at the start of the sheet")
    before = ids(surface)
    surface.unroll()
    matches, near = [], []
    ticks = iter(surface.rulers)
    for k, name in enumerate(surface.names):
        dial = panel.dials[name]
        matches.append(Match(name, (panel.heads.get(name),), (surface.knob_names[k],)))
        for value in surface.view.ticks()[k]:
            at = surface.view.place(value, 0)[0] if k == 0 else surface.view.place(0, value)[1]
            box = surface.view.box
            if not (box[0], box[2])[k] + 0.25 <= at <= (box[1], box[3])[k] - 0.25:
                continue  # the sheet has no number there either
            angle = dial._angle(value)
            spot = Dot(dial.centre + 1.25 * dial.radius * np.array([math.cos(angle), math.sin(angle), 0.0]))
            near.append((next(ticks), spot))
    gone: list[tuple[Mobject, Mobject]] = []
    for k, name in enumerate(surface.names):
        middle = Dot(surface.knob_names[k].get_center())
        gone.append((panel.dials[name], middle))
        if name in panel.numbers:
            gone.append((panel.numbers[name], middle))
    return become(panel, surface, matches, before=before, old_near=gone, new_near=near, run_time=run_time)


__all__ = ["dials_to_sheet"]
__all__ = ["dials_to_sheet"]
