"""The stage: beats, the ledger, the words, and the lint that watches."""

from types import SimpleNamespace

import pytest
from manim import FadeIn, Square

from chainreel.engine import Function, Quantity
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.names import name
from chainreel.scenes.stage.number import Number
from chainreel.scenes.stage.speech import words
from chainreel.scenes.stage.stage import Stage

ONE = Quantity("trace", "value/0", 1.2345)


class TwoBeats(Stage):
    """Two beats with one number."""

    def construct(self):
        with self.beat("The value is {v}.", v=ONE):
            self.play(FadeIn(Number(ONE, self.look.ink)), run_time=1)
        self.chapter("second")
        with self.beat("Nothing moves here, but these words need time to be read.", hold=0.5):
            pass


def test_a_beat_lasts_as_long_as_its_words_and_its_animations(run):
    """Beats follow each other without gaps, and none is shorter than its reading time at 17 characters a second."""
    scene = run(TwoBeats)
    first, second = scene.beats
    assert first.start == 0 and first.end == pytest.approx(second.start) and second.end == pytest.approx(scene.now)
    assert second.end - second.start >= len(second.words) / 17
    assert (first.chapter, second.chapter) == (None, "second")
    assert first.words == "The value is 1.23."


def test_every_number_on_screen_enters_the_ledger(run):
    """Numbers in words and numbers on screen are entered with key, value, printed text and beat."""
    numbers = run(TwoBeats).ledger.numbers
    assert {(n.source, n.key, n.value, n.text, n.decimals) for n in numbers} == {("trace", "value/0", 1.2345, "1.23", 2)}
    assert numbers[0].beat == 0


def test_a_voice_decides_the_length(run):
    """A beat with a voice lasts at least as long as the voice speaks."""

    class Slow:
        def say(self, spoken, beat):
            return SimpleNamespace(duration=9.0, times=None)

    class Spoken(TwoBeats):
        voice = Slow()

    assert all(b.end - b.start >= 9 for b in run(Spoken).beats)


def test_pictures_meet_their_words(run):
    """at() waits for the word, not longer than it has to, and refuses one that is not said."""

    class Voice:
        def say(self, spoken, beat):
            return SimpleNamespace(duration=6.0, times=[(0, 0.1, 1), (4, 1.0, 2), (10, 2.5, 3.5), (16, 4.0, 5.0)])

    class Met(TwoBeats):
        voice = Voice()

        def construct(self):
            with self.beat("the slope meets steps here."):
                self.at("meets")
                self.play(FadeIn(Square()), run_time=1)
                self.at("slope")
                self.at("steps here")
                with pytest.raises(StageError, match="not said"):
                    self.at("loss")

    scene = run(Met)
    assert [m.word for m in scene.meetings] == ["meets", "slope", "steps here"]
    first, late, last = scene.meetings
    assert abs(first.said - 2.5) < 1e-6 and -0.1 < first.said - first.moved - 0.15 < 0.1
    assert late.moved > late.said and abs(last.said - last.moved - 0.15) < 0.1
    assert [word for word, _, _ in scene.beats[0].times] == ["the", "slope", "meets", "steps", "here."]


def test_words_are_split_into_shown_and_spoken():
    """Signs are shown, words are said; a number is said with its minus."""
    said = words("[∂f|partial f] by {x} is {v}", x=name("c_0"), v=Quantity("trace", "adjoint/0", -0.5))
    assert said.shown == "∂f by c₀ is −0.5"
    assert said.spoken == "partial f by c 0 is minus 0.5"
    assert words("{a} and {b}", {"b": 0}, a=Quantity("t", "a", 1.25), b=Quantity("t", "b", 98.6)).shown == "1.25 and 99"


@pytest.mark.parametrize(
    "bad, says",
    [("the slope ∂f", "voice can say"), ("there are 3 steps", "typed number"), ("{v}", "was not given")],
)
def test_words_that_cannot_be_trusted_are_refused(bad, says):
    """A sign that no voice can say, a typed number, and a missing quantity are errors."""
    with pytest.raises(StageError, match=says):
        words(bad)


def test_a_scene_of_a_user_runs_under_plain_manim(python, root):
    """`manim` itself renders the example scene, as the README says."""
    lecture = str(root / "examples/my_lecture.py")
    out = python("-m", "manim", "render", "-ql", "-s", "--dry_run", "-v", "ERROR", lecture, "MyLecture", cwd=root)
    assert out.returncode == 0, out.stderr


def test_function_references_work_in_a_class_attribute(run):
    """`function = loss` in a class body is the function, not a method."""
    from chainreel.scenes.clips import Forward

    def bowl(x, y):
        return x**2 + y**2

    class Mine(Forward):
        function = bowl
        at = "x=1,y=2"

    assert run(Mine).trace.value == 5
    assert isinstance(Function.of(bowl), Function)
