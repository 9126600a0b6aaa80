"""Film A, "Who is to blame?": one algorithm behind modern AI, for people who have never heard of a derivative."""
