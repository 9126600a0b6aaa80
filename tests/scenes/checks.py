"""What holds for every clip, whatever it shows."""

from __future__ import annotations

from typing import Any

from chainreel.scenes.stage.rounding import shown


def check(scene: Any) -> None:
    """Lint is clean, every number has its source, there is a poster and an alt text."""
    assert scene.lint.findings == [], "\n".join(f"{f.time:6.1f} s, {f.rule}: {f.message}" for f in scene.lint.findings)
    assert scene.beats and scene.ledger.numbers and scene.alt
    assert scene.poster_time is not None and 0 <= scene.poster_time <= scene.now
    for number in scene.ledger.numbers:
        assert number.source in scene.ledger.sources, f"{number.source} is not described"
        assert number.text == shown(number.value, number.decimals, auto=False)
