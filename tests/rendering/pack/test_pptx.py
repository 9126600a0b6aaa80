"""The deck as another program reads it: python-pptx, and the parts of the file itself."""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import zipfile
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from PIL import Image, ImageChops, ImageStat
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE
from pptx.util import Inches

from chainreel.rendering.pack.lecture import Lecture
from chainreel.rendering.pack.pptx import MOST, decks, write

P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"


@pytest.fixture
def lecture(film, tmp_path) -> Lecture:
    return Lecture.of(film, tmp_path / "pack", loop=["2"])


@pytest.fixture
def deck(lecture):
    (path,) = write(lecture, lecture.folder)
    return path


def test_the_slides_have_the_shape_of_the_film_and_the_video_fills_them(deck, lecture):
    show = Presentation(str(deck))
    assert abs(show.slide_width / show.slide_height - 160 / 90) < 0.001 and abs(show.slide_width - Inches(13.333)) < 2
    assert len(show.slides) == len(lecture.segments)
    for slide in show.slides:
        (movie,) = [shape for shape in slide.shapes if shape.shape_type == MSO_SHAPE_TYPE.MEDIA]
        assert (movie.left, movie.top, movie.width, movie.height) == (0, 0, show.slide_width, show.slide_height)


def test_titles_descriptions_and_notes(deck, lecture):
    show = Presentation(str(deck))
    assert show.core_properties.title == "A small film" and show.core_properties.language == "en"
    for slide, segment in zip(show.slides, lecture.segments, strict=True):
        assert slide.shapes.title.text == segment.title
        assert slide.shapes.title.top + slide.shapes.title.height < 0  # above the picture, not on it
        (movie,) = [shape for shape in slide.shapes if shape.shape_type == MSO_SHAPE_TYPE.MEDIA]
        assert movie._element.nvPicPr.cNvPr.get("descr") == segment.alt
        assert segment.notes in slide.notes_slide.notes_text_frame.text


def test_the_videos_and_posters_inside_are_those_of_the_pack(deck, lecture):
    def digest(data: bytes) -> str:
        return hashlib.sha256(data).hexdigest()

    with zipfile.ZipFile(deck) as archive:
        assert archive.testzip() is None
        inside = {digest(archive.read(name)) for name in archive.namelist() if name.startswith("ppt/media/")}
        types = ElementTree.fromstring(archive.read("[Content_Types].xml"))
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(archive.read(name))
    known = {entry.get("Extension"): entry.get("ContentType") for entry in types}
    assert (known["mp4"], known["png"]) == ("video/mp4", "image/png")
    for segment in lecture.segments:
        assert digest(lecture.path(segment.file).read_bytes()) in inside
        assert digest(lecture.path(segment.first).read_bytes()) in inside


def timing_of(slide):
    return slide._element.find(f"{P}timing")


def test_a_video_starts_with_its_slide_and_again_where_asked(deck):
    for number, slide in enumerate(Presentation(str(deck)).slides):
        (movie,) = [shape for shape in slide.shapes if shape.shape_type == MSO_SHAPE_TYPE.MEDIA]
        timing = timing_of(slide)
        (command,) = timing.iter(f"{P}cmd")
        assert command.get("cmd") == "playFrom(0.0)"
        assert {target.get("spid") for target in timing.iter(f"{P}spTgt")} == {str(movie.shape_id)}
        nodes = [node for node in timing.iter(f"{P}cTn") if node.get("nodeType") == "afterEffect"]
        assert len(nodes) == 1
        ids = [node.get("id") for node in timing.iter(f"{P}cTn")]
        assert len(set(ids)) == len(ids)
        (media,) = timing.iter(f"{P}cMediaNode")
        assert (media[0].get("repeatCount") == "indefinite") == (number == 1)


def test_a_video_may_wait_for_a_click(lecture):
    (path,) = write(replace(lecture, start="click"), lecture.folder)
    for slide in Presentation(str(path)).slides:
        timing = timing_of(slide)
        assert [node for node in timing.iter(f"{P}cTn") if node.get("nodeType") == "clickEffect"]
        assert not [cond for cond in timing.iter(f"{P}cond") if cond.get("evt") == "onBegin"]


def test_numbers_and_the_question_are_in_the_notes(lecture, tmp_path):
    from chainreel.rendering.pack.lecture import Value
    from chainreel.rendering.pack.pptx import notes

    values = (Value("w", 0.5, "0.5", "run"), Value("w", 0.5, "0.50", "run"), Value("f", 2.0, "2", "run", "f(x) = x*2"))
    told = notes(replace(lecture.segments[0], numbers=values, ask=True))
    assert told.endswith("Let the class guess before you go on.\n\nOn screen:\nw = 0.50\nf = 2\nf(x) = x*2")


