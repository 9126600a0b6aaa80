"""What a file uses of its neighbours: all that can run counts, and only what cannot run is left out."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from chainreel.rendering.used import used
from chainreel.scenes import films

FILMS = Path(str(films.__file__)).parent
CHAPTERS = "the_secret the_problem forward_pass loss backpropagation gradient_descent cats_and_dogs recap".split()

ONE = '''
from __future__ import annotations
from . import cast
LINE = 3

class Shape:
    def points(self):
        return "shape"

class One:
    wide = True
    def construct(self):
        return "said"
    def part(self, other: One):
        return unseen()

def unseen():
    return "unseen"

def helper():
    return Shape(), LINE

def last_picture(stage: One):
    return helper(), cast.face()
'''
TWO = "from . import one\n\nclass Two:\n    def construct(self):\n        return one.last_picture(self)\n"
CAST = "def face():\n    return 'face'\n\ndef dog():\n    return 'dog'\n"


@pytest.fixture
def write(tmp_path):
    """Three files of a film; what ``two`` uses of them, as one text."""

    def write(one=ONE, two=TWO, cast=CAST, **more):
        folder = tmp_path / "scenes" / "films" / "a"
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in {"one": one, "two": two, "cast": cast, "__init__": "", **more}.items():
            (folder / f"{name}.py").write_text(text)
        return "\n".join(text for _, text in sorted(used(folder / "two.py", folder.parent).items()))

    return write


@pytest.mark.parametrize("word", ['"said"', "return unseen()", '"unseen"', "'dog'"])
def test_what_no_name_leads_to_is_left_out(write, word):
    """The words of the neighbour's own beats."""
    assert write() == write(ONE.replace(word, "None"), cast=CAST.replace(word, "None"))


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ('"shape"', "None"),
        ("LINE = 3", "LINE = 4"),
        ("wide = True", "wide = False"),
        ("def construct(self)", "def construct(self, more=1)"),
        ("return helper()", "return LINE"),
        ("'face'", "None"),
    ],
)
def test_what_can_run_counts(write, word, other):
    """A picture, what it is made of, what an import executes, what a class says of itself."""
    assert write() != write(ONE.replace(word, other), cast=CAST.replace(word, other))


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (ONE + "\nthings = list(globals().values())", TWO),
        (ONE + "\nimport inspect", TWO),
        (ONE + "\ndef __getattr__(name):\n    return One", TWO),
        (ONE + "\nclass One:\n    def construct(self):\n        return 'said'", TWO),  # which of the two counts?
        (ONE.replace("class One:", "@helper\nclass One:"), TWO),
        (ONE.replace("class One:", "class One(metaclass=type):"), TWO),
        (ONE.replace("wide = True", "wide = helper()"), TWO),
        (ONE.replace("LINE = 3", "LINE = One"), TWO),
        (ONE.replace("return helper()", "return One()"), TWO),
        (ONE, TWO + "\nprint(getattr(one, 'O' + 'ne'))"),
        (ONE, TWO + "\none.last_picture = None"),
        (ONE, TWO.replace("from . import one", "from . import one\nfrom .one import *")),
        (ONE, TWO.replace("from . import one", "from . import one\nimport chainreel.scenes.films.a.one")),
        (ONE, TWO.replace("from . import one", "from chainreel.scenes.films.a import one\nhanded = [one]")),
        (ONE.replace("from __future__ import annotations\n", ""), TWO),  # the annotation of last_picture runs
    ],
)
def test_what_may_be_reached_in_other_ways_counts(write, one, two):
    """Then a word of the neighbour's beats makes this one look again, too."""
    assert write(one, two) != write(one.replace('"said"', "None"), two).replace("'said'", "None")


def test_a_module_that_is_asked_of_another_counts_whole(write):
    """``one.cast`` is the module cast."""
    two = TWO + "\nprint(one.cast.dog())"
    assert write(two=two) != write(two=two, cast=CAST.replace("'dog'", "None"))


def test_ends_of_lines_do_not_count(write):
    """They differ between systems."""
    assert write() == write(one=ONE.replace("\n", "\r\n"))


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_word_of_a_chapter_is_its_own_concern(tmp_path, chapter):
    """A word said in one chapter of film A changes what is known of that chapter alone; one in its last picture does not."""
    copy = shutil.copytree(FILMS, tmp_path / "films", ignore=shutil.ignore_patterns("__pycache__"))
    folder = copy / "who_is_to_blame"

    def texts():
        return {name: used(folder / f"{name}.py", copy) for name in CHAPTERS}

    path, before = folder / f"{chapter}.py", texts()
    text = path.read_text(encoding="utf-8")
    changed, count = re.subn(r'(self\.beat\(\s*|words = \(?\s*)"(\w+)', r'\1"Anyway \2', text, count=1)
    assert count == 1 and changed.index("Anyway") > changed.index(f"class {chapter.title().replace('_', '')}(")
    path.write_text(changed, encoding="utf-8")
    after = texts()
    assert [name for name in CHAPTERS if before[name] != after[name]] == [chapter]
    if "\ndef last_picture(" not in text:
        return
    path.write_text(text.replace('\ndef last_picture(stage: Stage)', '\ndef last_picture(stage: Stage, more: int = 1)'))
    users = [name for name in CHAPTERS if f"{chapter}.last_picture" in (FILMS / "who_is_to_blame" / f"{name}.py").read_text()]
    after = texts()
    assert {chapter, *users} <= {name for name in CHAPTERS if before[name] != after[name]}
