"""Rules about motion: pace, how many things move, direction, and that the motion is the algorithm's."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import config
from manim.utils.rate_functions import linear

from ..stage.dial import Dial
from ..stage.glow import Glow
from ..stage.meter import LossMeter
from ..stage.parts import Chip
from ..stage.pulse import RunPulse
from ..stage.ribbon import GrowRibbon, Ribbon
from .exceptions import excepted
from .sight import Moment, extent, opacity

QUICKEST = 0.3  # seconds for a fade, a light, a pulse
SYMBOL, LAYOUT = 0.6, 2.5  # seconds that a move from rest to rest may take (R23)
FAR = 0.5  # frame units from which on a change of place is a move
MOST_GROUPS, WHILE_SPEAKING = 4, 2
LAMP = 2.0  # frame units: a smaller light is part of what it shines from
DIM = 0.35, 0.45  # of its own opacity is what is not spoken about (R25)


def middle(box: Any) -> np.ndarray | None:
    """The centre of a box."""
    return None if box is None else np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])


class Pace:
    """R23: a move from rest to rest takes 0.6 to 2.5 s and is eased; nothing at all is quicker than 0.3 s."""

    def __init__(self, lint: Any):
        self.lint = lint

    def played(self, moment: Moment, play: Any) -> None:
        """Each play at its end."""
        if not play.moves:
            return
        if play.leaves:
            self.lint.gauge("quickest", play.duration, least=True)
        if play.duration < QUICKEST - 1.01 / config.frame_rate and play.leaves:
            names = ", ".join(dict.fromkeys(type(a).__name__ for a in play.leaves))
            message = f"{names} in {play.duration:.2f} s; nothing is quicker than {QUICKEST} s"
            self.lint.tell("pace", message, None, names, moment)
        for animation in play.leaves:
            if excepted("pace", animation):
                continue
            before, after = middle(play.boxes.get(id(animation))), middle(extent(animation.mobject))
            if before is None or after is None or np.hypot(*(after - before)) <= FAR or play.duration <= 0.2:
                continue
            name = type(animation.mobject).__name__
            if animation.rate_func is linear:
                message = f"a {name} moves at constant speed from rest to rest; ease it in and out"
                self.lint.tell("pace", message, extent(animation.mobject), name, moment)
            self._long_enough(animation, name, moment)

    def _long_enough(self, animation: Any, name: str, moment: Moment) -> None:
        seconds = float(animation.run_time)
        self.lint.gauge("quickest move", seconds, least=True)
        if not SYMBOL - 1.01 / config.frame_rate <= seconds <= LAYOUT + 1.01 / config.frame_rate:
            message = f"a {name} moves in {seconds:.2f} s; {SYMBOL} to {LAYOUT} s can be followed"
            self.lint.tell("pace", message, extent(animation.mobject), name, moment, once=f"{name} {moment.beat}")


class MovingGroups:
    """R22: of the verbs that are played side by side, two change places while somebody speaks (or is read): the one that is
    spoken about, and one other. In silence four do (R4).
    """

    def __init__(self, lint: Any):
        self.lint = lint

    def played(self, moment: Moment, play: Any) -> None:
        """Moves of the same distance in the same direction are one group."""
        from .watch import leaves

        if not play.moves:
            return
        groups: set[tuple[float, float]] = set()
        for top in play.animations:
            moves = []
            for animation in leaves([top]):
                before, after = middle(play.boxes.get(id(animation))), middle(extent(animation.mobject))
                removes = animation.is_remover() or animation.is_introducer()
                if before is not None and after is not None and not removes and np.hypot(*(after - before)) > 0.4:
                    moves.append(after - before)
            if moves:
                mean = np.mean(moves, axis=0)
                groups.add((round(float(mean[0]), 1), round(float(mean[1]), 1)))
        self.lint.gauge("groups", len(groups))
        most = WHILE_SPEAKING if self._speaking(moment, play) else MOST_GROUPS
        if len(groups) > most:
            message = f"{len(groups)} groups move at once; {most} is the most that can be followed"
            self.lint.tell("moving groups", message, None, "", moment, once=f"beat {moment.beat}")


    @staticmethod
    def _speaking(moment: Moment, play: Any) -> bool:
        beats = moment.stage.beats
        return bool(beats and beats[-1].times) and play.start < beats[-1].times[-1].end - 0.2


class Focus:
    """R25: one lamp is lit at a time, and what is not spoken about is dimmed to 35 to 45 %."""

    def __init__(self, lint: Any):
        self.lint = lint

    def settled(self, moment: Moment) -> None:
        """Warm pools that are really seen (the light of the "?" badge is its own), and what is dimmed."""
        self._dimmed(moment)
        if moment.question:
            return
        pool = moment.stage.look.pool.upper()
        strong = max(moment.stage.look.pool_strength, 0.02)
        lit = [g for g in moment.of(Glow) if g.get_fill_color().to_hex().upper() == pool]
        lit += [g for g in moment._all if isinstance(g, Glow) and g not in lit and opacity(g) > 0.6 * strong
                and g.get_fill_color().to_hex().upper() == pool]  # fmt: skip
        places: list[np.ndarray] = []
        for glow in lit:
            centre = middle(extent(glow))
            wide = extent(glow)
            if centre is None or wide is None or wide[2] - wide[0] < LAMP:
                continue
            if all(np.hypot(*(centre - p)) > 1.5 for p in places):
                places.append(centre)
        self.lint.gauge("lamps", len(places))
        if len(places) > 1:
            message = f"{len(places)} things are lit at once; the eye follows one"
            self.lint.tell("focus", message, None, "", moment, once=f"beat {moment.beat}")

    def _dimmed(self, moment: Moment) -> None:
        for seen in moment.texts:
            if seen.opacity > DIM[1] and seen.opacity < 0.95 and not excepted("focus", seen):
                message = f"'{seen.says}' is dimmed to {seen.opacity:.0%}; 35 to 45 % is neither lit nor gone"
                self.lint.tell("focus", message, seen.box, seen.says, moment)
        for part in moment._all:
            share = getattr(part, "dimmed", 1.0)
            if 0.02 < share < DIM[0] or DIM[1] < share < 0.98:
                name = type(part).__name__
                message = f"a {name} is dimmed to {share:.0%}; 35 to 45 % is neither lit nor gone"
                self.lint.tell("focus", message, extent(part), name, moment, once=name)


class Direction:
    """R27: values run right, blame runs left; dials stand left of the loss meter."""

    def __init__(self, lint: Any):
        self.lint = lint

    def played(self, moment: Moment, play: Any) -> None:
        """Pulses and ribbons by their wires."""
        for animation in play.leaves:
            wire = None
            if isinstance(animation, RunPulse):
                wire = getattr(animation.mobject, "wire", None)
            elif isinstance(animation, GrowRibbon):
                wire = animation.ribbon.wire
            if wire is not None and wire.at(1.0)[0] < wire.at(0.0)[0] - 0.3:
                what = "a value runs from right to left" if isinstance(animation, RunPulse) else "blame runs from left to right"
                self.lint.tell("direction", what, extent(animation.mobject), type(animation).__name__, moment)

    def beat(self, moment: Moment) -> None:
        """Where dials and meters stand, on a wide frame."""
        if config.frame_width < 1.4 * config.frame_height:
            return
        dials = [middle(extent(d)) for d in moment.of(Dial)]
        meters = [middle(extent(m)) for m in moment.of(LossMeter)]
        known = [d[0] for d in dials if d is not None], [m[0] for m in meters if m is not None]
        if known[0] and known[1] and min(known[1]) < max(known[0]) - 0.5:
            self.lint.tell("direction", "a dial stands right of the loss; knobs are on the left", None, "Dial", moment)


class Algorithm:
    """R28: plain descent hops and momentum glides; chips move along wires."""

    LOOKS = {"plain": "hops", "momentum": "glide"}

    def __init__(self, lint: Any):
        self.lint = lint
        self._paths: dict[int, list[np.ndarray]] = {}

    def beat(self, moment: Moment) -> None:
        """Trails by the names of their optimizers."""
        for figure in moment._all:
            trails = getattr(figure, "trails", None)
            if not isinstance(trails, dict):
                continue
            for name, trail in trails.items():
                wanted = self.LOOKS.get(str(name).partition(":")[0])
                style = getattr(trail, "style", wanted)
                if wanted is not None and style != wanted:
                    self.lint.tell("algorithm", f"{name} is drawn as {style}; it is {wanted}", extent(trail), str(name), moment)

    def moving(self, moment: Moment, play: Any) -> None:
        """Where chips are in flight."""
        for chip in moment.of(Chip):
            place = middle(extent(chip))
            if place is not None:
                self._paths.setdefault(id(chip), []).append(place)

    def played(self, moment: Moment, play: Any) -> None:
        """A chip that travelled must have been near a wire on the way."""
        paths, self._paths = self._paths, {}
        if not paths:
            return
        ribbons = moment.of(Ribbon) + [a.ribbon for a in play.leaves if isinstance(a, GrowRibbon)]
        wires = [r.wire.xy for r in ribbons]
        if not wires:
            return
        there = np.concatenate(wires)
        riding = {id(a.chip) for a in play.leaves if isinstance(a, GrowRibbon) and a.chip is not None}
        for key, path in paths.items():
            length = float(np.hypot(*(path[-1] - path[0])))
            if key in riding or length < 1.0:
                continue
            off = [p for p in path[:-1] if np.hypot(*(there - p).T).min() > 1.0]
            if len(off) >= 2:
                self.lint.tell("algorithm", "a chip leaves the wires while it moves", None, "Chip", moment)
