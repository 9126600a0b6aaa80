"""Which films can have a transparent ground."""

from __future__ import annotations

WIDTHS = 16  # FFmpeg's ProRes leaves holes in the opacity where a width is no multiple


def coding(format: str, transparent: bool) -> str:
    """How a format is encoded: its name in ``encoder.CODECS``.

    >>> coding("webm", True), coding("webm", False)
    ('webm+alpha', 'webm')
    """
    return f"{format}+alpha" if transparent else format


def why_not_transparent(format: str, width: int) -> str:
    """Why a film of this format and width cannot have a transparent ground; empty where it can."""
    if format == "gif":
        return "a GIF's pixels are either there or not, so soft edges would turn black; choose --format webp or apng"
    if format == "mp4":
        return "an MP4 has no transparent ground; choose --format webm, mov, webp, apng or png"
    if format == "mov" and width % WIDTHS:
        near = max(round(width / WIDTHS), 4) * WIDTHS
        return f"a transparent ProRes needs a width that {WIDTHS} divides; choose {near} instead of {width}, or --format webm"
    return ""
