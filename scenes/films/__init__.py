"""The films: a folder each, a file for each chapter."""
