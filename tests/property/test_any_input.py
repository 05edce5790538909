"""Whatever stands in a file or on the command line: it is taken, or refused in one line that names the file."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from records.errors import Refusal, ResultError
from records.manifest import sealed, sha256
from reports.runs.load import load
from tests.bad_input.corpus import PAPER, copy_inputs, read_all
from tests.unit.reports.synthetic_results import write_results
from workflow.cli import run, schemas
from workflow.cli.main import main
from workflow.plan.configuration import Configuration, read_configuration
from workflow.training.checkpoint import Checkpoint

FEW = settings(max_examples=60, suppress_health_check=list(HealthCheck))
CONFIG = "config/config.yaml"
OF_PAPER = tuple(f"reports/{PAPER}/{name}.yaml" for name in ("runs", "claims", "sweep", "differences", "choices"))

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([10**30, -(10**9), "../x", "1e-3", "a: b", "\t", "\x00", "=", "<<", "*a", "!!python/name:os.system", "“x”"])
)
DATA = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SCALARS, inner, max_size=3), max_leaves=8
)
DOCUMENTS = st.binary(max_size=60) | st.text(max_size=60).map(str.encode) | DATA.map(lambda data: yaml.safe_dump(data).encode())


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The working directory, with all that a user edits."""
    folder = tmp_path_factory.mktemp("inputs")
    copy_inputs(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield folder


@contextmanager
def contents(path: Path, data: bytes) -> Iterator[None]:
    """For the time being, other contents of a file."""
    before = path.read_bytes()
    path.write_bytes(data)
    try:
        yield
    finally:
        path.write_bytes(before)


def taken_or_refused(call: Callable[[], object], capfd: pytest.CaptureFixture[str]) -> str:
    """The one line in which a call is refused with exit code 2; empty where it is taken."""
    capfd.readouterr()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            call()
    except SystemExit as end:
        code = end.code
    else:
        return ""
    (line,) = capfd.readouterr().err.splitlines()
    assert code == 2
    return line


def refusal(call: Callable[[], object]) -> str:
    """The message of the refusal that a call raises, one line; empty where it raises none."""
    try:
        call()
    except (Refusal, ResultError) as error:
        line = str(error)
    else:
        return ""
    assert line
    assert len(line.splitlines()) == 1
    return line


@FEW
@given(data=DOCUMENTS, file=st.sampled_from((CONFIG, *OF_PAPER)))
def test_any_document(data: bytes, file: str, inputs: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with contents(inputs / file, data):
        line = taken_or_refused(lambda: read_all({"papers": PAPER}), capfd)
    assert not line or line.startswith(file)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value in nested mappings and lists."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from places(inner, (*path, key))


@FEW
@given(draw=st.data(), file=st.sampled_from((CONFIG, *OF_PAPER)))
def test_one_change_of_what_is_there(draw: st.DataObject, file: str, inputs: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A key is dropped, renamed by a letter, or has another value."""
    document = yaml.safe_load((inputs / file).read_text(encoding="utf-8"))
    *parents, last = draw.draw(st.sampled_from(list(places(document))))
    holder = document
    for part in parents:
        holder = holder[part]
    change = draw.draw(st.sampled_from(["drop", "rename", "value"]))
    if change == "value":
        holder[last] = draw.draw(DATA)
    else:
        value = holder.pop(last)
        if change == "rename" and isinstance(holder, dict):
            place = draw.draw(st.integers(0, len(str(last)) - 1))
            holder[f"{str(last)[:place]}x{str(last)[place + 1 :]}"] = value
    with contents(inputs / file, yaml.dump(document, Dumper=_Plain).encode()):
        line = taken_or_refused(lambda: read_all({"papers": PAPER}), capfd)
    # Of two files that do not fit each other, either may be named.
    assert not line or line.startswith(file if file == CONFIG else f"reports/{PAPER}/"), line
    assert not line or line.count(": ") >= 1


class _Plain(yaml.SafeDumper):
    """Without anchors, as an editor would write it."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


@FEW
@given(overrides=st.dictionaries(st.sampled_from([*Configuration.model_fields, "sacle", "a.b", ""]) | st.text(max_size=5), DATA))
def test_any_configuration_on_the_command_line(overrides: dict[str, Any], inputs: Path) -> None:
    line = refusal(lambda: read_configuration(Path(), overrides).paper_names([PAPER]))
    assert not line or line.startswith(CONFIG)


WORDS = st.sampled_from(
    [
        *(
            "run",
            "reinforce",
            "map_propagation",
            "CartPole-v1",
            "Multiplexer-v0",
            "--seeds",
            "--episodes",
            "--updates",
            "--paper",
        ),
        *(
            "--set",
            "--engine",
            "--env-backend",
            "0:2",
            "3",
            "none",
            PAPER,
            "discount=0.5",
            "hidden_sizes=[4]",
            "x=",
            "=",
            "--",
        ),
    ]
) | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8)
# --output is not among the words: what it names is made.


@FEW
@given(words=st.lists(WORDS, max_size=8), begin=st.sampled_from([(), ("run", "reinforce", "CartPole-v1")]))
def test_any_command_line(words: list[str], begin: tuple[str, ...], inputs: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def trained(*_: Any) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "run_job", trained)
        patch.setattr(schemas, "write_schemas", lambda: None)
        line = taken_or_refused(lambda: main([*begin, *words]), capfd)
    assert not line or line.startswith(("command line", CONFIG, "reports/", "algorithms/"))


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of one block of seeds."""
    return write_results(tmp_path_factory.mktemp("results"), "tiny", range(2), [("CartPole-v1", "map_propagation")])[0]


def reported(folder: Path) -> None:
    """Read results as a report does: they are taken, or refused in one line."""
    line = refusal(lambda: load([folder], [0, 1]))
    assert not line or str(folder) in line


@FEW
@given(data=st.data(), name=st.sampled_from(["run.json", "episodes.parquet"]), vouched=st.booleans())
def test_any_bytes_as_results(data: st.DataObject, name: str, vouched: bool, run_folder: Path) -> None:
    """Foreign bytes and single damaged ones; `vouched`: with a manifest made for them, as by hand."""
    path = run_folder / name
    whole = path.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    damaged = whole[:place] + data.draw(st.binary(max_size=3)) + whole[place + 1 :]
    record = json.loads((run_folder / "run.json").read_text(encoding="utf-8"))
    bytes_ = data.draw(st.sampled_from([damaged]) | st.binary(max_size=40))
    with contents(path, bytes_), contents(run_folder / "run.json", (run_folder / "run.json").read_bytes()):
        if vouched and name == "episodes.parquet":
            files = {
                file: sha256((run_folder / file).read_bytes()) for file in (name, "policy.npz") if (run_folder / file).exists()
            }
            (run_folder / "run.json").write_text(json.dumps(sealed(record, "run.json", files)), encoding="utf-8")
        reported(run_folder)


@FEW
@given(draw=st.data())
def test_any_change_of_a_record(draw: st.DataObject, run_folder: Path) -> None:
    record = json.loads((run_folder / "run.json").read_text(encoding="utf-8"))
    record.pop("sha256", None)
    *parents, last = draw.draw(st.sampled_from(list(places(record))))
    holder = record
    for part in parents:
        holder = holder[part]
    value = draw.draw(
        st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5), st.lists, max_leaves=3)
    )
    holder[last] = value
    with contents(run_folder / "run.json", json.dumps(record).encode()):
        reported(run_folder)


@FEW
@given(header=DATA.filter(lambda data: data is not None), body=st.binary(max_size=80))
def test_any_bytes_as_a_checkpoint(header: Any, body: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Even with hashes that are right it counts as none."""
    key: dict[str, dict[str, Any]] = {"configuration": {}, "sources": {}, "versions": {}}
    path = tmp_path_factory.getbasetemp() / "training.checkpoint"
    right = {"format": 1, "key": key, "sha256": hashlib.sha256(body).hexdigest()}
    for first in (json.dumps(right), repr(header), json.dumps({**right, "key": repr(header)})):
        line = first.encode("utf-8", "replace")
        path.write_bytes(hashlib.sha256(line).hexdigest().encode() + b" " + line + b"\n" + body)
        assert Checkpoint(path, key).saved is None
