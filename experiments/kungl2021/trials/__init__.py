"""Trials in continuous time, which the experiments of kungl2021 share."""
