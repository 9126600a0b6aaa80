"""``pack`` as it is typed: whole or not at all, and one sentence for what is wrong."""

from __future__ import annotations

import json
import os
import re

import pytest

from chainreel.rendering import cli
from chainreel.rendering.pack import FORMATS


def said(capsys, *words: str) -> tuple[int, str]:
    status = cli.main([*words])
    captured = capsys.readouterr()
    return status, captured.err + captured.out


def test_a_pack_from_the_manifest_or_the_film(film, tmp_path, capsys):
    for source, name in ((film, "a"), (film.with_suffix(".json"), "b")):
        status, text = said(capsys, "pack", str(source), "--to", "pptx,markdown", "-o", str(tmp_path / name))
        assert status == 0 and "3 segments" in text
        names = {path.name for path in (tmp_path / name).iterdir()}
        assert names == {"lecture.json", "tiny.pptx", "tiny.md", "videos", "posters", "captions"}


def test_the_folder_is_beside_the_film_unless_it_is_named(film, capsys):
    assert said(capsys, "pack", str(film), "--to", "markdown")[0] == 0
    assert (film.parent / "tiny-pack" / "tiny.md").is_file()


def test_json_names_the_files(film, tmp_path, capsys):
    status = cli.main(["pack", str(film), "--to", "markdown", "--json", "-o", str(tmp_path / "p")])
    answer = json.loads(capsys.readouterr().out)
    assert status == 0 and answer["segments"] == 3 and answer["files"][-1].endswith("tiny.md")


def test_a_pack_is_made_again_over_an_old_one(film, tmp_path, capsys):
    """What is new replaces what was there, what is not of the pack stays."""
    target = tmp_path / "p"
    assert said(capsys, "pack", str(film), "--to", "markdown", "-o", str(target))[0] == 0
    (target / "mine.txt").write_text("mine")
    (target / "videos" / "old.mp4").write_text("old")
    assert said(capsys, "pack", str(film), "--to", "markdown", "--per", "film", "-o", str(target))[0] == 0
    assert (target / "mine.txt").read_text() == "mine" and len(list((target / "videos").iterdir())) == 1
    assert not list(target.glob(".*"))


def test_an_earlier_lecture_gives_more_formats(film, tmp_path, capsys):
    assert said(capsys, "pack", str(film), "--to", "markdown", "-o", str(tmp_path / "a"))[0] == 0
    status, _ = said(capsys, "pack", str(tmp_path / "a" / "lecture.json"), "--to", "pptx", "-o", str(tmp_path / "b"))
    assert status == 0 and (tmp_path / "b" / "tiny.pptx").is_file() and (tmp_path / "b" / "lecture.json").is_file()


def test_a_film_without_a_manifest_is_packed_and_the_loss_is_said(foreign, tmp_path, capsys):
    status, text = said(capsys, "pack", str(foreign()), "--to", "pptx,markdown", "-o", str(tmp_path / "p"))
    assert status == 0 and "has no manifest foreign.json beside it" in text and (tmp_path / "p" / "foreign.pptx").is_file()


def test_every_format_of_the_list_writes_something(film, tmp_path, capsys):
    for name in FORMATS:
        status, text = said(capsys, "pack", str(film), "--to", name, "-o", str(tmp_path / name))
        if status == 2 and re.search(r"missing|needs|drawn again", text):
            continue  # what this machine or this film lacks, said in a sentence
        if name == "reveal" and status == 2 and re.search("npm, which is not installed|npm could not fetch", text):
            continue  # a machine without npm, or without its registry
        assert status == 0, f"{name}: {text}"


MISTAKES = [
    ((), "name a film to pack"),
    (("none.mp4",), "there is no film none.mp4"),
    (("none.json",), "there is no manifest none.json"),
    (("FILM", "--to", "powerpoint"), "there is no format 'powerpoint'"),
    (("FILM", "--to", ","), "--to names no format"),
    (("FILM", "--size", "333x201"), "odd"),
    (("FILM", "--size", "400x400"), "another shape"),
    (("FILM", "--size", "99999x9"), "out of range"),
    (("FILM", "--per", "word"), "invalid choice"),
    (("FILM", "--loop", "9"), "no segment '9'"),
    (("FOLDER",), "is a folder"),
    (("FILM.srt",), "neither a manifest"),
    (("FILM", "-o", "FILM"), "is a file"),
]


@pytest.mark.parametrize(("words", "sentence"), MISTAKES, ids=[sentence for _, sentence in MISTAKES])
def test_a_mistake_is_one_sentence_and_leaves_nothing(film, tmp_path, capsys, monkeypatch, words, sentence):
    monkeypatch.chdir(tmp_path)
    names = {"FILM": str(film), "FOLDER": str(film.parent), "FILM.srt": str(film.with_suffix(".srt"))}
    before = sorted(path for path in tmp_path.rglob("*"))
    status, text = said(capsys, "pack", *(names.get(word, word) for word in words))
    assert status == 2 and sentence in text and len(text.strip().splitlines()) == 1
    assert sorted(path for path in tmp_path.rglob("*")) == before


def test_a_manifest_of_another_version_is_refused(film, tmp_path, capsys):
    record = json.loads(film.with_suffix(".json").read_text(encoding="utf-8"))
    film.with_suffix(".json").write_text(json.dumps({**record, "schema": 7}), encoding="utf-8")
    status, text = said(capsys, "pack", str(film), "-o", str(tmp_path / "p"))
    assert status == 2 and "has schema 7; this chainreel reads 1" in text and not (tmp_path / "p").exists()


def test_a_full_disk_leaves_nothing(film, tmp_path, capsys, monkeypatch):
    from chainreel.rendering.pack import snippets

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(snippets, "_written", full)
    status, text = said(capsys, "pack", str(film), "--to", "markdown", "-o", str(tmp_path / "p"))
    assert status == 2 and "full; nothing was written" in text and not (tmp_path / "p").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_refused(film, tmp_path, capsys):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    status, text = said(capsys, "pack", str(film), "-o", str(closed / "p"))
    assert status == 2 and "may not write" in text


def test_doctor_looks_at_a_pack(film, tmp_path, capsys):
    target = tmp_path / "p"
    assert said(capsys, "pack", str(film), "--to", "pptx", "-o", str(target))[0] == 0
    for what in (target, target / "lecture.json", target / "tiny.pptx"):
        status, text = said(capsys, "doctor", str(what))
        assert status == 0 and "BAD" not in text, text
    videos = sorted((target / "videos").iterdir())
    videos[1].write_bytes(videos[0].read_bytes())
    status, text = said(capsys, "doctor", str(target))
    assert status == 1 and f"BAD videos: {videos[1].name} lasts" in text
    videos[0].unlink()
    status, text = said(capsys, "doctor", str(target))
    assert status == 2 and "segment 01 has no file" in text


def test_doctor_says_where_a_film_plays(film, foreign, capsys):
    assert "ok  plays: in browsers, PowerPoint" in said(capsys, "doctor", str(film))[1]
    assert "not in PowerPoint" in said(capsys, "doctor", str(foreign()))[1]
