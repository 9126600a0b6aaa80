"""What a notebook shows, in a real browser: the film plays and its captions are there, with no network."""

from __future__ import annotations

from chainreel import show

from .little import film, picture
from .looking import browser, needs_chromium  # noqa: F401


@needs_chromium
def test_a_shown_film_plays_with_captions(browser, tmp_path):  # noqa: F811
    """Inside the page: the notebook may be opened where nothing else is."""
    film(tmp_path / "little.mp4", [picture(0, step) for step in range(12)])
    (tmp_path / "little.vtt").write_text("WEBVTT\n\n00:00.000 --> 00:01.200\nA square moves.\n", encoding="utf-8")
    (tmp_path / "page.html").write_text(f"<!doctype html><body>{show.video(tmp_path / 'little.mp4').html()}", encoding="utf-8")
    (tmp_path / "little.mp4").unlink()
    with browser.tab(tmp_path / "page.html") as tab:
        tab.run("document.querySelector('video').play()")
        tab.until("document.querySelector('video').currentTime > 0.3")
        tab.until("document.querySelector('video').textTracks[0].activeCues?.length == 1")
        assert tab.run("document.querySelector('video').textTracks[0].mode") == "showing"
        assert tab.run("document.querySelector('video').textTracks[0].activeCues[0].text") == "A square moves."
        assert not tab.requests() and not tab.complaints()
