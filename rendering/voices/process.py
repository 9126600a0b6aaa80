"""A voice's library in a process of its own: words on stdin, a line of JSON (the times of the words) and a WAV on stdout."""

from __future__ import annotations

import json
import subprocess
import sys

from .kept import Said
from .voice import VoiceError

PATIENCE = 60  # seconds


def speak(who: str, module: str, spoken: str, *words: str) -> Said:
    """Run ``python -m module words…`` on the spoken words."""
    try:
        answer = subprocess.run(
            [sys.executable, "-m", module, *words], input=spoken.encode(), capture_output=True, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        raise VoiceError(f"{who} took more than a minute for {spoken[:40]!r}") from None
    head, _, sound = answer.stdout.partition(b"\n")
    if answer.returncode or not sound:
        said = answer.stderr.decode(errors="replace").strip().splitlines()
        raise VoiceError(f"{who} could not say {spoken[:40]!r}: {said[-1] if said else 'no sound came out'}")
    return sound, json.loads(head)
