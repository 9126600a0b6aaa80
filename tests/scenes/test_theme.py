"""Colours keep their promises in both themes: contrast on the ground, and distance for colour-blind viewers."""

import itertools
from dataclasses import fields, replace

import pytest

from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.theme import NIGHT, THEMES, Theme, contrast, theme_from, theme_named
from chainreel.scenes.stage.vision import ROLES, VISION, colour_distance, concerns


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda t: t.name)
@pytest.mark.parametrize("vision", VISION)
def test_roles_stay_apart(theme, vision):
    """R12: every pair of role colours is at least 25 ΔE apart for every kind of vision."""
    for a, b in itertools.combinations(ROLES, 2):
        distance = colour_distance(theme.role(a), theme.role(b), vision)
        assert distance >= 25, f"{a} and {b} are {distance:.1f} apart for {vision} vision"


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda t: t.name)
def test_text_can_be_read(theme):
    """R13: every colour that text may have reaches 4.5:1 on the ground and on the slot it may stand on."""
    for role in (*ROLES, "ink", "muted"):
        assert contrast(theme.role(role), theme.ground) >= 4.49, role
        assert contrast(theme.role(role), theme.slot) >= 4.49, role
    assert contrast(theme.on_slope, theme.slope) >= 4.5
    assert concerns(theme) == []


def test_an_unknown_theme_is_answered_with_the_names():
    """A wrong --theme gets a sentence."""
    with pytest.raises(StageError, match="night and paper"):
        theme_named("nigth")


def test_a_theme_of_the_users_is_a_small_file(tmp_path):
    """What differs from a base is enough; the name is the file's unless it says another."""
    mine = tmp_path / "chalk.toml"
    mine.write_text('base = "night"\nground = "#0c3b2e"\ngrid = 0.1\ndisc_mix = [0.3, 0.1]\n')
    theme = theme_named(str(mine))
    assert theme == replace(NIGHT, name="chalk", ground="#0C3B2E", grid=0.1, disc_mix=(0.3, 0.1))
    assert any("text in slope of the theme chalk" in c for c in concerns(theme)), "green makes red text faint, and it is said"


def test_a_whole_theme_needs_no_base():
    """All keys said: the built-in themes are written so."""
    values = {f.name: getattr(NIGHT, f.name) for f in fields(Theme)}
    values["dark"] = "true"
    said = {k: list(v) if isinstance(v, tuple) else v if k == "dark" else repr(v) for k, v in values.items()}
    assert theme_from("\n".join(f"{k} = {v}" for k, v in said.items()), "other") == NIGHT


@pytest.mark.parametrize(
    "text, says",
    [
        ("ground =", "not a theme file"),
        ('base = "day"', "based on night or paper"),
        ('base = "night"\nvalu = "#112233"', "unknown key 'valu'; did you mean 'value'"),
        ('base = "night"\nvalue = "red"', "no colour"),
        ('base = "night"\nvalue = "#12345"', "no colour"),
        ('base = "night"\ngrid = 3', "from 0 to 1"),
        ('base = "night"\ngrid = true', "from 0 to 1"),
        ('base = "night"\ndisc_mix = 0.3', "two shares"),
        ('base = "night"\ndark = "yes"', "true or false"),
        ('value = "#112233"', "does not say ground"),
        ('base = "night"\nname = 3', "name must be text"),
    ],
)
def test_a_malformed_theme_is_refused_in_a_sentence(text, says):
    """What is wrong, and what to write."""
    with pytest.raises(StageError, match=says):
        theme_from(text, "mine")


def test_a_missing_theme_file_is_refused(tmp_path):
    """A sentence, no traceback."""
    with pytest.raises(StageError, match="there is no theme file"):
        theme_named(str(tmp_path / "nowhere.toml"))
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(StageError, match="cannot read"):
        theme_named(str(tmp_path / "bytes.toml"))
