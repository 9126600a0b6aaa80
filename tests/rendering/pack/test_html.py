"""The lecture page in a real browser: it plays, steps, shows words and values, prints, and asks the network for nothing."""

from __future__ import annotations

import io
import time

import pytest
from PIL import Image

from chainreel.rendering.pack import html

from .little import lecture
from .looking import barriers, browser, needs_chromium  # noqa: F401

pytestmark = needs_chromium
VIDEO = "document.querySelector('video:not(.off)')"
CUE = "document.querySelector('#cue').textContent"
CURRENT = "document.querySelector('nav [aria-current]').textContent"
KINDS = {"inside": "little.html", "beside": "index.html"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The little lecture's pages."""
    folder = tmp_path_factory.mktemp("lecture")
    assert [path.name for path in html.write(lecture(folder), folder)] == ["index.html", "little.html"]
    return folder


def address(folder, kind="inside", fragment=""):
    """Of one of the two pages."""
    return (folder / KINDS[kind]).as_uri() + (f"#{fragment}" if fragment else "")


@pytest.mark.parametrize("kind", KINDS)
def test_it_plays_steps_and_shows_captions_without_the_network(browser, folder, kind):  # noqa: F811
    """The whole reason of the page: a lecture hall without a network."""
    with browser.tab(address(folder, kind)) as tab:
        assert tab.run("document.querySelectorAll('nav button').length") == 3
        assert tab.run(f"{VIDEO}.paused")
        tab.press(" ")
        tab.until(f"{VIDEO}.currentTime > 0.3")
        assert tab.run(CUE) == "Words of beat 01,\na < b & c."
        tab.until(f"{VIDEO}.ended")
        time.sleep(0.3)
        assert "Guess & <measure>" in tab.run(CURRENT)  # it stops after a beat
        tab.press("ArrowRight")
        tab.until(f"{VIDEO}.currentTime > 0.2 && {VIDEO}.beat === 1")
        assert tab.run("location.hash") == "#beat=2"
        assert tab.run("document.querySelector('#values table').rows.length") == 3
        assert "loss" in tab.run("document.querySelector('#values').textContent")
        assert "Beat 2 of 3" in tab.run("document.querySelector('#live').textContent")
        tab.until(f"{VIDEO}.ended && !document.querySelector('#ask').hidden")
        tab.press("ArrowRight")
        tab.until(f"{VIDEO}.beat === 2 && {VIDEO}.currentTime > 0.1")
        assert tab.run("document.querySelector('#chapter').textContent") == "Two"
        tab.press("ArrowLeft")
        tab.until(f"{VIDEO}.beat === 1")
        tab.press("c")
        assert tab.run("getComputedStyle(document.querySelector('#cue')).display") == "none"
        tab.press("n")
        assert tab.run("document.querySelector('#notes').hidden && document.querySelector('#values').hidden")
        tab.press("f")
        tab.until("document.fullscreenElement !== null")
        assert tab.requests() == []
        assert tab.complaints() == []


def test_it_plays_on_where_that_is_wanted_but_waits_for_a_guess(browser, folder):  # noqa: F811
    """A film is watched alone too; a question still needs time."""
    with browser.tab(address(folder)) as tab:
        tab.press("s")
        tab.press(" ")
        tab.until(f"{VIDEO}.beat === 1 && {VIDEO}.ended")
        time.sleep(0.3)
        assert tab.run(f"{VIDEO}.beat") == 1
        tab.run("localStorage.clear()")


def test_the_fragment_chooses_the_beat(browser, folder):  # noqa: F811
    """So that a page or a mail can point at a moment."""
    with browser.tab(address(folder, fragment="beat=3")) as tab:
        assert "Blame" in tab.run(CURRENT)
        tab.run("location.hash = 'beat=2'")
        tab.until(f"{VIDEO}.beat === 1")
        assert tab.complaints() == []
    for odd in ("beat=99", "beat=-1", "beat=x"):
        with browser.tab(address(folder, fragment=odd)) as tab:
            assert tab.run("document.querySelectorAll('nav [aria-current]').length") == 1


def test_it_seeks_over_the_whole_film(browser, folder):  # noqa: F811
    """One line for all beats."""
    with browser.tab(address(folder)) as tab:
        tab.run("{const l = document.querySelector('#line'); l.value = 3.0; l.dispatchEvent(new Event('input')); 0}")
        tab.until(f"{VIDEO}.beat === 2 && Math.abs({VIDEO}.currentTime - 0.6) < 0.15")
        assert tab.run("document.querySelector('#line').getAttribute('aria-valuetext')") == "Beat 3, 0:03 of 0:03"


def test_less_motion_means_posters(browser, folder):  # noqa: F811
    """Nothing moves that was not started by hand."""
    with browser.tab(address(folder, fragment="beat=1&play"), still=True) as tab:
        tab.press("ArrowRight")
        tab.until("(s => s.src.startsWith('data:image/webp') && s.complete)(document.querySelector('#still'))")
        time.sleep(0.4)
        assert tab.run(f"{VIDEO}.paused") and not tab.run("document.querySelector('#still').hidden")
        assert "Which way?" in tab.run(CURRENT)
        tab.run("document.querySelector('#big').click()")
        tab.until(f"{VIDEO}.currentTime > 0.1")
        assert tab.run("document.querySelector('#still').hidden")


@pytest.mark.parametrize("dark", [True, False], ids=["dark", "light"])
@pytest.mark.parametrize("where", ["wide", "phone", "framed", "keys"])
def test_nobody_is_shut_out(browser, folder, where, dark):  # noqa: F811
    """axe-core finds nothing to say, in both themes; and no page scrolls sideways."""
    size = {"phone": (360, 740), "framed": (560, 315)}.get(where, (1280, 800))
    fragment = "beat=2" + ("&frame" if where == "framed" else "")
    with browser.tab(address(folder, fragment=fragment), size, dark=dark, phone=where == "phone") as tab:
        if where == "keys":
            tab.press("?")
        assert barriers(tab) == []
        assert tab.run("document.documentElement.scrollWidth <= innerWidth")
        assert tab.run("getComputedStyle(document.documentElement).getPropertyValue('--dark').trim()") == str(int(dark))


def test_the_page_can_be_lighter_than_the_system(browser, folder):  # noqa: F811
    """A bright room has nothing to do with the speaker's settings."""
    with browser.tab(address(folder), dark=True) as tab:
        before = tab.run("getComputedStyle(document.documentElement).backgroundColor")
        tab.press("t")
        assert tab.run("getComputedStyle(document.documentElement).backgroundColor") != before
        tab.run("localStorage.clear()")


def test_it_prints_every_beat(browser, folder):  # noqa: F811
    """Pictures, words and values on paper; no player."""
    with browser.tab(address(folder)) as tab:
        assert tab.pdf().startswith(b"%PDF")
        tab.send("Emulation.setEmulatedMedia", media="print")
        seen = tab.run("[...document.querySelectorAll('#pages article img')].filter(i => i.offsetHeight).length")
        assert seen == 3
        assert tab.run("document.querySelector('main').offsetHeight") == 0
        assert tab.run("document.querySelectorAll('#pages table').length") == 2


def test_without_javascript_it_is_a_transcript(browser, folder):  # noqa: F811
    """Some learning platforms strip scripts."""
    with browser.tab(address(folder), javascript=False) as tab:
        picture = Image.open(io.BytesIO(tab.picture(folder / "shot.png", whole=True).read_bytes()))
        assert picture.height > 900  # three articles one under the other, not an empty player


def test_it_plays_in_a_frame_of_another_page(browser, folder):  # noqa: F811
    """How it stands in a course page."""
    (folder / "course.html").write_text(
        '<!DOCTYPE html><title>c</title>'
        '<iframe src="little.html#beat=3&play" width="640" height="400" allow="autoplay; fullscreen"></iframe>',
        encoding="utf-8",
    )  # fmt: skip
    with browser.tab(folder / "course.html", dark=False) as tab:
        time.sleep(1.5)
        picture = Image.open(tab.picture(folder / "course.png")).convert("RGB")
        colours = {colour for _, colour in picture.getcolors(1 << 20)}
        assert any(r > 200 and 50 < g < 110 and b < 90 for r, g, b in colours)  # the red square of the third beat
        assert tab.requests() == [] and tab.complaints() == []


def test_a_click_starts_it_where_the_lecture_says_so(browser, folder):  # noqa: F811
    """`pack --start click`."""
    from dataclasses import replace

    (folder / "click.html").write_text(html.page(replace(lecture(folder), start="click"), inside=False), encoding="utf-8")
    with browser.tab(folder / "click.html") as tab:
        tab.press("ArrowRight")
        time.sleep(0.5)
        assert "Which way?" in tab.run(CURRENT) and tab.run(f"{VIDEO}.paused")
        tab.press(" ")
        tab.until(f"{VIDEO}.currentTime > 0.1 && {VIDEO}.beat === 1")
