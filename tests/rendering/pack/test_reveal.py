"""The reveal.js deck in a real browser, and the presentation that manim-slides reads."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from chainreel.rendering.errors import RenderError
from chainreel.rendering.pack import library, manim_slides, reveal

from .little import lecture
from .looking import barriers, browser, needs_chromium  # noqa: F401

CURRENT = "Reveal.getCurrentSlide().querySelector('video')"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The little lecture's deck."""
    folder = tmp_path_factory.mktemp("deck")
    patch = pytest.MonkeyPatch()
    patch.setenv("CHAINREEL_CACHE", str(tmp_path_factory.mktemp("packages")))
    try:
        made = reveal.write(lecture(folder), folder)
    except RenderError as problem:
        pytest.skip(str(problem))
    finally:
        patch.undo()
    assert {path.name for path in made} >= {"reveal.html", "reveal.js", "reveal.css", "notes.js", "LICENSE"}
    return folder


@needs_chromium
def test_the_deck_plays_steps_and_asks_the_network_for_nothing(browser, folder):  # noqa: F811
    """Chapters lie side by side, beats below, but → goes through all of them; a beat plays when it is shown."""
    with browser.tab(folder / "reveal.html") as tab:
        tab.until("Reveal.isReady()")
        tab.until(f"{CURRENT}.currentTime > 0.2")
        assert tab.run("Reveal.getTotalSlides()") == 3
        tab.press("ArrowRight")
        tab.until(f"Reveal.getIndices().v === 1 && {CURRENT}.currentTime > 0.1")
        tab.press("ArrowRight")
        tab.until(f"Reveal.getIndices().h === 1 && {CURRENT}.dataset.beat === '03' && {CURRENT}.currentTime > 0.1")
        box = tab.run(f"(r => [r.width / r.height, r.height / innerHeight])({CURRENT}.getBoundingClientRect())")
        assert abs(box[0] - 16 / 9) < 0.02 and box[1] > 0.85
        assert "Words of beat 03" in tab.run("Reveal.getSlideNotes()")
        tab.press("c")
        tab.until(f"{CURRENT}.querySelector('track').track.cues?.length === 1")
        assert tab.run(f"{CURRENT}.querySelector('track').track.mode") == "showing"
        tab.until(f"{CURRENT}.ended")
        tab.press("p")
        tab.until(f"!{CURRENT}.paused")
        assert barriers(tab) == []
        assert tab.requests() == [] and tab.complaints() == []


@needs_chromium
def test_the_deck_stands_still_for_less_motion(browser, folder):  # noqa: F811
    """Posters until p is pressed."""
    with browser.tab(folder / "reveal.html", still=True) as tab:
        tab.until("Reveal.isReady()")
        time.sleep(0.6)
        assert tab.run(f"{CURRENT}.paused") and tab.run(f"{CURRENT}.poster").endswith("01.png")


def test_one_chapter_lies_side_by_side(tmp_path):
    """No slide hides below another where there is nothing to sort."""
    whole = lecture(tmp_path)
    flat = replace(whole, segments=tuple(replace(segment, chapter=None) for segment in whole.segments))
    assert reveal.page(flat).count("<section") == 3
    assert reveal.page(whole).count("<section") == 5


def test_a_library_that_is_not_the_release_is_refused(tmp_path, monkeypatch):
    """What runs in a lecture hall is what was looked at."""
    monkeypatch.setenv("CHAINREEL_CACHE", str(tmp_path))
    fake = tmp_path / "npm"
    fake.write_text("#!/bin/sh\necho no > reveal.js-6.0.2.tgz\n")
    fake.chmod(0o755)
    monkeypatch.setattr(library.shutil, "which", lambda name: str(fake))
    with pytest.raises(RenderError, match="its sum differs"):
        library.archive(*library.REVEAL)
    monkeypatch.setattr(library.shutil, "which", lambda name: None)
    with pytest.raises(RenderError, match="install npm, or put reveal.js-6.0.2.tgz into"):
        library.archive(*library.REVEAL)
    assert not list((tmp_path / "packages").glob("*"))


def frames(path: Path) -> list[np.ndarray]:
    """The pictures of a film."""
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="gray") for frame in film.decode(video=0)]


def test_a_beat_backwards_is_the_beat_backwards(tmp_path):
    """manim-slides plays it when the speaker goes back."""
    whole = lecture(tmp_path)
    files = manim_slides.write(whole, tmp_path)
    assert [path.name for path in files] == ["little.json", "01.mp4", "02.mp4", "03.mp4"]
    there, back = frames(tmp_path / "02.mp4"), frames(tmp_path / "videos/backwards/02.mp4")
    assert len(there) == len(back) == 12
    for one, other in zip(there, reversed(back), strict=True):
        assert np.abs(one.astype(int) - other).mean() < 2
    record = json.loads(files[0].read_text(encoding="utf-8"))
    assert [slide["file"] for slide in record["slides"]] == ["01.mp4", "02.mp4", "03.mp4"]
    assert record["resolution"] == [320, 180]


def test_manim_slides_takes_it(tmp_path):
    """The reader that it is made for."""
    program = shutil.which("manim-slides") or shutil.which("manim-slides", path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip("manim-slides is not installed")
    manim_slides.write(lecture(tmp_path), tmp_path)
    command = [program, "convert", "little", "deck.html"]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert answer.returncode == 0, answer.stderr
    assert (tmp_path / "deck.html").read_text(encoding="utf-8").count("<section") == 3
