"""A film as a notebook shows it: in the page itself, with captions, a poster and words for those who do not see."""

from __future__ import annotations

import os
import shutil
from base64 import b64encode
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

LARGE = 60e6  # bytes; a notebook that is heavier than this no longer opens well


@dataclass(frozen=True)
class Shown:
    """A film: ``video``, the ``files`` beside it, ``manifest``, ``seconds``. The last line of a cell shows it.

    ``where`` is the temporary folder that must live as long as the film, if it was not told to stay anywhere.
    """

    files: tuple[Path, ...]
    manifest: dict[str, Any]
    embed: bool = True
    note: str = ""
    where: Any = None

    @property
    def video(self) -> Path:
        """The film itself."""
        return self.files[0]

    @property
    def seconds(self) -> float:
        """Its length."""
        return float(self.manifest.get("seconds", 0.0))

    @property
    def numbers(self) -> list[tuple[float, str, str]]:
        """Every number that it shows: the second at which it appears, its key, its text."""
        return [(float(n["start"]), str(n["key"]), str(n["text"])) for n in self.manifest.get("numbers", ())]

    def save(self, path: str | Path) -> Path:
        """Copy the film, and all that stands beside it, to ``path`` (its suffix is the film's own where it has none)."""
        from .refusal import Refusal

        target = Path(path).expanduser()
        if target.suffix not in ("", self.video.suffix):
            right = target.with_suffix(self.video.suffix)
            raise Refusal(f"this film is no {target.suffix[1:]}; save it as {right}")
        target = target.with_suffix(self.video.suffix)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            for file in self.files:
                shutil.copyfile(file, target.with_name(target.stem + file.name.removeprefix(self.video.stem)))
        except OSError as problem:
            raise Refusal(f"cannot write {target}: {problem.strerror}") from None
        return target

    def __repr__(self) -> str:
        return f"{self.manifest.get('title') or self.video.name}, {self.seconds:.1f} s: {self.video}"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        bundle = {"text/plain": repr(self), "text/html": self.html()}
        poster = self._beside(".png")
        if poster is not None:  # for paper, and wherever no HTML is shown
            bundle["image/png"] = b64encode(poster.read_bytes()).decode()
        return bundle

    def html(self) -> str:
        """The film as HTML that needs no other file (with ``embed``)."""
        title, alt = str(self.manifest.get("title") or self.video.stem), str(self.manifest.get("alt") or "")
        width = int(self.manifest.get("width") or 1280)
        captions, poster = self._beside(".vtt"), self._beside(".png")
        weight = self.video.stat().st_size
        embed = self.embed and weight < LARGE
        too_large = f"{weight / 1e6:.0f} MB are too much for a notebook: the film is linked from {self.video}"
        told = " ".join(part for part in (self.note, too_large if self.embed and not embed else "") if part)
        kind = {"mp4": "video/mp4", "webm": "video/webm", "mov": "video/quicktime"}.get(self.video.suffix[1:], "video/mp4")
        source = _data(self.video, kind) if embed else _link(self.video)
        shows = f' poster="{_data(poster, "image/png")}"' if poster else ""
        track = ""
        if captions is not None:  # always inside: a page that was opened from a disk may not read a file beside it
            language = escape(str(self.manifest.get("language") or "en"))
            words = _data(captions, "text/vtt")
            track = f'<track kind="captions" label="captions" srclang="{language}" src="{words}" default>'
        label = f"{title}. {alt}".strip()
        note = f"<figcaption>{escape(told)}</figcaption>" if told else ""
        return (
            f'<figure style="margin:0"><video controls playsinline preload="metadata" aria-label="{escape(label)}" '
            f'style="max-width:100%;width:{width}px;height:auto"{shows}><source src="{source}" type="{kind}">{track}'
            f"{escape(title)}</video>{note}</figure>"
        )

    def _beside(self, suffix: str) -> Path | None:
        path = self.video.with_suffix(suffix)
        return path if path.is_file() else None


def _data(path: Path, kind: str) -> str:
    return f"data:{kind};base64,{b64encode(path.read_bytes()).decode()}"


def _link(path: Path) -> str:
    """The file as the notebook, which works in the current folder, finds it."""
    from urllib.parse import quote

    return quote(Path(os.path.relpath(path)).as_posix())
