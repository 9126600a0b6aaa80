"""The gallery: a page that opens at once, finds what is looked for, and plays with captions."""

from __future__ import annotations

import json

import pytest

from chainreel.rendering.cli import main
from chainreel.rendering.film import render
from chainreel.rendering.settings import Settings
from chainreel.rendering.shots import Shot

from .looking import barriers, browser, needs_chromium  # noqa: F401


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A site of two small films."""
    folder = tmp_path_factory.mktemp("site")
    patch = pytest.MonkeyPatch()
    patch.setenv("CHAINREEL_CACHE", str(tmp_path_factory.mktemp("cache")))
    asked = {"command": "clip secant", "clip": "secant"}
    for name, function in (("one", "x**2"), ("two", "sin(x)")):
        shot = Shot.clip("secant", {"function": function})
        render(shot, Settings(160, 90, 10), folder / f"{name}.mp4", title=f"secant: {function}", asked=asked, quiet=True)
    assert main(["gallery", "-o", str(folder / "out"), str(folder / "one.json"), str(folder / "two.mp4")]) == 0
    patch.undo()
    return folder / "out"


def test_the_site_holds_what_belongs_to_each_film(site):
    """Everything that a page links to is there."""
    names = {path.name for path in (site / "films").iterdir()}
    assert names == {f"{film}{end}" for film in ("one", "two") for end in (".mp4", ".json", ".vtt", ".txt", ".webp")}
    text = (site / "index.html").read_text(encoding="utf-8")
    assert text.count("<article") == 2 and "python render.py clip secant" in text
    assert not [path for path in site.parent.glob(".*")]


@needs_chromium
@pytest.mark.parametrize("dark", [True, False], ids=["dark", "light"])
@pytest.mark.parametrize("size", [(1280, 800), (360, 740)], ids=["wide", "phone"])
def test_it_opens_at_once_and_shuts_nobody_out(browser, site, size, dark):  # noqa: F811
    """In under a second from the disk, no video loaded, the network not asked, nothing for axe-core to say."""
    with browser.tab(site / "index.html", size, dark=dark) as tab:
        took = tab.run("(t => t.loadEventEnd - t.startTime)(performance.getEntriesByType('navigation')[0])")
        assert took < 1000
        assert tab.run("[...document.querySelectorAll('video')].every(v => v.readyState === 0 && v.poster.endsWith('.webp'))")
        tab.run("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        assert barriers(tab) == []
        assert tab.run("document.documentElement.scrollWidth <= innerWidth")
        assert tab.requests() == [] and tab.complaints() == []


@needs_chromium
def test_it_finds_and_plays_one_film_at_a_time(browser, site):  # noqa: F811
    """What is looked for stays, the rest goes; the captions come with the film."""
    with browser.tab(site / "index.html") as tab:
        shown = "[...document.querySelectorAll('article')].filter(a => !a.hidden).map(a => a.id).join()"
        assert tab.run("document.querySelector('#count').textContent") == "2 films"
        look = "(i => { i.value = %s; i.dispatchEvent(new Event('input')); })(document.querySelector('#search'))"
        tab.run(look % json.dumps("SIN(x) secant"))
        assert tab.run(shown) == "two" and tab.run("document.querySelector('#count').textContent") == "1 of 2"
        tab.run(look % json.dumps("whale"))
        assert tab.run(shown) == "" and not tab.run("document.querySelector('#none').hidden")
        tab.run(look % json.dumps(""))
        for name in ("one", "two"):
            tab.run(f"document.querySelector('#{name} .screen button').click()")
            tab.until(f"document.querySelector('#{name} video').currentTime > 0.1")
            tab.until(f"document.querySelector('#{name} track').track.cues?.length > 1")
        assert tab.run("document.querySelector('#one video').paused")
        assert tab.complaints() == []


@pytest.mark.parametrize(
    "words, says",
    [
        (["-o", "out", "bakward"], "there is no clip or film 'bakward'; did you mean 'backward'"),
        (["-o", "out", "none.json"], "there is no manifest none.json"),
        (["-o", "file", "backward"], "file is a file; -o names the folder of the site"),
        (["backward"], "the following arguments are required: -o/--output"),
        (["-o", "out", "backward", "--theme", "pink"], "there is no theme 'pink'"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(words, says, tmp_path, monkeypatch, capsys):
    """Before anything is drawn, and nothing is left behind."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    assert main(["gallery", *words]) == 2
    assert says in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.slow
def test_a_clip_is_drawn_by_its_name(tmp_path):
    """What the command promises without any file."""
    assert main(["gallery", "-o", str(tmp_path / "out"), "secant"]) == 0
    assert (tmp_path / "out/films/secant.mp4").stat().st_size > 10_000
    assert "python render.py clip secant" in (tmp_path / "out/index.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_clips_are_drawn_side_by_side(tmp_path, monkeypatch):
    """Each in a process of its own; they stand in the order in which they were named."""
    monkeypatch.setenv("CHAINREEL_CACHE", str(tmp_path / "cache"))
    assert main(["gallery", "-o", str(tmp_path / "out"), "secant", "knobs"]) == 0
    text = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert 0 < text.index('id="secant"') < text.index('id="knobs"')
    assert (tmp_path / "out" / "films" / "knobs.mp4").is_file()
