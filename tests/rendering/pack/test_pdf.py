"""The handout, read back by another program: pages, words, pictures, formulas."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from chainreel.rendering.pack import FORMATS, pdf
from chainreel.rendering.pack.lecture import Value
from chainreel.rendering.pack.quantities import label, mathematics, meaning

from . import little

MISSING = "there is no pdftoppm on this machine (apt-get install poppler-utils)"
poppler = pytest.mark.skipif(not shutil.which("pdftoppm"), reason=MISSING)
WILD = ["#panic()", "$x$ *bold* _it_ @ref \\ \" // comment", "数学 ∂L/∂x – “quoted”", "= no heading", ""]


def text_of(path: Path, *options: str) -> str:
    """All text of a PDF."""
    return subprocess.run(["pdftotext", *options, str(path), "-"], capture_output=True, text=True, check=True).stdout


def pages(path: Path, folder: Path) -> list[np.ndarray]:
    """The pages as pictures."""
    subprocess.run(["pdftoppm", "-r", "60", "-png", str(path), str(folder / path.stem)], check=True, capture_output=True)
    return [np.asarray(Image.open(page).convert("RGB")) for page in sorted(folder.glob(f"{path.stem}-*.png"))]


def test_both_handouts_are_the_same_bytes_each_time(tmp_path):
    """Who makes a pack again must not get another file for nothing."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    lecture = little.lecture(tmp_path)
    assert FORMATS["pdf"].writer() is pdf.write
    one, two = (pdf.write(lecture, tmp_path / name) for name in ("one", "two"))
    assert [path.name for path in one] == ["little.pdf", "little-four.pdf"]
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
    assert one[0].read_bytes().startswith(b"%PDF-") and not [*tmp_path.glob("**/handout.*")]


@poppler
def test_a_page_for_each_beat_with_its_picture_words_and_values(tmp_path):
    """The handout is what a student has when the film is over."""
    lecture = little.lecture(tmp_path)
    large, four = pdf.write(lecture, tmp_path)
    seen = pages(large, tmp_path)
    assert len(seen) == 3 and len(pages(four, tmp_path)) == 1
    for index, page in enumerate(seen):  # the square of each beat has a colour of its own
        colour = [(67, 122, 252), (251, 235, 13), (231, 75, 44)][index]
        assert (np.abs(page.astype(int) - colour).max(axis=2) < 8).sum() > 50
    said = text_of(large)
    for words in ("Guess & <measure>", "</script><b>Blame", "Words of beat 02, a < b & c.", "0.8725123"):
        assert words in said
    assert said.count("Guess before you go on") == 1  # only where the beat asks
    assert "Guess before you go on" in text_of(four) and "Words of beat 03" in text_of(four)
    about = subprocess.run(["pdfinfo", str(large)], capture_output=True, text=True, check=True).stdout
    assert "Little & <quick>" in about and "Tagged:          yes" in about


@poppler
@pytest.mark.parametrize("size", [(180, 320), (240, 240)])
def test_other_shapes_fill_no_second_page(tmp_path, size):
    """An upright film stands beside its words, and nothing runs over."""
    lecture = little.lecture(tmp_path)
    many = tuple(Value(f"number {n}", float(n), str(n), "run") for n in range(40))
    segments = tuple(replace(segment, numbers=many) for segment in lecture.segments)
    for segment in segments:
        Image.new("RGB", size, "navy").save(tmp_path / segment.poster)
    lecture = replace(lecture, size=size, segments=segments)
    large, four = pdf.write(lecture, tmp_path)
    assert len(pages(large, tmp_path)) == 3 and len(pages(four, tmp_path)) == 1
    assert "and 10 more" in text_of(large) and "number 29" in text_of(large)


@pytest.mark.parametrize("words", WILD)
def test_no_text_of_a_film_is_taken_for_typst(tmp_path, words):
    """Words of a film are data, never markup."""
    lecture = little.lecture(tmp_path)
    segment = replace(lecture.segments[0], title=words or "t", notes=words, alt=words or "a", chapter=words or None)
    made = pdf.write(replace(lecture, title=words or "t", segments=(segment,)), tmp_path)
    if shutil.which("pdftotext") and words.isascii() and words:
        assert words.split()[0] in text_of(made[0])


def test_formulas_are_those_of_the_engine():
    """A formula of a lecture is set as mathematics, whatever words stand around it."""
    slope = Value("∂f/∂w_1, this step alone", 1.0, "1", "trace", "f = w_1 · x")
    assert [piece["math"] for piece in label(slope)] == ["partial f \\/ partial w_1", ""]
    assert meaning(Value("q", 1.0, "1", "trace", "q = sin(p)")) == {"text": "sin(p)", "math": "sin(p)"}
    assert meaning(slope) == {"text": "", "math": ""}
    assert mathematics("a · b − c^2") == "a dot b - c^2" and mathematics("table of 3") == ""
