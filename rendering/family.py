"""What a scene shows, as a flat list in the order of drawing: manim's rules, at a fraction of its cost."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from manim import Mobject
from manim.utils.family import extract_mobject_family_members

_depth = attrgetter("z_index")


def shown(mobjects: Iterable[Mobject], use_z_index: bool) -> list[Mobject]:
    """All members with points; one that occurs twice counts where it comes last; sorted by z_index if so wished."""
    tops = list(mobjects)
    if any(type(m).get_family is not Mobject.get_family for m in tops):
        return list(extract_mobject_family_members(tops, use_z_index, only_those_with_points=True))
    members: list[Mobject] = []
    for top in tops:
        if top.submobjects:
            _collect(top, members, [])
        elif len(top.points):
            members.append(top)
    members.reverse()
    members = list(dict.fromkeys(members))
    members.reverse()
    if use_z_index and len({m.z_index for m in members}) > 1:
        members.sort(key=_depth)
    return members


def _collect(mobject: Mobject, members: list[Mobject], above: list[Mobject]) -> None:
    if mobject in above:  # a group that holds itself
        return
    family: list[Mobject] = []
    above.append(mobject)
    if len(mobject.points):
        family.append(mobject)
    for part in mobject.submobjects:
        if part.submobjects:
            _collect(part, family, above)
        elif len(part.points):
            family.append(part)
    above.pop()
    members += family
