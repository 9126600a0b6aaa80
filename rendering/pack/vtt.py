"""Reading WebVTT: the captions beside a film."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from ..captions import Cue
from ..errors import RenderError

_TIME = r"(?:(\d+):)?(\d\d):(\d\d)[.,](\d\d\d)"
_LINE = re.compile(rf"{_TIME}\s+-->\s+{_TIME}")


def read_cues(path: Path, seconds: float, overlap: bool = False) -> list[Cue]:
    """The cues of a file; refuses one whose cues run backwards, lie behind the film's end, or overlap (unless they may)."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise RenderError(f"cannot read the captions {path}: {problem}") from None
    if not text.startswith("WEBVTT"):
        raise RenderError(f"{path} is not a WebVTT file: it does not begin with WEBVTT")
    result: list[Cue] = []
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n")):
        lines = block.strip().split("\n")
        at = next((n for n, line in enumerate(lines) if "-->" in line), None)
        if at is None:
            continue
        match = _LINE.match(lines[at].strip())
        if match is None:
            raise RenderError(f"{path}: '{lines[at].strip()}' is not a time of a caption")
        start, end = _seconds(*match.groups()[:4]), _seconds(*match.groups()[4:])
        if end <= start:
            raise RenderError(f"{path}: the caption at {clock(start)} ends before it begins")
        if start >= seconds + 0.5:
            raise RenderError(f"{path}: the caption at {clock(start)} begins after the film's end at {clock(seconds)}")
        if result and not overlap and start < result[-1].end - 0.002:
            raise RenderError(f"{path}: the caption at {clock(start)} begins before the one at {clock(result[-1].start)} ends")
        words = tuple(unescape(re.sub(r"<[^>]*>", "", line)) for line in lines[at + 1 :] if line.strip())
        if words:
            result.append(Cue(start, min(end, seconds), words))
    return result


def clock(seconds: float) -> str:
    """Minutes and seconds with two decimals.

    >>> clock(75.4)
    '1:15.40'
    """
    return f"{int(seconds) // 60}:{seconds % 60:05.2f}"


def _seconds(hours: str | None, minutes: str, seconds: str, thousandths: str) -> float:
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + int(thousandths) / 1000
