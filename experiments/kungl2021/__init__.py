"""Experiments on the claims of kungl2021 (docs/kungl2021.md)."""
