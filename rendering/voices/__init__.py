"""Voices: who says the words of a film. ``voice_named`` makes one from what the user wrote."""

from __future__ import annotations

from .book import Book
from .named import voice_named
from .voice import Utterance, Voice, VoiceError

__all__ = ["Book", "Utterance", "Voice", "VoiceError", "voice_named"]
