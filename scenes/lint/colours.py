"""Rules about colours: exact roles, a second code beside each, and distance for colour-blind viewers."""

from __future__ import annotations

import itertools
from collections import defaultdict
from functools import cached_property
from typing import Any

import numpy as np
from manim import Dot, VMobject

from ..stage.dial import Dial
from ..stage.meter import LossMeter
from ..stage.parts import Chip
from ..stage.ribbon import Ribbon
from ..stage.theme import Theme, mix
from ..stage.vision import ROLES, VISION, colour_distance, lab, too_near
from .sight import Moment, distance, extent

GREY = 14.0  # chroma below which a colour is no hue
ALIKE = 12.0  # ΔE from a mixture of a role with black, white or the ground


class RoleColour:
    """R10: text has the exact colour of its role; a shape has a role's colour or a mixture of it with the grounds."""

    def __init__(self, lint: Any):
        self.lint = lint
        self._known: dict[str, str | None] = {}

    @cached_property
    def look(self) -> Theme:
        """The theme of the scene."""
        theme: Theme = self.lint.stage.look
        return theme

    def settled(self, moment: Moment) -> None:
        """Every text and every outline at rest."""
        theme = self.look
        exact = {theme.role(r).upper() for r in (*ROLES, "ink", "muted", "ghost")} | {theme.tint(r).upper() for r in ROLES}
        exact |= {theme.on_slope.upper(), theme.ribbon.upper(), theme.tint("ink").upper(), theme.ground.upper(), "#FFFFFF"}
        for seen in moment.texts:
            for part in seen.mobject.family_members_with_points():
                colour = part.get_fill_color().to_hex().upper()
                if part.get_fill_opacity() > 0.9 and colour not in exact:
                    message = f"'{seen.says}' is written in {colour}, which is no colour of the theme {theme.name}"
                    self.lint.tell("role colour", message, seen.box, seen.says, moment)
                    break
        for shape in moment.shapes:
            for colour in colours_of(shape):
                stray = self._stray(colour)
                if stray:
                    message = f"a {type(shape).__name__} has {colour}, {stray}"
                    self.lint.tell("role colour", message, extent(shape), type(shape).__name__, moment, once=colour)
        self._own(moment)

    def _own(self, moment: Moment) -> None:
        """Dials are knobs, chips and ribbons are slopes, the meter's diamond is a loss."""
        theme = self.look
        for kind, pick, role in (
            (Dial, lambda m: m.notch.get_stroke_color(), "knob"),
            (Chip, lambda m: m.body.get_fill_color(), "slope"),
            (LossMeter, lambda m: m.diamond.get_fill_color(), "loss"),
            (Ribbon, lambda m: m.band.get_fill_color(), "slope"),
        ):
            for part in moment.of(kind):
                found = pick(part).to_hex().upper()
                if kind is Dial and part.colour == theme.muted and found == theme.muted.upper():
                    continue  # a frozen knob is grey until it thaws
                if found not in (theme.role(role).upper(), theme.tint(role).upper(), theme.ribbon.upper()):
                    message = f"a {kind.__name__} is {found}; its role {role} is {theme.role(role)}"
                    self.lint.tell("role colour", message, extent(part), kind.__name__, moment)

    def _stray(self, colour: str) -> str | None:
        if colour not in self._known:
            self._known[colour] = self._judge(colour)
        return self._known[colour]

    def _judge(self, colour: str) -> str | None:
        light, a, b = lab(colour)
        if np.hypot(a, b) < GREY:
            return None
        nearest = min(np.linalg.norm(self._family - np.array([light, a, b]), axis=1))
        return None if nearest <= ALIKE else "a hue that no role of the theme has"

    @cached_property
    def _family(self) -> np.ndarray:
        theme = self.look
        bases = [theme.role(r) for r in ROLES] + [theme.ribbon, theme.pool]
        grounds = [theme.ground, theme.slot, theme.panel, theme.ink, "#FFFFFF", "#000000"]
        mixtures = {mix(c, g, s) for c in bases for g in grounds for s in np.linspace(0, 0.95, 20)}
        mixtures |= {mix(c, d, s) for c, d in itertools.combinations(bases[:5], 2) for s in (0.0, 1.0)}
        return np.array([lab(c) for c in mixtures])


def colours_of(shape: VMobject) -> list[str]:
    """The colours that can be seen of an outline's own fill and stroke."""
    found = []
    if float(shape.get_fill_opacity()) > 0.5:
        found += [c.to_hex().upper() for c in shape.get_fill_colors()]
    if float(shape.get_stroke_opacity()) > 0.5 and shape.get_stroke_width() > 0:
        found += [c.to_hex().upper() for c in shape.get_stroke_colors()]
    return found


class SecondCode:
    """R11: marks of different roles differ in more than colour: in shape, size or stroke, or they are labelled."""

    def __init__(self, lint: Any):
        self.lint = lint

    def beat(self, moment: Moment) -> None:
        """At the end of each beat."""
        theme = moment.stage.look
        roles = {theme.role(r).upper(): r for r in ROLES}
        forms: dict[tuple[Any, ...], dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        for shape in moment.shapes:
            if hasattr(shape, "mark"):
                continue  # a letter of a formula
            filled = float(shape.get_fill_opacity()) > 0.5
            if not filled and not isinstance(shape, Dot):
                continue
            role = roles.get(shape.get_fill_color().to_hex().upper())
            box = extent(shape)
            if role is None or box is None or box[2] - box[0] > 0.6 or box[3] - box[1] > 0.6:
                continue
            form = (len(shape.points), round(box[2] - box[0], 2), round(box[3] - box[1], 2), shape.get_stroke_width() > 0)
            forms[form][role].append((shape, box))
        for by_role in forms.values():
            crowds = {role: marks for role, marks in by_role.items() if len(marks) >= 3}
            if len(crowds) < 2:
                continue
            bare = {
                role: [box for _, box in marks if all(distance(box, t.box) > 0.35 for t in moment.texts)]
                for role, marks in crowds.items()
            }
            if sum(len(b) >= 3 for b in bare.values()) >= 2:
                names = " and ".join(sorted(bare))
                kind = type(next(iter(by_role.values()))[0][0]).__name__
                message = f"marks of {names} differ in nothing but colour ({kind})"
                self.lint.tell("second code", message, next(iter(bare.values()))[0], kind, moment)


class ColourDistance:
    """R12: every pair of role colours is at least 25 ΔE apart for every kind of vision."""

    def __init__(self, lint: Any):
        self.lint = lint

    def finish(self, moment: Moment) -> None:
        """Once for the theme."""
        theme = moment.stage.look
        for one, other in itertools.combinations(ROLES, 2):
            for vision in VISION:
                apart = colour_distance(theme.role(one), theme.role(other), vision)
                self.lint.gauge("colour distance", apart, least=True)
        for problem in too_near(moment.stage.look):
            self.lint.tell("colour distance", problem, None, "", moment)
