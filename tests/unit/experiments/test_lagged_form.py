"""The experiment on the cheap form of the dynamics."""

from __future__ import annotations

import math

import numpy as np
import torch

from algorithms.shared.lookahead.network import Drive, Linearisation
from algorithms.shared.lookahead.nudge import Nudge
from envs.tasks.three_images import images
from experiments.kungl2021 import lagged_form
from tests.unit.experiments.test_documentation import unexplained


def test_the_largest_singular_value_is_that_of_the_dense_matrix() -> None:
    network = lagged_form.scaled([1, 2], 0.5)
    inputs = torch.from_numpy(images()[:1].astype(float)).expand(2, 1, -1).contiguous()
    drive = Drive(inputs, Nudge(torch.zeros(())))
    found = lagged_form.largest_singular_value(network, drive)
    hidden, outputs = lagged_form.SIZES[1:]
    slopes = Linearisation(network, network.feedforward(inputs), drive)._slopes[0][:, 0]
    for seed in range(2):
        dense = np.eye(hidden + outputs)
        weights = network.parameters.tensors[2][seed]
        dense[hidden:, :hidden] = -(weights.T * slopes[seed]).numpy()
        np.testing.assert_allclose(found[seed], np.linalg.svd(dense, compute_uv=False)[0], rtol=1e-3)


def test_it_is_stable_where_theory_says_so_and_the_table_is_explained() -> None:
    table = lagged_form.measure([], "tiny")
    assert unexplained(table, lagged_form.__doc__ or "") == []
    rows = table.set_index(["scale", "quantity"])["mean"]
    assert rows[0.2, "singular_value"] < math.sqrt(2) < rows[1.0, "singular_value"]
    assert rows[0.2, "unstable"] == 0
    assert rows[0.2, "distance"] < 0.1
    assert rows[1.0, "unstable"] == 1
