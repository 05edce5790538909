"""Where results lie: no name leads out of results/."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.errors import Refusal
from records.sources import ROOT
from workflow.plan.paths import RESULTS, check_folders, input_path, make_folder, result_path

NAMES = (
    st.text() | st.from_regex(r"[./~a-zA-Z0-9_$-]{0,12}", fullmatch=True) | st.sampled_from(["..", ".", "", "/etc", "~", "a/b"])
)
BLOCK = f"{RESULTS}/full/CartPole-v1/reinforce/chung2021/seeds-000-009"


@given(st.lists(NAMES, min_size=1, max_size=5))
def test_a_path_stays_in_the_results_folder(names: list[str]) -> None:
    try:
        path = result_path(*names)
    except Refusal:
        return
    top = Path("/anywhere") / RESULTS
    assert Path("/anywhere", path).resolve().relative_to(top).parts == tuple(names)


@pytest.mark.parametrize("depth", range(6))
def test_a_folder_of_results_may_be_a_link_but_not_to_nowhere(
    depth: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    link = Path(*Path(BLOCK).parts[: depth + 1])
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(tmp_path / "disk")
    with pytest.raises(Refusal, match=f"^{link}: it must be a folder"):
        check_folders([BLOCK])
    (tmp_path / "disk").mkdir()
    check_folders([BLOCK])


def test_a_file_in_place_of_a_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(RESULTS).mkdir()
    Path(RESULTS, "full").write_text("x")
    with pytest.raises(Refusal, match=r"^results/full: it must be a folder; move what is there away"):
        check_folders([BLOCK])


def test_a_folder_that_a_user_names_is_made_or_refused(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b", "--output")
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").touch()
    with pytest.raises(Refusal, match=r"^--output: no folder for results there \(Not a directory\); name another"):
        make_folder(tmp_path / "file" / "b", "--output")


def test_inputs_are_those_of_the_folder_or_else_of_the_repository(tmp_path: Path) -> None:
    file = Path("config/config.yaml")
    assert input_path(tmp_path, file) == ROOT / file
    (tmp_path / "config").mkdir()
    assert input_path(tmp_path, file) == tmp_path / file
