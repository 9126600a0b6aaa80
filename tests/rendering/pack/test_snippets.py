"""The snippets as the programs read them that they are made for."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from importlib.util import find_spec

import pytest

from chainreel.rendering.captions import vtt
from chainreel.rendering.pack import beamer, jupyter, moodle, snippets
from chainreel.rendering.pack.lecture import Lecture, Value

HARD = (Value("∂f/∂x", 0.5, "0.50", "run", "f(x) = x**2 | 1"), Value("a_b*c", 1.0, "−1.2·10⁶", "run"))


@pytest.fixture
def lecture(film, tmp_path) -> Lecture:
    """A lecture with all that is hard on a text format: signs in titles, words and values; a question; a loop."""
    made = Lecture.of(film, tmp_path / "pack", loop=["3"])
    first, second, third = made.segments
    words = "Is x* y_1 < 2 & 3 > 1? What is 2^3 ~ \\ {a}?"
    hard = replace(first, title="50 % of f_1 & <b> #1", notes=words, ask=True, numbers=HARD)
    return replace(made, title="x_1 * 2 & <more>", segments=(hard, replace(second, chapter="One"), third))


class Page(HTMLParser):
    """The elements of a page, and whether they are nested as they should be."""

    VOID = {"source", "track", "br", "img", "meta", "link", "input", "hr"}

    def __init__(self, text: str):
        super().__init__()
        self.seen: list[tuple[str, dict]] = []
        self.open: list[str] = []
        self.feed(text)
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def of(self, name):
        return [attributes for tag, attributes in self.seen if tag == name]


@pytest.mark.parametrize("name", ["markdown", "mkdocs", "myst", "quarto"])
def test_every_path_in_a_snippet_leads_to_a_file_of_the_pack(lecture, name):
    (path,) = getattr(snippets, name)(lecture, lecture.folder)
    text = path.read_text(encoding="utf-8")
    found = re.findall(r"(?:src|poster)=\"([^\"]+)\"|\]\(([^)]+)\)", text)
    paths = {a or b for a, b in found}
    assert len(paths) >= 6 and all((path.parent / entry).is_file() for entry in paths), paths


def test_a_notebook_is_valid_and_plays_what_lies_beside_it(lecture):
    """Nothing has to be run in it: every segment is a cell of text with its video."""
    nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed (pip install nbclient)")
    (path,) = jupyter.write(lecture, lecture.folder)
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert {cell.cell_type for cell in notebook.cells} == {"markdown"}
    assert len(notebook.cells) == 1 + len(lecture.segments)
    for cell, segment in zip(notebook.cells[1:], lecture.segments, strict=True):
        page = Page("".join(re.findall(r"<video.*?</video>", cell.source, re.S)))
        (video,) = page.of("video")
        assert video["src"] == segment.file and video["poster"] == segment.poster and video["aria-label"] == segment.alt
        assert all((path.parent / entry["src"]).is_file() for entry in (video, *page.of("track")))


def test_videos_have_poster_captions_and_description(lecture):
    page = Page(snippets.video(lecture.segments[0], lecture))
    (video,), (track,) = page.of("video"), page.of("track")
    assert video["aria-label"] == lecture.segments[0].alt and "loop" not in video and "controls" in video
    assert (track["kind"], track["srclang"]) == ("captions", "en")
    assert "loop" in Page(snippets.video(lecture.segments[2], lecture)).of("video")[0]


def test_captions_beside_are_those_of_the_lecture(lecture):
    for segment in lecture.segments:
        path = lecture.folder / "captions" / segment.file.replace("videos/", "").replace(".mp4", ".vtt")
        assert path.read_text(encoding="utf-8") == vtt(segment.cues)


def test_beamer_is_ascii_with_balanced_braces(lecture):
    frames, document = beamer.write(lecture, lecture.folder)
    text = frames.read_text(encoding="ascii")
    assert text.count("\\begin{frame}") == text.count("\\end{frame}") == 3
    bare = re.sub(r"\\[{}]", "", re.sub(r"(?m)^\s*%.*$", "", text))
    assert bare.count("{") == bare.count("}")
    assert r"50 \% of f\_1 \& \textless{}b\textgreater{} \#1" in text and r"$\partial$f/$\partial$x = 0.50" in text
    assert "aspectratio=169" in document.read_text() and r"\input{tiny-frames}" in document.read_text()
    for file in re.findall(r"run:([^}]+)\}|\]\{(posters[^}]+)\}", text):
        assert lecture.path(file[0] or file[1]).is_file()


def test_the_page_for_moodle_is_well_formed(lecture):
    page = Page(moodle.pasted(lecture))
    assert len(page.of("video")) == 3 and len(page.of("track")) == 3 and len(page.of("h4")) == 3
    assert "f_1 &amp; &lt;b&gt;" in moodle.pasted(lecture)


def test_the_h5p_film_stops_at_the_question(lecture, film):
    paths = moodle.write(lecture, lecture.folder)
    with zipfile.ZipFile(paths[1]) as pack:
        assert pack.testzip() is None
        about = json.loads(pack.read("h5p.json"))
        content = json.loads(pack.read("content/content.json"))
        names = set(pack.namelist())
        video = pack.read("content/files/film.mp4")
        told = pack.read("content/files/captions.vtt").decode()
    assert about["mainLibrary"] == "H5P.InteractiveVideo"
    needed = {"{machineName} {majorVersion}.{minorVersion}".format(**entry) for entry in about["preloadedDependencies"]}
    film_part, assets = content["interactiveVideo"]["video"], content["interactiveVideo"]["assets"]
    (stop,) = assets["interactions"]
    first = lecture.segments[0]
    assert stop["pause"] and first.start < stop["duration"]["from"] < stop["duration"]["to"] == round(first.end, 3)
    assert stop["action"]["library"] in needed and "What is 2^3" in stop["action"]["params"]["text"]
    assert "Is x" not in stop["action"]["params"]["text"]
    assert [mark["time"] for mark in assets["bookmarks"]] == [segment.start for segment in lecture.segments]
    track = film_part["textTracks"]["videoTrack"][0]["track"]
    for entry in (*film_part["files"], film_part["startScreenOptions"]["poster"], track):
        assert f"content/{entry['path']}" in names
    copy = lecture.folder / "copy.mp4"
    copy.write_bytes(video)
    from chainreel.rendering.pack.cutting import counted

    assert counted(copy) == counted(film) and told.count("-->") == 3


def test_mkdocs_builds_the_page(lecture, tmp_path):
    if find_spec("mkdocs") is None:
        pytest.skip("needs mkdocs, which is not installed here")
    snippets.mkdocs(lecture, lecture.folder)
    (lecture.folder / "index.html").write_text("the player of the pack")  # beside it, and not in its way
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "docs").mkdir()
    lecture.folder.rename(tmp_path / "site" / "docs" / "tiny")
    (tmp_path / "site" / "docs" / "index.md").write_text("# home\n")
    (tmp_path / "site" / "mkdocs.yml").write_text("site_name: t\n")
    build = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    subprocess.run(build, cwd=tmp_path / "site", check=True, capture_output=True)
    made = tmp_path / "site" / "site" / "tiny"
    assert (made / "index.html").read_text() == "the player of the pack"
    text = (made / "mkdocs" / "index.html").read_text(encoding="utf-8")
    files = re.findall(r'(?:src|poster)="(\.\./(?:videos|posters|captions)/[^"]+)"', text)
    assert len(files) == 9 and all((made / "mkdocs" / name).is_file() for name in files)
    assert text.count("<video") == 3 and text.count("<th>on screen</th>") == 1 and "f_1 &amp; &lt;b&gt;" in text


def test_sphinx_builds_the_page(lecture, tmp_path):
    if find_spec("sphinx") is None or find_spec("myst_parser") is None:
        pytest.skip("needs sphinx and myst-parser, which are not installed here")
    (path,) = snippets.myst(lecture, lecture.folder)
    source = tmp_path / "source"
    source.mkdir()
    (source / "lecture.md").write_bytes(path.read_bytes())
    lecture.folder.rename(source / "tiny-pack")
    settings = ['extensions=["myst_parser"]', 'html_extra_path=["tiny-pack"]', 'exclude_patterns=["tiny-pack"]']
    (source / "conf.py").write_text("\n".join(settings) + "\n")
    (source / "index.md").write_text("# home\n\n```{toctree}\nlecture\n```\n")
    build = [sys.executable, "-m", "sphinx", "-W", "-q", str(source), str(tmp_path / "out")]
    done = subprocess.run(build, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "out" / "lecture.html").read_text(encoding="utf-8")
    files = re.findall(r'(?:src|poster)="((?:videos|posters|captions)/[^"]+)"', text)
    assert len(files) == 9 and all((tmp_path / "out" / name).is_file() for name in files)


def test_pandoc_reads_the_slides_for_quarto_and_beamer(lecture):
    if find_spec("pypandoc") is None:
        pytest.skip("needs pypandoc, which is not installed here")
    import pypandoc

    (path,) = snippets.quarto(lecture, lecture.folder)
    slides = pypandoc.convert_file(str(path), "revealjs", format="markdown", extra_args=["--standalone"])
    assert slides.count("<video") == 3 and slides.count('class="notes"') == 3 and "data-autoplay" in slides
    frames, _ = beamer.write(lecture, lecture.folder)
    assert pypandoc.convert_file(str(frames), "html", format="latex").count('class="frame"') == 3


def test_latex_sets_the_frames(lecture):
    """By pdfLaTeX: a page for each segment, on the film's ground, no sign that it does not know."""
    if shutil.which("pdflatex") is None:
        pytest.skip("needs pdflatex with beamer, which is not installed here")
    _, document = beamer.write(lecture, lecture.folder)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", document.name]
    done = subprocess.run(command, cwd=lecture.folder, capture_output=True, text=True, errors="replace", timeout=120)
    if "beamer.cls' not found" in done.stdout:
        pytest.skip("needs beamer, which is not installed here")
    assert done.returncode == 0 and f"({len(lecture.segments)} pages" in done.stdout, done.stdout[-2000:]
    assert "Missing character" not in done.stdout
