"""Experiments on the claims of guss2016 (docs/guss2016.md)."""
