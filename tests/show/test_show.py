"""Films from calls in Python: what a call says becomes a clip's parameters, the result is HTML that needs nothing else."""

from __future__ import annotations

import inspect

import pytest

from chainreel import show
from chainreel.scenes.clips.catalogue import CLIPS
from chainreel.show import shown
from chainreel.show.making import _parameters

SMALL = {"size": "160x90", "fps": 4}


@pytest.fixture(autouse=True)
def cache_folder(tmp_path_factory, monkeypatch):
    """Away from the user's cache."""
    monkeypatch.setenv("CHAINREEL_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.mark.parametrize("name", CLIPS)
def test_every_clip_is_there_by_name_and_tells_what_it_takes(name):
    """Tab completion and help are how a notebook is read."""
    attribute = name.replace("-", "_")
    assert attribute in dir(show)
    call = getattr(show, attribute)
    taken = inspect.signature(call).parameters
    for parameter in CLIPS[name].parameters:
        assert parameter.name in taken
        assert parameter.name == "function" or parameter.help in call.__doc__


def test_numbers_by_other_names_are_the_point():
    """x=1.5 in a notebook is --at x=1.5 on the command line, or --start where a clip has no point."""
    assert _parameters(CLIPS["backward"], "x*y", {"x": 1.5, "y": 2})["at"] == {"x": 1.5, "y": 2.0}
    assert _parameters(CLIPS["descent"], "x*y", {"x": 1, "steps": 3}) == {"function": "x*y", "steps": 3, "start": {"x": 1.0}}
    assert _parameters(CLIPS["explain"], "x*y", {"x": 1, "start": {"x": 0}})["at"] == {"x": 1.0}


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: show.backward("x*y", x="a"), "x='a' is neither a number nor a parameter"),
        (lambda: show.network(x=1), "does not take x"),
        (lambda: show.cards("x**2"), "takes no function"),
        (lambda: show.backward("  "), "the function is empty"),
        (lambda: show.backward("x*y", x=1, y=1, fps="a"), "fps is 'a', not a whole number"),
        (lambda: show.backward("x*y", x=1, y=1, quality="z"), "there is no quality 'z'"),
        (lambda: show.backward("x*y", x=1, y=1, size=(101, 90)), "is odd"),
        (lambda: show.backward("x*y", x=1, y=1, output="a.gif"), "a notebook shows MP4"),
        (lambda: show.backward("x*y", x=1, y=1, embed=False), "say where it is to stay"),
        (lambda: show.backward("x*", x=1, **SMALL), "Something is missing here"),
        (lambda: show.scene(int), "takes the class of a scene"),
        (lambda: show.film("nothing"), "nothing"),
        (lambda: show.film("who-is-to-blame", sise=3), "did you mean 'size'"),
        (lambda: show.video("nowhere.mp4"), "there is no file nowhere.mp4"),
    ],
)
def test_a_mistake_is_one_sentence(call, words, tmp_path, monkeypatch):
    """No mistake of a user's may show the inside of chainreel."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(show.Refusal) as refused:
        call()
    assert words in str(refused.value)
    assert refused.value._render_traceback_() == [f"chainreel: {refused.value}"]
    assert not list(tmp_path.iterdir())


def test_an_unknown_clip_has_a_hint():
    """Protects against a bare AttributeError for a slip of the finger."""
    with pytest.raises(AttributeError, match="did you mean 'backward'"):
        show.bakward  # noqa: B018


def test_a_function_object_becomes_a_film_that_can_be_saved_and_shown_again(tmp_path, monkeypatch):
    """The whole way: function, film, HTML, files that stay."""

    def loss(x, y=-0.5):
        return x * y + x**2

    film = show.forward(loss, x=1.5, **SMALL)
    assert film.manifest["asked"]["at"] == {"x": 1.5, "y": -0.5} or film.manifest["asked"]["at"] == {"x": 1.5}
    assert "1.5" in [text for _, _, text in film.numbers]
    html = film.html()
    assert html.count("data:video/mp4;base64,") == 1 and 'kind="captions"' in html and "poster=" in html
    kept = film.save(tmp_path / "lesson")
    assert {path.name for path in tmp_path.iterdir()} >= {"lesson.mp4", "lesson.json", "lesson.vtt", "lesson.png"}
    with pytest.raises(show.Refusal, match="this film is no gif"):
        film.save(tmp_path / "lesson.gif")
    again = show.video(kept, embed=False)
    assert "data:video" not in again.html() and "lesson.mp4" in again.html()
    monkeypatch.setattr(shown, "LARGE", 10)
    assert "too much for a notebook" in film.html() and "data:video" not in film.html()
    folder = film.video.parent
    del film
    assert not folder.exists(), "a film that nobody holds leaves nothing behind"


def test_another_function_under_the_same_name_is_another_film():
    """A notebook's cell is run again and again with a changed function: the cache must not mix them up."""

    def make(factor):
        def f(x):
            return x * factor

        return f

    films = [show.forward(make(factor), x=2.0, **SMALL) for factor in (3.0, 5.0)]
    shown = [{text for _, _, text in film.numbers} for film in films]
    assert "6" in shown[0] - shown[1] and "10" in shown[1] - shown[0]
    assert films[0].video.read_bytes() != films[1].video.read_bytes()
