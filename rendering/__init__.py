"""From scenes to files: command line, drawing, encoding, captions, voice, manifests. Knows no mathematics."""
