"""All films on one page: their chapters, and when each begins. Nothing that draws is imported."""

from __future__ import annotations

from dataclasses import dataclass

from ..stage.errors import StageError
from ..stage.parameters import nearest


@dataclass(frozen=True)
class ChapterSpec:
    """A chapter: the file it stands in (its class is the file's name in CamelCase), its title, its length in seconds
    (0 where nothing is planned), and the claims of others that it shows (ids of engine.claims).
    """

    slug: str
    title: str
    seconds: float
    claims: tuple[str, ...] = ()

    @property
    def class_name(self) -> str:
        """`the_secret` is class `TheSecret`."""
        return "".join(word.capitalize() for word in self.slug.split("_"))


@dataclass(frozen=True)
class FilmSpec:
    """A film as the command line knows it. `slug` is its folder with dashes; `cover` the chapter whose poster it has.

    `folder` is where the chapters of a user's own film are.
    """

    slug: str
    title: str
    summary: str
    chapters: tuple[ChapterSpec, ...]
    cover: str
    folder: str = ""

    @property
    def package(self) -> str:
        """The folder of its chapters, as a module."""
        return f"chainreel.scenes.films.{self.slug.replace('-', '_')}"

    @property
    def seconds(self) -> float:
        """Its length as planned."""
        return sum(chapter.seconds for chapter in self.chapters)

    @property
    def claims(self) -> tuple[str, ...]:
        """What it took from others, in the order in which it is shown: the list of sources at its end."""
        return tuple(dict.fromkeys(claim for chapter in self.chapters for claim in chapter.claims))

    def starts(self) -> tuple[float, ...]:
        """When each chapter begins, seconds."""
        return tuple(sum(c.seconds for c in self.chapters[:n]) for n in range(len(self.chapters)))

    def chapter(self, wanted: str) -> ChapterSpec:
        """A chapter by its number from 1 or its name, or a sentence with the nearest one."""
        if wanted.isdigit() and 1 <= int(wanted) <= len(self.chapters):
            return self.chapters[int(wanted) - 1]
        plain = wanted.replace("-", "_").lower()
        for chapter in self.chapters:
            if chapter.slug == plain:
                return chapter
        names = [chapter.slug.replace("_", "-") for chapter in self.chapters]
        raise StageError(
            f"the film '{self.slug}' has no chapter '{wanted}'{nearest(wanted, names)} "
            f"(its chapters: {', '.join(f'{n} {name}' for n, name in enumerate(names, 1))})"
        )


FILMS: dict[str, FilmSpec] = {
    film.slug: film
    for film in (
        FilmSpec(
            "who-is-to-blame", "Who is to blame?", "back-propagation from nothing: guess, measure, blame, adjust",
            (
                ChapterSpec(
                    "the_secret", "The secret behind all AI", 67,
                    ("resnet-50", "gpt-3", "pitch", "chain-rule", "descent", "reverse", "thesis", "backprop"),
                ),
                ChapterSpec("the_problem", "Why networks need to learn", 80),
                ChapterSpec("forward_pass", "Forward pass", 114),
                ChapterSpec("loss", "Loss: measuring error", 116),
                ChapterSpec("backpropagation", "Back-propagation: the chain rule in action", 149, ("resnet-50",)),
                ChapterSpec("gradient_descent", "Gradient descent: actually learning", 74, ("mnist",)),
                ChapterSpec("cats_and_dogs", "Real example: cats and dogs", 22),
                ChapterSpec("recap", "Recap", 23, ("backprop",)),
            ),
            cover="backpropagation",
        ),
    )
}  # fmt: skip


def film_named(slug: str) -> FilmSpec:
    """The film of that name, or a sentence with the nearest one."""
    if slug not in FILMS:
        known = f" (the films: {', '.join(FILMS)})" if FILMS else ""
        raise StageError(f"there is no film '{slug}'{nearest(slug, list(FILMS))}{known}")
    return FILMS[slug]
