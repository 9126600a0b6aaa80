"""The command `lint`: reports, the table, thumbnails, exit status."""

from __future__ import annotations

import json

import pytest
from PIL import Image

from chainreel.rendering.errors import RenderError
from chainreel.rendering.linting import SIZES, as_json, at_1080, command, findings, judge, shots, table
from chainreel.rendering.settings import Settings
from chainreel.scenes.lint import RULES

SCENES = """
from manim import Dot, FadeIn, Scene, config
from chainreel.scenes.stage.stage import Stage
from chainreel.scenes.stage.type import Label

class Fine(Stage):
    shapes = ("wide", "tall")
    def construct(self):
        with self.beat("A dot stands here.", hold=3.1):
            self.play(FadeIn(Dot(color=self.look.value)), FadeIn(Label("a dot", self.look.ink).shift([0, 0.4, 0])), run_time=1)

class Bad(Fine):
    def construct(self):
        self.add(Label("too far out", self.look.ink).shift([6.4, 0, 0]), Dot([6.1, -0.4, 0], color=self.look.value))
        super().construct()

class Fickle(Fine):
    def construct(self):
        dot = Dot([0.8, 0.9, 0], color=self.look.value)
        self.add(Label("here", self.look.ink).shift([config.pixel_height / 1000, 1.3, 0]), dot)
        super().construct()

class Plain(Scene):
    def construct(self):
        self.wait()
"""


@pytest.fixture
def file(tmp_path):
    """A user's file with four scenes."""
    path = tmp_path / "lecture.py"
    path.write_text(SCENES)
    return str(path)


def test_a_clean_scene_in_every_shape_that_it_is_made_for(file):
    """Two shapes, two themes: four reports without findings."""
    reports = judge(file, "Fine", themes=("night", "paper"))
    assert [(r.theme, r.size) for r in reports] == [(t, SIZES[s]) for t in ("night", "paper") for s in ("wide", "tall")]
    assert all(not r.findings for r in reports)
    assert "0 findings" in table(reports) and table(reports).count("✓") == len(RULES)


def test_a_breach_is_told_framed_and_counted(file, tmp_path, capsys):
    """Exit status 1, a line with time and name, a line in the table, a thumbnail."""
    pictures = tmp_path / "pictures"
    assert command([file, "Bad", "--shape", "wide", "--pictures", str(pictures)]) == 1
    said = capsys.readouterr().out
    assert "'too far out' reaches into the 6 % margin" in said and "safe area           1 ✗" in said
    (thumbnail,) = pictures.glob("*.png")
    assert "Bad-night-854x480-01-safe-area" in thumbnail.name and Image.open(thumbnail).width == 480


def test_without_findings_the_status_is_0(file, capsys):
    """And JSON is one object."""
    assert command([file, "Fine", "--layout", "--size", "854x480", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"Fine, night, 854x480": []}


def test_the_layout_may_not_depend_on_the_pixels(file):
    """R42."""
    (finding,) = findings(shots(file, "Fickle")["Fickle"], Settings(854, 480, 15), frames=False)
    assert finding.rule == "every size" and "'here' stands 0.60 units elsewhere" in finding.message
    assert at_1080(Settings(480, 854, 15)).size == (1080, 1922)


def test_a_plain_scene_of_manims_is_refused_in_a_sentence(file):
    """It has no beats and no theme to judge by."""
    with pytest.raises(RenderError, match="plain manim scene"):
        judge(file, "Plain")
    with pytest.raises(RenderError, match="leave one out"):
        command([file, "Fine", "--size", "854x480", "--shape", "tall"])


def test_findings_as_plain_values(file):
    """Rule, number, time, beat, message and place of each."""
    reports = judge(file, "Bad", sizes=[(854, 480)], frames=False)
    (finding,) = as_json(reports)["Bad, night, 854x480"]
    assert (finding["rule"], finding["number"], finding["beat"]) == ("safe area", "§10", 0) and len(finding["where"]) == 4
