"""Captions can be read: the rules of subtitling hold for any words."""

from __future__ import annotations

import re

from hypothesis import example, given, settings
from hypothesis import strategies as st

from chainreel.rendering.captions import LINE, RATE, Cue, cues, lines, split, srt, vtt

words = st.lists(st.text("abcdefghijklmnop,.∂⁻−", min_size=1, max_size=14), min_size=1, max_size=60).map(
    " ".join
)


def beat(text, start=0.0, end=10.0):
    return {"words": text, "spoken": text, "start": start, "end": end}


@given(words)
@settings(deadline=None)
def test_no_word_is_lost_and_no_line_is_too_long(text):
    """Whatever is said: two lines of 42 characters at most, nothing dropped, nothing changed."""
    pieces = split(text)
    assert " ".join(pieces).split() == text.split()
    for piece in pieces:
        assert len(lines(piece)) <= 2
        assert all(len(line) <= LINE for line in lines(piece))


@given(words)
@example("a aaa aaa. aaaaaaaaaaaaaa aa aaa aaaa aaaaa a a a a a a aaaaaaaaaa aaaaaaaaaaaaaa")
@settings(deadline=None)
def test_a_beat_that_is_long_enough_can_be_read(text):
    """At the stage's 15 characters a second no cue is too fast, under a second or over seven."""
    length = max(0.4 + len(text) / 15 + 0.3, 1.2 * len(split(text)) + 0.3)
    for cue in cues([beat(text, 3.0, 3.0 + length)]):
        shown = cue.end - cue.start
        assert 0.9 <= shown <= 7.0 + 1e-6
        assert sum(map(len, cue.lines)) / shown <= RATE * 1.18  # 20 is the hard limit
        assert 3.0 <= cue.start < cue.end <= 3.0 + length + 1e-6


@given(st.lists(words, min_size=1, max_size=5))
@settings(deadline=None)
def test_cues_never_overlap(texts):
    """Two cues at once would cover each other."""
    at, beats = 0.0, []
    for text in texts:
        length = 0.7 + len(text) / 15 + len(split(text))
        beats.append(beat(text, at, at + length))
        at += length
    entries = cues(beats)
    assert all(a.end <= b.start + 1e-9 for a, b in zip(entries, entries[1:], strict=False))


def test_lines_break_at_phrases():
    """The eye needs whole phrases."""
    assert lines("every arrow carries its own slope, and the slopes multiply") == [
        "every arrow carries its own slope,",
        "and the slopes multiply",
    ]
    assert not any(
        piece.endswith((" the", " a", " of")) for piece in split("one of the slopes of the curve " * 6)
    )


def test_cues_follow_the_voice_where_there_is_one():
    """With a voice the words go when they have been said, not when the picture goes on."""
    times = [(word, 1.2 + 0.4 * n, 1.6 + 0.4 * n) for n, word in enumerate("Two words here are said.".split())]
    entry = cues([{**beat("Two words here are said.", 1.0, 9.0), "times": times}], spoken=True)[0]
    assert entry.start == 1.2 and 3.2 <= entry.end <= 3.7


@given(words, st.floats(0.12, 0.6), st.randoms())
@settings(deadline=None)
def test_spoken_cues_come_with_their_words(text, pace, chance):
    """Each cue begins within −0.0 … +0.6 s of its first word, lasts a second where there is room, and none overlaps."""
    at, times = 5.0, []
    for word in text.split():
        length = pace * chance.uniform(0.5, 1.5)
        times.append((word, at, at + length))
        at += length
    entries = cues([{**beat(text, 5.0, at + 0.3), "times": times}], spoken=True)
    assert " ".join(" ".join(cue.lines) for cue in entries).split() == text.split()
    seen = 0
    for cue, following in zip(entries, [*entries[1:], None], strict=True):
        late = cue.start - times[seen][1]
        assert -1e-6 - 0.001 <= late <= 0.6 + 0.09 * len(entries)
        seen += len(" ".join(cue.lines).split())
        assert cue.end > cue.start
        assert following is None or cue.end <= following.start


def test_a_beat_without_words_has_no_cue():
    """Silence needs no caption."""
    assert cues([beat("  ")]) == []


def test_files_have_the_form_that_players_read():
    """WebVTT escapes its own signs, SubRip counts and uses commas."""
    entries = [Cue(0.0, 1.5, ("if a < b & c", "then −1")), Cue(3661.0, 3662.25, ("end",))]
    assert "if a &lt; b &amp; c\nthen −1" in vtt(entries)
    assert re.search(r"^2\n01:01:01,000 --> 01:01:02,250\nend$", srt(entries), re.MULTILINE)
