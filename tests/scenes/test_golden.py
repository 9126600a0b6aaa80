"""Every figure still looks as it did when its frame was accepted: one small frame of each clip."""

import numpy as np
import pytest

from chainreel.scenes.clips.catalogue import CLIPS

from . import golden


@pytest.mark.slow
@pytest.mark.parametrize("clip", CLIPS)
def test_golden_frame(clip):
    """The poster differs from the golden frame in hardly a pixel."""
    assert golden.path_of(clip).exists(), f"look at it, then: python -m tests.scenes.golden accept {clip}"
    apart = golden.share(golden.golden(clip), golden.now(clip))
    assert apart <= golden.TOLERATED, f"{100 * apart:.1f} % differ: python -m tests.scenes.golden show {clip}"


def test_a_moved_mark_is_noticed_and_a_soft_edge_is_not():
    """A dot of 6 pixels in another place is more than is tolerated; a little noise is not."""
    one = np.zeros((180, 320, 3), np.uint8)
    one[80:92, 100:112] = 200
    moved = np.roll(one, 14, axis=1)
    noisy = (one + np.random.default_rng(0).integers(0, 12, one.shape)).astype(np.uint8)
    assert golden.share(one, moved) > golden.TOLERATED >= golden.share(one, noisy)
    assert golden.share(one, one[:90]) == 1.0
    assert golden.compared("no-such-clip", moved).size == (1920, 360)
