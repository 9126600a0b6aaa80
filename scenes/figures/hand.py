"""S2: a hand at a dial – the machine is yours: how would you turn it? Drawn by our own code, in greys.

Invariant: the fingertip is on the rim of the dial, where its dot is, and follows it when the dial turns.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from manim import UP, Animation, AnimationGroup, FadeIn, FadeOut, RoundedRectangle, VGroup
from manim.utils.rate_functions import smooth

from ..stage.dial import Dial
from ..stage.theme import Theme, mix
from .figure import Figure

LEAN = math.radians(-24)  # of the hand, so that it comes from below on the right
SIZE = 2.3  # length of a pointing hand, in radii of its dial
TOUCH = 1.06  # radii: the track of the dial


class Hand(Figure):
    """A pointing hand whose fingertip lies on `dial`. Verbs: `reach` (it comes), `turn(value)`, `seek` (here and there: which
    way?), `leave`.

    `tell` hears each value while the hand turns: other pictures of the same knob follow by it.
    """

    def __init__(self, theme: Theme, dial: Dial, tell: Callable[[float], None] | None = None):
        super().__init__(theme)
        self.dial, self.tell = dial, tell
        self.shape_ = _hand(theme, SIZE * dial.radius).rotate(LEAN, about_point=np.zeros(3))
        self.follow()

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return "A hand reaches for a dial."

    @property
    def tip(self) -> np.ndarray:
        """Where the fingertip is, shape (3,)."""
        finger = self.shape_[-1]
        top = finger.get_center() + finger.up * (finger.long / 2 - finger.round)
        return np.asarray(top)

    def spot(self, value: float) -> np.ndarray:
        """The place on the dial's rim for a value."""
        a, r = self.dial._angle(value), TOUCH * self.dial.radius
        return self.dial.centre + np.array([r * math.cos(a), r * math.sin(a), 0.0])

    def follow(self) -> Hand:
        """The fingertip is where the dial's dot is."""
        self.shape_.shift(self.spot(self.dial.value) - self.tip)
        return self

    # Verbs ----------------------------------------------------------------------------------------------------------

    def reach(self, run_time: float = 0.9) -> FadeIn:
        """It comes from below."""
        self.follow()
        return FadeIn(self.keep(self.shape_, 12), shift=0.7 * UP, run_time=run_time)

    def turn(self, value: float, run_time: float = 1.0) -> Move:
        """The hand turns the dial to a value."""
        return Move(self, [self.dial.value, value], run_time)

    def seek(self, by: float, run_time: float = 2.4) -> Move:
        """A little up, a little down, and back: as somebody does who does not know which way."""
        v = self.dial.value
        return Move(self, [v, v + by, v - by, v], run_time)

    def leave(self, run_time: float = 0.7) -> AnimationGroup:
        """It goes."""
        self.drop(self.shape_)
        return AnimationGroup(FadeOut(self.shape_, shift=-0.5 * UP), run_time=run_time)


class Move(Animation):
    """Hand and dial turn together through some values."""

    def __init__(self, hand: Hand, values: list[float], run_time: float, **kwargs: Any):
        self.hand, self.values = hand, values
        super().__init__(VGroup(hand.dial, hand.shape_), run_time=run_time, rate_func=smooth, **kwargs)

    def create_starting_mobject(self) -> Any:
        """No copy: the dial itself is turned."""
        return self.mobject

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0)) * (len(self.values) - 1)
        k = min(int(share), len(self.values) - 2)
        a, b = self.values[k], self.values[k + 1]
        part = share - k
        eased = part if len(self.values) == 2 else part * part * (3 - 2 * part)
        value = self.values[-1] if alpha >= 1 else a + (b - a) * eased
        self.hand.dial.turn_to(value)
        if self.hand.tell is not None:
            self.hand.tell(value)
        self.hand.follow()


class Finger(RoundedRectangle):
    """A round bar; it knows which way is up, however it is turned."""

    def __init__(self, wide: float, long: float, **kwargs: Any):
        super().__init__(corner_radius=0.499 * min(wide, long), width=wide, height=long, **kwargs)
        self.long, self.round, self.up = long, wide / 2, np.array([0.0, 1.0, 0.0])

    def rotate(self, angle: float, *args: Any, **kwargs: Any) -> Finger:
        """As every mobject, remembering the direction."""
        super().rotate(angle, *args, **kwargs)
        c, s = math.cos(angle), math.sin(angle)
        self.up = np.array([c * self.up[0] - s * self.up[1], s * self.up[0] + c * self.up[1], 0.0])
        return self


def _hand(theme: Theme, size: float) -> VGroup:
    """A pointing hand, `size` long from the fingertip at the top to the cuff: cuff, palm, thumb, three bent fingers, finger."""
    skin = mix(theme.ink, theme.ground, 0.12) if theme.dark else "#FFFFFF"
    edge = mix(theme.ground, theme.ink, 0.12) if theme.dark else theme.ink
    u = size / 10

    def bar(wide: float, long: float, x: float, y: float, turned: float = 0.0) -> Finger:
        part = Finger(wide * u, long * u).set_fill(skin, 1).set_stroke(edge, 2.4)
        return part.rotate(math.radians(turned)).move_to([x * u, y * u, 0])

    palm = RoundedRectangle(corner_radius=1.0 * u, width=4.3 * u, height=3.7 * u).set_fill(skin, 1).set_stroke(edge, 2.4)
    palm.move_to([1.35 * u, -6.4 * u, 0])
    cuff = RoundedRectangle(corner_radius=0.35 * u, width=3.9 * u, height=1.5 * u).set_stroke(edge, 2.4)
    cuff.set_fill(mix(theme.panel_top, theme.ink, 0.18) if theme.dark else theme.panel_top, 1).move_to([1.35 * u, -8.6 * u, 0])
    thumb = bar(1.15, 3.3, -1.05, -5.7, 34)
    bent = [bar(1.25, 2.3, 1.2 + 1.13 * k, -4.9 - 0.22 * k) for k in range(3)]
    joint = RoundedRectangle(corner_radius=0.6 * u, width=3.6 * u, height=2.3 * u).set_fill(skin, 1).set_stroke(width=0)
    joint.move_to([1.35 * u, -6.3 * u, 0])  # hides the rims where fingers grow out of the palm
    finger = bar(1.25, 5.6, 0.0, -2.6)
    return VGroup(cuff, thumb, palm, *bent, joint, finger)


__all__ = ["Hand"]
