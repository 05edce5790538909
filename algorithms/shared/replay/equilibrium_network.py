"""A network that relaxes to an equilibrium and learns from two of them: equilibrium propagation (Scellier and Bengio, 2017).

Hidden units are driven from below and, through the same weights, from above; the output is a softmax
(docs/kubo2022.md#the-relaxation).
"""

from __future__ import annotations

from typing import Literal

from algorithms.shared.parameters import Parameters
from algorithms.shared.replay.hard_sigmoid_network import hard_sigmoid
from algorithms.shared.tensors import Tensor, torch

State = list[Tensor]
"""Units of layers 1..L, each [S, B, n_l]: hidden layers, then the output."""


class EquilibriumNetwork:
    """Layers 1..L over a fixed observation; an Euler step moves all layers at once, from the old state.

    Args:
        parameters: W^l [S, n_{l-1}, n_l] and b^l; the feedback from layer l + 1 to layer l is the transposed W^{l+1}.
        output: "softmax" (kubo2022, Equation S2), or "linear" for real values (S1).
        step_size: dt of an Euler step, h in the paper.
    """

    def __init__(self, parameters: Parameters, output: Literal["softmax", "linear"], step_size: float) -> None:
        self.parameters = parameters
        self.output = output
        self.step_size = step_size

    def rest(self, observation: Tensor) -> State:
        """The state that every free phase starts from: zero."""
        shape = observation.shape[:-1]
        return [observation.new_zeros((*shape, self.parameters.units(layer))) for layer in self._layers]

    def relax(
        self,
        observation: Tensor,
        state: State,
        steps: int,
        strength: Tensor | None = None,
        target: Tensor | None = None,
    ) -> State:
        """Return the state after `steps` Euler steps; `state` itself does not change.

        Without a target this is the free phase. With one the output is also drawn to `target` [S, B, n_L] with `strength` [S, B]:
        the nudged phase, whose strength is beta times the advantage (Equation S3), or beta (S1).
        """
        drive = self.parameters.affine(1, observation)
        for _ in range(steps):
            state = self._euler_step(drive, state, strength, target)
        return state

    def gradients(self, observation: Tensor, free: State, nudged: State, beta: float, rule: Literal["S5", "S6"]) -> list[Tensor]:
        """Means over the batch of the contrast of both phases, divided by beta, for every W^l and b^l.

        S5 is the paper's rule, pre_n (post_n - post_f), whose presynaptic factor is the nudged state
        (docs/kubo2022.md#the-update-rule). It is the gradient with respect to the forward weights, with the feedback weights held
        fixed. S6 is the rule of 2017, pre_n post_n - pre_f post_f: the gradient with respect to weights used in both directions.
        """
        contrasts: list[Tensor] = []
        for layer in self._layers:
            before_free, before_nudged = (observation, observation) if layer == 1 else (free[layer - 2], nudged[layer - 2])
            change = nudged[layer - 1] - free[layer - 1]
            weights, biases = self.parameters.outer(before_nudged, change)
            if rule == "S6" and layer > 1:
                # pre_n post_n - pre_f post_f = pre_n (post_n - post_f) + (pre_n - pre_f) post_f
                weights = weights + self.parameters.outer(before_nudged - before_free, free[layer - 1])[0]
            contrasts += [weights / beta, biases / beta]
        return contrasts

    @property
    def _layers(self) -> range:
        return range(1, self.parameters.layers + 1)

    def _euler_step(self, drive: Tensor, state: State, strength: Tensor | None, target: Tensor | None) -> State:
        new = []
        for layer in self._layers:
            old = state[layer - 1]
            total = drive if layer == 1 else self.parameters.affine(layer, state[layer - 2])
            if layer < self.parameters.layers:
                pull = hard_sigmoid(total + self.parameters.transposed(layer + 1, state[layer])) - old
            else:
                pull = (torch.softmax(total, dim=-1) if self.output == "softmax" else total) - old
                if strength is not None and target is not None:
                    pull = pull + strength[..., None] * (target - old)
            new.append(old + self.step_size * pull)
        return new
