"""The rules about words and time: each finds the breach that it is there for, and is quiet on a good chapter."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from chainreel.scenes.lint import SPEECH, glossary, meeting, pauses, speech
from chainreel.scenes.lint.record import Cue, Record, Run
from chainreel.scenes.stage.speech import timed, words
from chainreel.scenes.stage.stage import Beat, Meeting

QUICK, USUAL = 60 / 240, 60 / 150  # seconds a word


def beat(index, text, start, end, pace=USUAL):
    """A beat whose words are said from its start on."""
    said = words(text)
    times = timed(said.tokens, pace * speech.spoken_words(said.spoken))
    moved = tuple(t._replace(start=t.start + start, end=t.end + start) for t in times)
    return Beat(index, text, said.shown, said.spoken, start, end, None, moved)


def record(**spans):
    """A record of a scene that nobody ran."""
    kept = Record(None)
    for name, found in spans.items():
        setattr(kept, name, found)
    return kept


def performed(*beats, seconds=None, meetings=(), cues=(), sources=None, printed=(), **spans):
    """A run with these beats."""
    end = seconds if seconds is not None else (beats[-1].end if beats else 0.0)
    return Run(beats, end, meetings, record(**spans), cues, True, sources or {}, printed)


def messages(measured):
    """What was found."""
    assert measured.rule in SPEECH
    return [f.message for f in measured.findings]


TEN = "We see ten plain words here, and then they end."


def test_the_rate_is_measured_while_somebody_speaks():
    """Pauses between beats do not count; a quick stretch of 20 s does."""
    good = performed(beat(0, TEN, 0, 10), beat(1, TEN, 10, 20))
    assert speech.rate(good).fine and speech.rate(good).text == "150"
    assert "240 words a minute" in messages(speech.rate(performed(beat(0, TEN, 0, 10, QUICK))))[0]
    burst = performed(beat(0, " ".join([TEN] * 9), 0, 24, QUICK), beat(1, " ".join([TEN] * 20), 40, 140, 0.5))
    assert any("in 20 s" in m for m in messages(speech.rate(burst)))
    assert speech.rate(performed(seconds=5.0)).fine is None


def test_the_spoken_share():
    """Too much leaves no room to look, too little is dull."""
    assert speech.share(performed(beat(0, TEN, 0, 5.4))).fine
    assert "too little room" in messages(speech.share(performed(beat(0, TEN, 0, 4.1))))[0]
    assert "long silences" in messages(speech.share(performed(beat(0, TEN, 0, 10))))[0]


def test_sentences_are_short():
    """24 words are the most, 14 the mean; a number with a point does not end one."""
    long = performed(beat(0, " ".join(["word"] * 25) + ".", 0, 20))
    assert len(messages(speech.sentences(long))) == 2
    run = performed(beat(0, "It is half. Then it ends!", 0, 5))
    assert [s.text for s in run.sentences] == ["It is half.", "Then it ends!"] and speech.sentences(run).fine
    assert run.sentence_at(0.1) == "It is half." and run.sentence_at(4.9) == "Then it ends!"


@pytest.mark.parametrize(
    ("cue", "said"),
    [
        (Cue(("x" * 43,), 0, 5), "not two lines of 42"),
        (Cue(("a", "b", "c"), 0, 5), "not two lines"),
        (Cue(("x" * 42,), 0, 2), "21.0 signs a second"),
        (Cue(("short",), 0, 0.5), "stands 0.5 s"),
        (Cue(("short",), 0, 8), "stands 8.0 s"),
    ],
)
def test_captions_can_be_read(cue, said):
    """Lines, signs a second, seconds."""
    assert any(said in m for m in messages(speech.captions(performed(cues=[cue], seconds=9.0))))


def test_good_captions():
    """Nothing to say; of many captions a few may reach 20 signs a second, not most."""
    assert speech.captions(performed(cues=[Cue(("a line that can be read",), 0, 2)])).fine
    most = [Cue(("x" * 36,), k * 3, k * 3 + 2) for k in range(4)]
    assert "4 of 4 captions" in messages(speech.captions(performed(cues=most)))[0]


@pytest.mark.parametrize(
    "text", ["Back-propagation turns the dials.", "The blame adjusts every knob.", "The step finds the slopes."]
)
def test_blame_and_step_are_not_swapped(text):
    """Back-propagation finds the blame; the step turns."""
    assert messages(speech.blame_and_step(performed(beat(0, text, 0, 5))))


@pytest.mark.parametrize(
    "text", [
        "Back-propagation has not changed a dial.", "It finds the blame, and the step turns the dials.",
        "Every dial turns against its slope.", "Blame, then step.",
    ],
)  # fmt: skip
def test_blame_beside_step_is_fine(text):
    """Both may stand in a sentence."""
    assert speech.blame_and_step(performed(beat(0, text, 0, 5))).fine


def test_words_and_pictures_meet():
    """From 0.2 s before to 0.8 s after; a beat that talks and moves has a meeting, or begins with its first word."""
    one = beat(0, TEN, 0, 8)
    assert meeting.meetings(performed(one, meetings=[Meeting(0, "ten", 1.0, 0.85)], moves=[(0.85, 2.0)])).fine
    late = meeting.meetings(performed(one, meetings=[Meeting(0, "ten", 1.0, 1.5)], moves=[(1.5, 2.0)]))
    assert messages(late) == ["the picture of 'ten' moves 0.5 s after its word"] and late.text.startswith("-0.50")
    early = meeting.meetings(performed(one, meetings=[Meeting(0, "ten", 2, 1)], moves=[(1, 2)]))
    assert "before its word" in messages(early)[0]
    assert "no move waits" in messages(meeting.meetings(performed(one, moves=[(3.0, 4.0)])))[0]
    assert meeting.meetings(performed(one, moves=[(0.0, 1.0)])).fine
    assert meeting.meetings(performed(one)).fine is None


def test_the_case_comes_before_its_formula():
    """A number first, then letters."""
    general, number = {"z = w_1 x_1 + b": [(20.0, 30.0)]}, [(10.0, 30.0)]
    assert meeting.case_first(performed(formulas=general, numbers=number)).fine
    assert not meeting.case_first(performed(formulas=general)).fine
    assert meeting.case_first(performed()).fine is None


def test_holds():
    """Silent, still and no question open, once for three seconds."""
    held = performed(beat(0, TEN, 0, 10), moves=[(0, 5)])
    assert pauses.holds(held).fine and pauses.holds(held).text == "1, 5.0 s"
    assert "longest hold" in messages(pauses.holds(performed(beat(0, TEN, 0, 6), moves=[(0, 5)])))[0]
    assert not pauses.holds(performed(beat(0, TEN, 0, 10), moves=[(0, 5)], questions=[(5, 10)])).fine


def test_predict_first():
    """The badge is up and nobody speaks for two to four seconds; the answer follows."""
    ask, answer = beat(0, TEN, 0, 7), beat(1, TEN, 7, 70)
    assert pauses.predict_first(performed(ask, answer, questions=[(3, 7)])).fine
    assert "no '?'" in messages(pauses.predict_first(performed(ask, answer)))[0]
    long = performed(ask, beat(1, TEN, 10, 70), questions=[(3, 10)])
    assert any("6.0 s; 2 to 4 s" in m for m in messages(pauses.predict_first(long)))
    late = performed(ask, beat(1, TEN, 30, 70), questions=[(3, 7)])
    assert any("answer comes" in m for m in messages(pauses.predict_first(late)))
    assert pauses.predict_first(performed(beat(0, TEN, 0, 20))).fine is None, "a short chapter need not ask"


def test_dead_air():
    """Six seconds of silence, unless a question is open."""
    quiet = performed(beat(0, TEN, 0, 12))
    assert "nobody speaks for 8.0 s" in messages(pauses.dead_air(quiet))[0]
    assert pauses.dead_air(performed(beat(0, TEN, 0, 12), questions=[(6, 12)])).fine


def test_sources_stand_long_enough():
    """Three seconds for a chip; what others published has one."""
    number = SimpleNamespace(source="claims", key="gpt-3", text="175", start=10.0)
    claims = {"claims": {"kind": "claims"}}
    assert meeting.sources(performed(chips={"Brown": [(9, 13)]}, sources=claims, printed=[number])).fine
    short = performed(chips={"Brown": [(9, 11)]}, sources=claims, printed=[number])
    assert "stands 2.0 s" in messages(meeting.sources(short))[0]
    assert "no source chip" in messages(meeting.sources(performed(sources=claims, printed=[number])))[0]
    assert meeting.sources(performed()).fine is None


def test_terms_are_shown_before_they_are_said():
    """By a word, a sign in a formula or a picture; of chapters alone what came before is not known."""
    text = "The learning rate is small."
    said = performed(beat(0, text, 5, 9))
    assert messages(glossary.terms(said)) == ["'learning rate' is said before it was shown"]
    assert glossary.terms(performed(beat(0, text, 5, 9), formulas={"w - eta": [(2.0, 9.0)]})).fine
    assert glossary.terms(performed(beat(0, text, 5, 9), texts={"learning rate": [(5.2, 9.0)]})).fine
    assert glossary.terms(said, {"learning rate"}).fine
    alone = glossary.terms(said, None)
    assert alone.fine and "from before" in alone.text
    many = "Momentum, epochs, a Jacobian and the chain rule."
    shown = {many: [(0.0, 9.0)]}
    assert "more than 3 new terms" in messages(glossary.terms(performed(beat(0, many, 1, 9), texts=shown)))[0]


def test_every_rule_of_speech_has_its_number():
    """R1 to R41."""
    assert all(rule.number[0] == "R" and rule.asks for rule in SPEECH.values())