def test_more_than_25_videos_become_a_deck_for_each_chapter(lecture):
    def many(*chapters):
        first = lecture.segments[0]
        return [replace(first, id=f"{n}", chapter=chapter) for n, chapter in enumerate(chapters)]

    assert [len(part) for part in decks(many(*["A"] * MOST))] == [MOST]
    assert [len(part) for part in decks(many(*["A"] * 20, *["B"] * 7))] == [20, 7]
    assert [len(part) for part in decks(many(*[None] * 60))] == [20, 20, 20]
    assert [len(part) for part in decks(many(*["A"] * 30, "B"))] == [15, 15, 1]
    # The film of a function: seven chapters of a handful of beats are two decks, not seven.
    small = [chapter for chapter, beats in zip("ABCDEFG", (1, 4, 6, 5, 2, 4, 4), strict=True) for _ in range(beats)]
    assert [sorted({segment.chapter for segment in part}) for part in decks(many(*small))] == [list("ABC"), list("DEFG")]
    # A film of long chapters: a deck for each, its short end together.
    film = [chapter for chapter, beats in zip("ABCDE", (10, 13, 22, 3, 4), strict=True) for _ in range(beats)]
    assert [len(part) for part in decks(many(*film))] == [10, 13, 22, 7]
    long = replace(lecture, segments=tuple(many(*["A"] * 20, *["B"] * 7)))
    paths = write(long, lecture.folder)
    assert [path.name for path in paths] == ["tiny-1-a.pptx", "tiny-2-b.pptx"]
    assert Presentation(str(paths[1])).core_properties.title == "A small film: B"


def test_an_upright_film_makes_upright_slides(foreign, tmp_path):
    lecture = Lecture.of(foreign("tall.mp4", "libx264", 25, 30, (90, 160), sound=False), tmp_path / "pack")
    (path,) = write(lecture, lecture.folder)
    show = Presentation(str(path))
    assert show.slide_height > show.slide_width and abs(show.slide_height / show.slide_width - 160 / 90) < 0.001


def test_doctor_finds_slides_that_are_alike_or_not_described(lecture):
    from chainreel.rendering.pack.health import check_deck

    segments = [replace(segment, title="same", alt="") for segment in lecture.segments]
    (path,) = write(replace(lecture, segments=tuple(segments)), lecture.folder)
    found = [finding.found for finding in check_deck(path) if not finding.ok]
    assert len(found) == 2 and "missing or alike" in found[0] and "without a description" in found[1]


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """Convert a deck with LibreOffice, which reads it by itself."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        pytest.skip("needs LibreOffice Impress, which is not installed here")
    profile = f"-env:UserInstallation={tmp_path_factory.mktemp('office').as_uri()}"

    def convert(path, kind):
        command = [program, profile, "--headless", "--convert-to", kind, "--outdir", str(path.parent), str(path)]
        subprocess.run(command, check=True, capture_output=True, timeout=240)
        return path.with_suffix(f".{kind}")

    return convert


@pytest.mark.slow
def test_impress_shows_every_slide(office, deck, tmp_path, lecture):
    """A page for each slide, with the poster on it."""
    if shutil.which("pdftoppm") is None:
        pytest.skip("needs pdftoppm, which is not installed here")
    command = ["pdftoppm", "-png", "-r", "40", str(office(deck, "pdf")), str(tmp_path / "page")]
    subprocess.run(command, check=True, timeout=60)
    pages = sorted(tmp_path.glob("page*.png"))
    assert len(pages) == len(lecture.segments)
    for page, segment in zip(pages, lecture.segments, strict=True):
        picture = Image.open(page).convert("RGB")
        poster = Image.open(io.BytesIO(lecture.path(segment.first).read_bytes())).convert("RGB").resize(picture.size)
        assert max(ImageStat.Stat(ImageChops.difference(picture, poster)).mean) < 12


@pytest.mark.slow
@pytest.mark.parametrize(("start", "kind"), [("auto", "after-previous"), ("click", "on-click")])
def test_impress_reads_when_a_video_plays(office, lecture, start, kind):
    """Our timing as another program understands it: one step of the slide plays its video, and its notes and description."""
    (path,) = write(replace(lecture, start=start), lecture.folder)
    with zipfile.ZipFile(office(path, "odp")) as archive:
        text = archive.read("content.xml").decode()
    assert text.count('anim:command="play"') == text.count(f'presentation:node-type="{kind}"') == len(lecture.segments)
    for segment in lecture.segments:
        assert segment.notes in text and f"<svg:desc>{segment.alt}" in text
        assert f'smil:dur="{segment.duration:g}s"' in text
