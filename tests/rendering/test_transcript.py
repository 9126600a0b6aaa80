"""The transcript says what the film says, and names the values that it shows."""

from chainreel.rendering.settings import Settings
from chainreel.rendering.shots import Shot
from chainreel.rendering.stills import rehearsed
from chainreel.rendering.transcript import transcript


def test_the_transcript_of_a_clip():
    """Every beat's words stand in it in order, with times that do not go back; the alt text opens it."""

    score = rehearsed(Shot.clip("forward", {"function": "x*y + x", "at": {"x": 2.0, "y": 3.0}}), Settings(320, 180, 10))
    text = transcript("forward: x*y + x", score.alt, score.beats, score.numbers, score.frames / 10)
    assert text.startswith("forward: x*y + x\n\n" + score.alt)
    places = [text.index(beat["words"]) for beat in score.beats]
    assert places == sorted(places)
    times = [line.split()[0] for line in text.splitlines() if line[:1].isdigit()]
    assert len(times) == len(score.beats)
    assert "On screen: " in text and "Length: 0:" in text


def test_values_that_are_said_are_not_listed_again():
    """Only what the words leave out is added; an empty beat says so."""
    beats = [
        {"start": 0.0, "end": 2.0, "words": "The slope is 4.", "title": "", "chapter": "one"},
        {"start": 62.0, "end": 63.0, "words": "", "title": "", "chapter": "one"},
    ]
    numbers = [{"beat": 0, "key": "slope/0", "text": "4"}, {"beat": 0, "key": "value/1", "text": "14"}]
    text = transcript("t", "", beats, numbers)
    assert "== one ==" in text and text.count("== one ==") == 1
    assert "On screen: value 1 14" in text and "slope 0" not in text
    assert "1:02  (no words)" in text
