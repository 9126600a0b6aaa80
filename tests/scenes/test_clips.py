"""Every clip with functions of every kind: it runs, lint is clean, every number has its source, the words are true."""

import pytest

from chainreel.engine import EngineError
from chainreel.scenes.clips import clip_class
from chainreel.scenes.stage.errors import StageError

from .checks import check
from .functions import TWENTY


@pytest.mark.slow
@pytest.mark.parametrize("name", TWENTY)
@pytest.mark.parametrize("clip", ["forward", "backward"])
def test_graph_clips(run, clip, name):
    """The two graph clips on every function."""
    text, at = TWENTY[name]
    check(run(clip_class(clip), function=text, at=at))


@pytest.mark.slow
@pytest.mark.parametrize("name", TWENTY)
def test_explain(run, name):
    """The whole film of every function."""
    text, at = TWENTY[name]
    check(run(clip_class("explain"), function=text, at=at))


@pytest.mark.slow
@pytest.mark.parametrize("name", TWENTY)
@pytest.mark.parametrize("clip", ["secant", "slice", "descent"])
def test_landscape_clips(run, clip, name):
    """Secant, slice and descent on every function that they can show; a map of one input is refused in a sentence."""
    text, at = TWENTY[name]
    point = {"at": at} if clip == "secant" else {"start": at}
    if clip == "descent" and len(at) < 2:
        with pytest.raises(StageError, match="clip slice"):
            run(clip_class(clip), function=text, **point)
        return
    check(run(clip_class(clip), function=text, **point))


@pytest.mark.parametrize("clip", ["forward", "backward", "explain", "secant", "slice", "descent"])
def test_defaults_teach_already(run, clip):
    """Every clip runs with nothing but its name, on paper too."""
    check(run(clip_class(clip), theme="paper"))


def test_backward_says_what_a_stack_is_before_values_run(run):
    """Steps are folded into a stack of boxes: inputs and graph have beats of their own, so that two kinds come at once (R4)."""
    at = {"a": -7.25e40, "b": 7.25e12, "c": -1e120, "rate": -1.5e-111}
    scene = run(clip_class("backward"), function="u = a*b; u*u*u - rate*u*c", at=at)
    check(scene)
    assert [beat.title for beat in scene.beats[:3]] == ["the inputs", "the graph", "the values"]
    assert "stack of boxes" in scene.beats[1].words and "values" in scene.beats[2].words


def test_a_corner_is_refused_with_the_convention():
    """|x| at 0 has no derivative; the sentence says so, and which value the engine would use."""
    with pytest.raises(EngineError, match="0"):
        clip_class("backward").configured(function="abs(x)", at={"x": 0})(skip_animations=True).render()


def test_the_first_second_is_not_empty(run):
    """Something is on screen within a second: the first animation starts at once."""
    scene = clip_class("forward")(skip_animations=True)
    seen = []
    scene.watchers.append(lambda s: seen.append((s.now, len(s.mobjects))))
    scene.render()
    assert next(now for now, count in seen if count) <= 2.5


def test_configured_twice_keeps_both():
    """Parameters that were given once stay when others are given."""
    cls = clip_class("backward").configured(function="x*y").configured(at="x=1,y=2")
    assert (cls.function, cls.at) == ("x*y", {"x": 1.0, "y": 2.0})
