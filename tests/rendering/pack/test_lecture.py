"""lecture.json: what goes in comes out, and what is wrong in it is named."""

from __future__ import annotations

import json

import pytest

from chainreel.rendering.errors import RenderError
from chainreel.rendering.pack.lecture import Lecture


@pytest.fixture
def lecture(film, tmp_path) -> Lecture:
    return Lecture.of(film.with_suffix(".json"), tmp_path / "pack")


def changed(lecture: Lecture, change) -> None:
    path = lecture.folder / "lecture.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    change(record)
    path.write_text(json.dumps(record), encoding="utf-8")


def test_a_lecture_has_the_beats_of_the_film(lecture, film):
    record = json.loads(film.with_suffix(".json").read_text(encoding="utf-8"))
    assert [segment.notes for segment in lecture.segments] == [beat["words"] for beat in record["beats"]]
    assert [segment.id for segment in lecture.segments] == ["01", "02", "03"]
    assert list(lecture.chapters) == ["One", None, "Two"] or list(lecture.chapters) == ["One", "Two"]
    assert lecture.seconds == pytest.approx(record["seconds"])
    assert (lecture.title, lecture.size, lecture.fps, lecture.film) == ("A small film", (160, 90), 10, "tiny.mp4")
    assert lecture.segments[0].start == 0 and lecture.segments[-1].end == pytest.approx(record["seconds"])
    for before, after in zip(lecture.segments, lecture.segments[1:], strict=False):
        assert before.end == after.start


def test_captions_count_from_the_start_of_their_segment(lecture):
    for segment in lecture.segments:
        assert segment.captions and segment.captions[0].start < 0.2
        assert segment.captions[-1].end <= segment.duration + 1e-6
        assert " ".join(caption.text.replace("\n", " ") for caption in segment.captions) == segment.notes


def test_it_reads_what_it_writes(lecture):
    assert Lecture.read(lecture.folder) == lecture
    assert Lecture.read(lecture.folder / "lecture.json").text() == lecture.text()


OVER = {"start": 0.0, "end": 0.5, "text": "over"}
FAULTS = [
    (lambda r: r.pop("title"), "lacks the field 'title'"),
    (lambda r: r["segments"][1].pop("alt"), "segment 02 lacks the field 'alt'"),
    (lambda r: r["segments"][1].update(duration="long"), "segment 02: duration is 'long', not a number"),
    (lambda r: r["segments"][1].update(extra=1), "segment 02 has a field 'extra'"),
    (lambda r: r["segments"][0].update(file="../a.mp4"), "segment 01: file .* does not lie in the lecture's folder"),
    (lambda r: r["segments"][0].update(file="videos/none.mp4"), "segment 01 has no file: videos/none.mp4 is not there"),
    (lambda r: r["segments"][2].update(id="01"), "segment 01 is there twice"),
    (lambda r: r["segments"][0]["captions"].append(OVER), "segment 01: the caption 'over'"),
    (lambda r: r["segments"][0].update(loop="yes"), "segment 01: loop is 'yes', not true or false"),
    (lambda r: r.update(size=[160]), "size is not a list of 2"),
    (lambda r: r.update(start="never"), "start is 'never'"),
    (lambda r: r.update(schema=9), "has schema 9; this chainreel reads 1"),
    (lambda r: r.update(segments=[]), "has no segments"),
    (lambda r: r.pop("segments"), "is not a lecture"),
]


@pytest.mark.parametrize(("change", "said"), FAULTS, ids=[said[:30] for _, said in FAULTS])
def test_a_fault_is_named_with_its_segment_and_field(lecture, change, said):
    changed(lecture, change)
    with pytest.raises(RenderError, match=said):
        Lecture.read(lecture.folder)


@pytest.mark.parametrize(
    "change",
    [
        lambda r: r.pop("beats"),
        lambda r: r["beats"][1].update(start="early"),
        lambda r: r["numbers"].append({"text": "1"}),
        lambda r: r.update(sources=[]),
    ],
)
def test_a_manifest_that_somebody_changed_is_one_sentence(film, tmp_path, change):
    """Not as chainreel wrote it: it says which file, and leaves nothing."""
    path = film.with_suffix(".json")
    record = json.loads(path.read_text(encoding="utf-8"))
    change(record)
    path.write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(RenderError, match="tiny.json is not as chainreel wrote it"):
        Lecture.of(film, tmp_path / "pack")
    assert not (tmp_path / "pack").exists()


def test_the_class_guesses_where_a_question_mark_stood(film, tmp_path):
    """Not wherever the words are a question; of films that do not say so, at the end of words that are one."""
    path = film.with_suffix(".json")
    record = json.loads(path.read_text(encoding="utf-8"))
    second = record["beats"][1]["start"]
    for number, beat in enumerate(record["beats"]):
        beat.update(title=["predict", "x", ""][number], words=["Which one?", "How so?", "So it is a small dot."][number])
    record["questions"] = [[second - 0.5, second]]
    path.write_text(json.dumps(record), encoding="utf-8")
    lecture = Lecture.of(film, tmp_path / "pack")
    assert [segment.ask for segment in lecture.segments] == [True, False, False]
    assert [segment.title for segment in lecture.segments] == ["Which one?", "x", "It is a small dot"]
    del record["questions"]
    path.write_text(json.dumps(record), encoding="utf-8")
    assert [segment.ask for segment in Lecture.of(film, tmp_path / "old").segments] == [True, True, False]


