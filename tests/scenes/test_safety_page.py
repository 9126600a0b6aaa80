"""The pages about colours say what is so: the tables of docs/safety.md are those of the themes, the example theme is safe."""

import importlib.util
import re

from chainreel.scenes.clips.catalogue import CLIPS
from chainreel.scenes.stage.theme import THEMES, theme_from
from chainreel.scenes.stage.vision import concerns


def test_the_tables_are_those_of_the_themes(root):
    """ΔE and contrast are written down as they are; `python docs/safety.py NAME` writes them anew."""
    spec = importlib.util.spec_from_file_location("safety", root / "docs/safety.py")
    safety = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(safety)
    page = (root / "docs/safety.md").read_text(encoding="utf-8")
    for theme in THEMES.values():
        assert "\n".join(safety.distances(theme)) in page
    assert "\n".join(safety.on_grounds()) in page
    assert set(safety.kept()) <= set(CLIPS)


def test_the_example_of_the_themes_page_is_safe(root):
    """It is a theme, and nobody stumbles over it."""
    example = re.search(r"```toml\n(.*?)```", (root / "docs/themes.md").read_text(encoding="utf-8"), re.DOTALL)
    assert concerns(theme_from(example[1], "chalk")) == []
