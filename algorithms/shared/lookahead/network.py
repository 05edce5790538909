"""A layered network of neurons that look ahead: what each layer does, what its input implies, and the difference.

Layers run from 1 to L, each with a voltage u_l of shape [S, B, n_l]; layer 0 is clamped to the input. All equations follow from
E = sum_l |u_l - W_l rho(u_(l-1)) - b_l|^2 / 2 + cost (kungl2021, "Least action principle"; docs/kungl2021.md#the-equations).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from algorithms.shared.activation import softplus
from algorithms.shared.lookahead.nudge import Nudge
from algorithms.shared.parameters import Parameters
from algorithms.shared.tensors import Tensor, torch

Voltages = list[Tensor]  # a number for each neuron of the layers 1 to L, each [S, B, n_l]


@dataclass(frozen=True)
class Drive:
    """What acts on a network from outside at one moment."""

    inputs: Tensor
    """Rates of layer 0, [S, B, d]."""
    nudge: Nudge
    """What pulls the output away from what its input implies."""
    velocity: Tensor | None = None
    """Time derivative of the inputs, [S, B, d]; None: they stand still."""
    plasticity: Voltages | None = None
    """What weights that move take off dF/dt in every layer, as `plastic_drift` has it; None: they stand still."""


class LayeredNetwork:
    """Weights, feedback and activation function of a network; its voltages are kept by whoever moves them."""

    def __init__(self, parameters: Parameters, activation_scale: float, feedback: Sequence[Tensor] = ()) -> None:
        """Take weights around which the network is built.

        `activation_scale` is s of rho(u) = s log(1 + e^(u / s)). `feedback` has [S, n_l, n_(l+1)] for l = 1 to L - 1, as the
        weights W_(l+1) lie in `parameters`; the errors of layer l + 1 reach layer l through it. Empty: through W_(l+1) itself.
        """
        self.parameters = parameters
        self.scale = activation_scale
        self.feedback = list(feedback)

    @property
    def layers(self) -> int:
        """L, the number of layers whose voltages move."""
        return self.parameters.layers

    def rest(self, seeds: int, copies: int) -> Voltages:
        """Voltages of zero."""
        like = self.parameters.tensors[0]
        return [like.new_zeros((seeds, copies, self.parameters.units(layer))) for layer in range(1, self.layers + 1)]

    def rates(self, voltage: Tensor) -> Tensor:
        """rho(u), of u's shape."""
        return self.scale * softplus(voltage / self.scale)

    def slopes(self, voltage: Tensor) -> Tensor:
        """rho'(u), of u's shape."""
        return torch.sigmoid(voltage / self.scale)

    def presynaptic(self, voltages: Voltages, inputs: Tensor) -> list[Tensor]:
        """Rates that reach the layers 1 to L, from the inputs [S, B, d] on."""
        return [inputs, *(self.rates(voltage) for voltage in voltages[:-1])]

    def feedforward(self, inputs: Tensor) -> Voltages:
        """Voltages at which every layer does what its input implies."""
        voltages = [self.parameters.affine(1, inputs)]
        for layer in range(2, self.layers + 1):
            voltages.append(self.parameters.affine(layer, self.rates(voltages[-1])))
        return voltages

    def mismatches(self, voltages: Voltages, inputs: Tensor) -> list[Tensor]:
        """u_l - W_l r_(l-1) - b_l of every layer: what it does, less what its input implies."""
        arriving = enumerate(zip(voltages, self.presynaptic(voltages, inputs), strict=True), start=1)
        return [voltage - self.parameters.affine(layer, rates) for layer, (voltage, rates) in arriving]

    def feed_back(self, layer: int, above: Tensor) -> Tensor:
        """Numbers of layer + 1, [S, B, n_(l+1)], as they arrive at `layer`, [S, B, n_l]."""
        if self.feedback:
            return torch.bmm(above, self.feedback[layer - 1].mT)
        return self.parameters.transposed(layer + 1, above)

    def energy(self, voltages: Voltages, inputs: Tensor) -> Tensor:
        """Half the summed squares of all mismatches, without the cost, [S, B]."""
        return torch.stack([c.square().sum(dim=-1) for c in self.mismatches(voltages, inputs)]).sum(dim=0) / 2

    def residuals(self, voltages: Voltages, drive: Drive) -> list[Tensor]:
        """F_l = mismatch - error of every layer: zero where the network has settled; with symmetric feedback the slope of E."""
        return Linearisation(self, voltages, drive).residuals

    def local_changes(self, voltages: Voltages, inputs: Tensor) -> list[Tensor]:
        """Means over the copies of mismatch times presynaptic rate, for every W_l and b_l in the order of `parameters`."""
        changes = []
        pairs = zip(self.presynaptic(voltages, inputs), self.mismatches(voltages, inputs), strict=True)
        for rates, mismatch in pairs:
            changes += self.parameters.outer(rates, mismatch)
        return changes

    def plastic_drift(self, voltages: Voltages, inputs: Tensor, rate: float) -> Voltages:
        """Minus the time derivative of F while weights, but no biases, move by dW_l/dt = rate c_l r_(l-1)^T.

        Feedback weights of their own are taken to stand still where they are given.
        """
        presynaptic, mismatches = self.presynaptic(voltages, inputs), self.mismatches(voltages, inputs)
        own = [rate * c * r.square().sum(dim=-1, keepdim=True) for c, r in zip(mismatches, presynaptic, strict=True)]
        drift = list(own)
        for layer in range(1, self.layers):
            arriving = -self.feed_back(layer, own[layer])
            if not self.feedback:
                arriving = arriving + rate * presynaptic[layer] * mismatches[layer].square().sum(dim=-1, keepdim=True)
            drift[layer - 1] = drift[layer - 1] + self.slopes(voltages[layer - 1]) * arriving
        return drift