def test_infinite_numbers_survive(lecture):
    value = {"name": "a", "value": "inf", "text": "∞", "source": "s", "formula": ""}
    changed(lecture, lambda r: r["segments"][0]["numbers"].append(value))
    assert Lecture.read(lecture.folder).segments[0].numbers[-1].value == float("inf")


def test_chapters_and_the_whole_film_as_segments(film, tmp_path):
    whole = Lecture.of(film, tmp_path / "whole", per="film")
    assert len(whole.segments) == 1 and whole.segments[0].title == "A small film"
    assert whole.segments[0].notes.count(".") == 3
    by_chapter = Lecture.of(film, tmp_path / "chapters", per="chapter")
    assert [s.title for s in by_chapter.segments][-1] == "Two" and len(by_chapter.segments) < 4
    assert by_chapter.seconds == pytest.approx(whole.seconds)


def test_a_film_without_a_manifest_says_what_is_missing(foreign, tmp_path):
    lecture = Lecture.of(foreign(), tmp_path / "pack")
    assert len(lecture.segments) == 1 and lecture.segments[0].duration == pytest.approx(2.5)
    assert "no manifest foreign.json" in lecture.missing[0] and "one segment" in lecture.missing[1]


def test_captions_beside_a_film_without_a_manifest_are_used(foreign, tmp_path):
    path = foreign()
    path.with_suffix(".vtt").write_text("WEBVTT\n\n00:00.500 --> 00:02.000\nHello, <i>class</i> &amp; all\n", encoding="utf-8")
    segment = Lecture.of(path, tmp_path / "pack").segments[0]
    assert segment.notes == "Hello, class & all" and segment.captions[0].start == 0.5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("WEBVTT\n\n00:00.000 --> 00:02.000\na\n\n00:01.000 --> 00:03.000\nb\n", "begins before the one at 0:00.00 ends"),
        ("WEBVTT\n\n00:01.000 --> 00:00.500\na\n", "ends before it begins"),
        ("WEBVTT\n\n10:00.000 --> 10:01.000\na\n", "begins after the film's end"),
        ("WEBVTT\n\nsoon --> later\na\n", "is not a time"),
        ("hello", "does not begin with WEBVTT"),
    ],
)
def test_captions_that_cannot_be_right_are_refused(film, tmp_path, text, said):
    film.with_suffix(".vtt").write_text(text, encoding="utf-8")
    with pytest.raises(RenderError, match=said):
        Lecture.of(film, tmp_path / "pack")


def test_a_manifest_of_another_film_is_refused(film, tmp_path):
    record = json.loads(film.with_suffix(".json").read_text(encoding="utf-8"))
    film.with_suffix(".json").write_text(json.dumps({**record, "frames": record["frames"] + 4}), encoding="utf-8")
    with pytest.raises(RenderError, match="not of the same film"):
        Lecture.of(film, tmp_path / "pack")


def test_films_of_one_shape_make_one_lecture(film, foreign, tmp_path):
    second = foreign("second.mp4", "libx264", 25, 50, (320, 180), sound=False)
    lecture = Lecture.of([film, second], tmp_path / "pack")
    assert [segment.film for segment in lecture.segments] == ["tiny.mp4"] * 3 + ["second.mp4"]
    assert lecture.size == (320, 180) and len({segment.title for segment in lecture.segments}) == 4
    with pytest.raises(RenderError, match="another shape"):
        Lecture.of([film, foreign("square.mp4", "libx264", 25, 50, (96, 96), sound=False)], tmp_path / "other")

    with pytest.raises(RenderError, match="two of the films are called tiny.mp4"):
        Lecture.of([film, film], tmp_path / "twice")


def test_loop_names_segments(film, tmp_path):
    assert [s.loop for s in Lecture.of(film, tmp_path / "a", loop=["2"]).segments] == [False, True, False]
    assert all(s.loop for s in Lecture.of(film, tmp_path / "b", loop=["all"]).segments)
    with pytest.raises(RenderError, match="no segment '7' to loop"):
        Lecture.of(film, tmp_path / "c", loop=["7"])


def test_a_large_film_is_made_smaller_unless_its_size_is_asked_for(foreign, tmp_path):
    large = foreign("large.mp4", "libx264", 25, 8, (1920, 1080), sound=False)
    assert Lecture.of(large, tmp_path / "a").size == (1280, 720)
    assert Lecture.of(large, tmp_path / "b", size=(1920, 1080)).size == (1920, 1080)


def test_an_odd_film_becomes_even(foreign, tmp_path):
    width, height = Lecture.of(foreign(size=(127, 95), frames=10), tmp_path / "pack").size
    assert width in (126, 128) and height in (94, 96)


def test_a_transparent_film_is_refused(tmp_path, tiny):
    from chainreel.rendering.film import render
    from chainreel.rendering.settings import Settings

    for format in ("webm", "mov"):
        path = tmp_path / f"clear.{format}"
        render(tiny, Settings(160, 90, 10, format=format, transparent=True), path)
        with pytest.raises(RenderError, match="is transparent"):
            Lecture.of(path, tmp_path / "pack")


def test_a_manifest_of_pictures_is_refused(film, tmp_path):
    record = json.loads(film.with_suffix(".json").read_text(encoding="utf-8"))
    film.with_suffix(".json").write_text(json.dumps({**record, "format": "png"}), encoding="utf-8")
    with pytest.raises(RenderError, match="a pack needs a film"):
        Lecture.of(film.with_suffix(".json"), tmp_path / "pack")
