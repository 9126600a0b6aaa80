"""Figures: a file each, a picture of one engine object, with verbs that return animations."""
