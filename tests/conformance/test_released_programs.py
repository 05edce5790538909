"""Both engines compute what the authors' released programs compute, on recorded observations and noise (released/README.md)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from algorithms.interface import Engine, Learner, create, hyperparameters_of
from algorithms.shared.replay.learner import ReplayLearner
from algorithms.shared.seed_arrays import SeedArrays
from envs.tasks import TASKS
from workflow.plan.plan import make_plan

ROOT = Path(__file__).parents[2]
RECORDINGS = Path(__file__).parent / "released"
Recording = Mapping[str, NDArray[Any]]
both_engines = pytest.mark.parametrize("engine", ["reference", "fused"])


def recordings(method: str) -> list[Any]:
    """The tasks that a method was recorded on."""
    return [path.stem.removeprefix(f"{method}_") for path in sorted(RECORDINGS.glob(f"{method}_*.npz"))]


class RecordedParameters:
    """Stands for the generator of initial parameters, and hands out the recorded ones in the order in which they are drawn."""

    def __init__(self, recording: Recording, kinds: tuple[str, ...]) -> None:
        layers = range(1, 1 + sum(name.startswith("initial/actor/weights") for name in recording))
        names = [f"{network}/{kind}_{layer}" for network in ("actor", "critic") for layer in layers for kind in kinds]
        self._arrays = iter([recording[f"initial/{name}"] for name in names])

    def uniform(self, low: float, high: float, shape: Any) -> NDArray[Any]:
        array = next(self._arrays).reshape(shape)
        assert low <= array.min(), "the program draws from a wider range"
        assert array.max() <= high, "the program draws from a wider range"
        return array


class RecordedNoise(SeedArrays):
    """Stands for `NoiseStreams`: the next step takes what `put` was given."""

    def __init__(self, recording: Recording, kinds: tuple[str, ...]) -> None:
        super().__init__()
        self.initial = [RecordedParameters(recording, kinds)]
        self.put()

    def put(self, normal: Any = (), uniform: Any = ()) -> None:
        self._upcoming = np.asarray(normal, np.float64)[None], np.asarray(uniform, np.float64)[None]

    def next(self) -> tuple[NDArray[Any], NDArray[Any]]:
        return self._upcoming


def learner_of(paper: str, method: str, task: str, engine: Engine, noise: RecordedNoise, patch: pytest.MonkeyPatch) -> Learner:
    """A learner of one seed in double precision, with the settings of the paper's runs.yaml."""
    for module in ("shared.traces", "fused.traces", "shared.replay"):
        patch.setattr(f"algorithms.{module}.learner.NoiseStreams", lambda *arguments: noise)
    settings = make_plan(ROOT, {"scale": "paper", "papers": paper}).runs[task, method, paper].hyperparameters
    problem = TASKS[task].problem(1)
    return create(method, problem, hyperparameters_of(method)(**settings), [np.random.SeedSequence(0)], engine, "float64")


def assert_reproduced(learner: Learner, recording: Recording, prefix: str, tolerance: float) -> None:
    """Equal up to the tolerance, and up to this share of how far a layer's parameters have moved: some layers hardly move."""
    policy = learner.policy()
    recorded = {name.removeprefix(prefix): array for name, array in recording.items() if name.startswith(prefix)}
    assert recorded.keys() == policy.keys()
    for name, parameters in recorded.items():
        moved = np.abs(parameters - recording[f"initial/{name}"]).max()
        assert moved > 0
        bound = tolerance * min(moved, 1)
        np.testing.assert_allclose(policy[name][0], parameters, rtol=0, atol=bound, err_msg=f"{prefix}{name}")


def snapshots(recording: Recording) -> list[int]:
    """After what the recorded program's parameters are known."""
    return sorted({int(name.split("/")[0].removeprefix("after_")) for name in recording if name.startswith("after_")})


@both_engines
@pytest.mark.parametrize("task", recordings("map_propagation"))
def test_map_propagation_is_the_released_programs(task: str, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = dict(np.load(RECORDINGS / f"map_propagation_{task}.npz"))
    noise = RecordedNoise(recording, ("weights",))
    learner = learner_of("chung2021", "map_propagation", task, engine, noise, monkeypatch)
    wanted = snapshots(recording)
    assert recording["only_resets"][: wanted[-1]].sum() >= 2, "no episode ends"
    for k in range(wanted[-1] + 1):
        noise.put(recording["normal"][k], recording["uniform"][k])
        learner.act(recording["observation"][k][None, None])
        if k in wanted:
            assert_reproduced(learner, recording, f"after_{k}/", 1e-9 if k <= 50 else 1e-6)
        reward, terminated, truncated = (recording[name][k].reshape(1, 1) for name in ("reward", "terminated", "truncated"))
        learner.learn(reward, terminated, truncated, recording["next_observation"][k][None, None])


@both_engines
@pytest.mark.parametrize("task", recordings("equilibrium_propagation"))
def test_equilibrium_propagation_is_the_released_programs(task: str, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = dict(np.load(RECORDINGS / f"equilibrium_propagation_{task}.npz"))
    noise = RecordedNoise(recording, ("weights", "biases"))
    learner = learner_of("kubo2022", "equilibrium_propagation", task, engine, noise, monkeypatch)
    assert isinstance(learner, ReplayLearner)
    s = learner.hyperparameters
    ours = (s.free_steps, s.nudged_steps, *s.actor_learning_rates, s.critic_learning_rate, s.beta, s.discount)
    assert ours == tuple(recording["settings"])
    wanted, updates, remembered = snapshots(recording), 0, 0
    for k, drawn in enumerate(recording["drawn"]):
        observation = recording["observation"][k][None, None]
        output, _ = learner.respond(observation.astype(np.float64))
        np.testing.assert_allclose(output[0, 0], recording["probabilities"][k], rtol=0, atol=1e-9)
        learns = drawn[0] >= 0
        noise.put(uniform=[recording["action_uniform"][k], *uniforms_that_draw(drawn, remembered if learns else len(drawn))])
        assert learner.act(observation)[0, 0] == recording["action"][k]
        ended, limit = recording["ended"][k].reshape(1, 1), recording["at_time_limit"][k].reshape(1, 1)
        next_observation = recording["next_observation"][k][None, None]
        learner.learn(recording["reward"][k].reshape(1, 1), ended & ~limit, limit, next_observation)
        updates += learns
        if learns and updates in wanted:
            assert_reproduced(learner, recording, f"after_{updates}/", 1e-10)
            if updates == wanted[-1]:
                break
        if ended[0, 0]:
            remembered = k + 1
            noise.put(uniform=np.zeros(1 + len(drawn)))
            learner.act(next_observation)
            nothing = np.zeros((1, 1), bool)
            learner.learn(np.zeros((1, 1)), nothing, nothing, next_observation)
    assert updates == wanted[-1] >= 100


def uniforms_that_draw(places: NDArray[Any], population: int) -> list[float]:
    """Numbers with which `draw_without_replacement` draws these places, in some order; any numbers for unknown places."""
    if places[0] < 0:
        return [0.0] * len(places)
    missing, uniforms = set(places.tolist()), []
    for last in reversed(range(population - len(places), population)):
        # Drawing ends with `last`, or with a place below it that no earlier draw has taken.
        place = last if last in missing else missing.pop()
        missing.discard(place)
        uniforms.append((place + 0.5) / (last + 1))
    return uniforms[::-1]
