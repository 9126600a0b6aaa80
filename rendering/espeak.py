"""``python -m chainreel.rendering.espeak VOICE RATE``: says the text on stdin as a WAV file on stdout.

The C interface of eSpeak NG (speak_lib.h) by ctypes; the library and its data come with the package
espeakng-loader.
"""

from __future__ import annotations

import ctypes
import io
import sys
import wave

SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS: the callback gets the sound, nothing is played
RATE, UTF8, BY_CHARACTER = 1, 1, 1  # espeakRATE, espeakCHARS_UTF8, POS_CHARACTER


def speak(text: str, voice: str, rate: int) -> bytes:
    """A mono WAV file with 16-bit samples; ``rate`` is words a minute."""
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    hertz = library.espeak_Initialize(SYNCHRONOUS, 0, str(espeakng_loader.get_data_path()).encode(), 0)
    if hertz <= 0:
        raise OSError("the library did not start")
    chunks: list[bytes] = []

    @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
    def receive(samples: ctypes._Pointer[ctypes.c_short], count: int, _events: int) -> int:
        if samples and count > 0:
            chunks.append(ctypes.string_at(samples, count * 2))
        return 0

    library.espeak_SetSynthCallback(receive)
    if library.espeak_SetVoiceByName(voice.encode()) != 0:
        raise OSError(f"there is no voice '{voice}'")
    library.espeak_SetParameter(RATE, rate, 0)
    data = text.encode()
    library.espeak_Synth.argtypes = [
        ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint, ctypes.c_uint,
        ctypes.c_void_p, ctypes.c_void_p,
    ]  # fmt: skip
    if library.espeak_Synth(data, len(data) + 1, 0, BY_CHARACTER, 0, UTF8, None, None) != 0:
        raise OSError("the text was refused")
    library.espeak_Synchronize()
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(hertz)
        sound.writeframes(b"".join(chunks))
    return out.getvalue()


if __name__ == "__main__":
    sys.stdout.buffer.write(speak(sys.stdin.buffer.read().decode(), sys.argv[1], int(sys.argv[2])))