class Linearisation:
    """F at given voltages, and products with its Jacobian J = (I - P B)(I - W P) - D - N.

    P holds the slopes, B the feedback, D what bends the slopes, N the nudge's own slope (docs/kungl2021.md#the-equations).
    """

    def __init__(self, network: LayeredNetwork, voltages: Voltages, drive: Drive) -> None:
        self._network = network
        self._nudge = drive.nudge
        self._output = voltages[-1]
        self._slopes = [network.slopes(voltage) for voltage in voltages[:-1]]
        mismatches = network.mismatches(voltages, drive.inputs)
        self.residuals: list[Tensor] = []
        """F_l of every layer, [S, B, n_l]."""
        self._bends: list[Tensor] = []
        for layer in range(1, network.layers):
            slope, arriving = self._slopes[layer - 1], network.feed_back(layer, mismatches[layer])
            self.residuals.append(mismatches[layer - 1] - slope * arriving)
            self._bends.append(slope * (1 - slope) / network.scale * arriving)
        self.residuals.append(mismatches[-1] - drive.nudge.error(network, voltages[-1]))

    def product(self, x: list[Tensor]) -> list[Tensor]:
        """J x, for a number of each neuron."""
        forward = [x[0]]
        for layer in range(2, len(x) + 1):
            forward.append(x[layer - 1] - self._forward(layer, x[layer - 2]))
        backward = [forward[i] - self._slopes[i] * self._network.feed_back(i + 1, forward[i + 1]) for i in range(len(x) - 1)]
        return [a - b for a, b in zip([*backward, forward[-1]], self.left_out(x), strict=True)]

    def left_out(self, x: list[Tensor]) -> list[Tensor]:
        """(D + N) x: what one sweep does not see."""
        return [
            *(bend * part for bend, part in zip(self._bends, x, strict=False)),
            self._nudge.slope(self._network, self._output, x[-1]),
        ]

    def sweep(self, y: list[Tensor]) -> list[Tensor]:
        """Solve (I - P B)(I - W P) x = y: one pass down through the layers and one up."""
        down = [y[-1]]
        for layer in range(len(y) - 1, 0, -1):
            down.insert(0, y[layer - 1] + self._slopes[layer - 1] * self._network.feed_back(layer, down[0]))
        up = [down[0]]
        for layer in range(2, len(y) + 1):
            up.append(down[layer - 1] + self._forward(layer, up[-1]))
        return up

    def _forward(self, layer: int, below: Tensor) -> Tensor:
        return torch.bmm(self._slopes[layer - 2] * below, self._network.parameters.tensors[2 * layer - 2])
