"""The films of a cell: of which seeds, within how many bytes, and why there are none."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from records.errors import Refusal
from records.results import write_results
from reports.runs.load import ReportData
from workflow.playback import cell
from workflow.playback.cell import chosen, films_of_cell
from workflow.playback.film import FRAMES_PER_SECOND, Played, fitted
from workflow.playback.finished import Trained

KEY = ("CartPole-v1", "reinforce", "v")
FINALS = {3: 10.0, 4: 30.0, 5: 20.0}


def pictures(count: int = 100, width: int = 160) -> list[Image.Image]:
    """Frames that no two are alike, and that are hard to compress."""
    rng = np.random.default_rng(0)
    return [Image.fromarray(rng.integers(0, 255, (40, width, 3), np.uint8)) for _ in range(count)]


def lengths(gif: bytes) -> tuple[int, int, int]:
    """Frames, milliseconds and width of a GIF."""
    with Image.open(io.BytesIO(gif)) as picture:
        frames = getattr(picture, "n_frames", 1)
        time = 0
        for number in range(frames):
            picture.seek(number)
            time += int(picture.info["duration"])
        return frames, time, picture.width


def test_the_best_and_the_median_seed() -> None:
    assert chosen(FINALS) == [("Best seed", 4), ("Median seed", 5)]
    assert chosen({1: 5.0, 0: 5.0}) == [("Best seed", 0), ("Median seed", 1)]
    assert chosen({7: 1.0}) == [("Best seed", 7)]


def test_a_film_takes_no_more_bytes_than_it_may_and_as_long_as_before() -> None:
    frames = pictures()
    whole = fitted(frames, 10**9)
    assert whole is not None
    assert lengths(whole) == (100, 100 * 1000 // FRAMES_PER_SECOND, 160)
    fewer = fitted(frames, len(whole) // 3)
    assert fewer is not None
    assert len(fewer) <= len(whole) // 3
    assert lengths(fewer) == (25, 4000, 160)
    small = fitted(frames, len(whole) // 20)
    assert small is not None
    assert lengths(small)[2] == 80
    assert fitted(frames, 500) is None


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Two blocks of seeds, in a summary of which `KEY` has `FINALS`; an episode of seed k has k steps."""
    names = dict(zip(("task", "method", "variant"), KEY, strict=True))
    summary = pd.DataFrame([{**names, "seed": seed, "final_mean": mean} for seed, mean in FINALS.items()])
    nothing = pd.DataFrame()
    monkeypatch.setattr(cell, "read_report_data", lambda folder: ReportData(summary, nothing, nothing, []))

    def play(trained: Trained, width: int) -> Played:
        assert trained.record["seeds"] == ([3] if trained.seed == 3 else [4, 5])
        return Played(pictures(4, width), trained.seed, float(trained.seed))

    monkeypatch.setattr(cell, "play", play)
    made = [tmp_path / "/".join(KEY) / name for name in ("seeds-003-003", "seeds-004-005")]
    for folder, seeds in zip(made, ([3], [4, 5]), strict=True):
        write_results(folder, {"seed": np.zeros(0, np.int32)}, {}, {**names, "seeds": seeds})
    return made


def shown(folders: list[Path], key: tuple[str, str, str] = KEY, most_bytes: int = 10**6) -> dict[str, Any]:
    return films_of_cell(Path("data"), folders, key, most_bytes)


def test_both_films_say_what_they_show(folders: list[Path]) -> None:
    found = shown(folders)
    assert found["cell"] == list(KEY)
    assert [caption for caption, _ in found["films"]] == [
        "Best seed, 4: return 4.0 in 4 steps", "Median seed, 5: return 5.0 in 5 steps"
    ]  # fmt: skip
    assert lengths(base64.b64decode(found["films"][0][1]))[2] == cell.WIDTH


def test_what_has_no_film_says_why(folders: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(folders, ("CartPole-v1", "other", "v")) == {
        "cell": ["CartPole-v1", "other", "v"], "films": [], "why": "every run of it failed"
    }  # fmt: skip
    small = shown(folders, most_bytes=500)
    assert (small["films"], small["why"]) == ([], "the page has room for 500 bytes of each film, and it takes more")

    def refuse(task: object) -> None:
        raise Refusal("T: its environment cannot be rendered")

    monkeypatch.setattr(cell, "check_shown", refuse)
    assert shown(folders)["why"] == "T: its environment cannot be rendered"
