"""Render an episode of a trained policy, without a screen, as an animated GIF."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import gymnasium
import numpy as np
from numpy.typing import NDArray
from PIL import Image

import envs  # noqa: F401  (registers our own environments)
from algorithms.interface import hyperparameters_of
from envs.seeding import environment_seed
from envs.task import Task
from envs.tasks import TASKS
from records.errors import Refusal
from workflow.plan.hyperparameters import action_map_of
from workflow.playback.finished import Trained
from workflow.playback.player import Player

FRAMES_PER_SECOND = 25
MOST_FRAMES = 150
"""A longer episode leaves out frames, and so is shown faster."""
WIDTH = 300
_COLOURS = 32
_SAMPLED = 8  # frames that the colours are chosen from


_FEWEST_FRAMES, _LEAST_WIDTH = 12, 60  # below which a film shows too little
_PAUSE = 1000 // FRAMES_PER_SECOND  # milliseconds


class Played(NamedTuple):
    """One episode."""

    pictures: list[Image.Image]
    steps: int
    total: float
    """The episode's return."""


class Film(NamedTuple):
    """One episode."""

    gif: bytes
    steps: int
    total: float
    """The episode's return."""


def check_shown(task: Task) -> None:
    """Refuse a task that cannot be rendered."""
    if task.kind == "single_step":
        can = [name for name, row in TASKS.items() if row.kind == "episodic" and not row.only_in_envpool]
        raise Refusal(f"{task.name}: its episodes have one step, so there is nothing to watch; choose one of {', '.join(can)}")
    if task.only_in_envpool:
        raise Refusal(f"{task.name}: EnvPool alone has it, and renders nothing; choose a task that gymnasium has")
    environment = _make(task, None)
    modes = environment.metadata.get("render_modes", [])
    environment.close()
    if "rgb_array" not in modes:
        raise Refusal(f"{task.name}: its environment cannot be rendered; give it the render mode rgb_array")


def film(trained: Trained, width: int = WIDTH) -> Film:
    """One episode of a policy as a GIF, played as `play` does."""
    played = play(trained, width)
    return Film(animated(played.pictures), played.steps, played.total)


def play(trained: Trained, width: int) -> Played:
    """One episode of a policy in pictures that are `width` pixels wide.

    The environment starts from its seed's first state in gymnasium, which is none that EnvPool trained from.
    """
    record = trained.record
    task = TASKS[record["task"]]
    check_shown(task)
    action_map = action_map_of(hyperparameters_of(record["method"])(**record["hyperparameters"]))
    player, environment = Player(trained), _make(task, "rgb_array")
    reel = _Reel(lambda: _picture(environment.render(), width), environment.metadata.get("render_fps", FRAMES_PER_SECOND))
    observation, _ = environment.reset(seed=environment_seed(record["root_seed"], record["task"], trained.seed))
    steps, total, ended = 0, 0.0, False
    while not ended:
        reel.pass_step()
        sample = player.act(np.asarray(observation, np.float32))
        action = task.to_environment(sample, action_map)
        observation, reward, terminated, truncated, _ = environment.step(int(action) if task.discrete else action)
        steps, total, ended = steps + 1, total + float(reward), terminated or truncated
    pictures = [*reel.pictures, reel.show()]
    environment.close()
    return Played(pictures, steps, total)


def fitted(pictures: list[Image.Image], most_bytes: int) -> bytes | None:
    """Pictures as a GIF of at most so many bytes, with fewer frames or half the width where needed; None: it still has more.

    The episode takes as long with fewer frames.
    """
    pause = _PAUSE
    while len(gif := animated(pictures, pause)) > most_bytes:
        if len(pictures) >= 2 * _FEWEST_FRAMES:
            pictures, pause = pictures[::2], 2 * pause
        elif pictures[0].width >= 2 * _LEAST_WIDTH:
            pictures = [picture.resize((picture.width // 2, picture.height // 2)) for picture in pictures]
        else:
            return None
    return gif


def animated(pictures: list[Image.Image], pause: int = _PAUSE) -> bytes:
    """Pictures of one size as a GIF that plays again and again, in colours that all share, each for `pause` milliseconds."""
    sampled = pictures[:: max(1, len(pictures) // _SAMPLED)]
    width, height = pictures[0].size
    sheet = Image.new("RGB", (width, height * len(sampled)))
    for place, picture in enumerate(sampled):
        sheet.paste(picture, (0, height * place))
    colours = sheet.quantize(_COLOURS, Image.Quantize.MEDIANCUT)
    first, *others = (picture.quantize(palette=colours, dither=Image.Dither.NONE) for picture in pictures)
    file = io.BytesIO()
    first.save(file, "GIF", save_all=True, append_images=others, duration=pause, loop=0)
    return file.getvalue()


class _Reel:
    """Frames of an episode of unknown length: once there are too many, every other one is dropped, and left out from then on."""

    def __init__(self, show: Callable[[], Image.Image], steps_per_second: int) -> None:
        """`show` renders the present state."""
        self.show = show
        self.pictures: list[Image.Image] = []
        self._every = max(1, round(steps_per_second / FRAMES_PER_SECOND))
        self._steps = 0

    def pass_step(self) -> None:
        """Take in the state before a step."""
        if self._steps % self._every == 0:
            self.pictures.append(self.show())
        self._steps += 1
        if len(self.pictures) == MOST_FRAMES:
            self.pictures = self.pictures[::2]
            self._every *= 2


def _make(task: Task, render_mode: str | None) -> gymnasium.Env[Any, Any]:
    os.environ.setdefault("SDL_VIDEODRIVER", "dummy")  # no screen is needed
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*CartPole-v0 is out of date")
        warnings.filterwarnings("ignore", message="builtin type .* has no __module__ attribute", category=DeprecationWarning)
        return gymnasium.make(
            task.gymnasium_id, max_episode_steps=task.time_limit, disable_env_checker=True, render_mode=render_mode
        )


def _picture(frame: NDArray[np.uint8] | Any, width: int) -> Image.Image:
    picture = Image.fromarray(np.asarray(frame, np.uint8))
    return picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.BOX)
