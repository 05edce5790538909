"""Files hold data: no code of this repository runs what stands in one, by pickle, YAML, eval or a shell."""

from __future__ import annotations

import ast
import hashlib
import io
import json
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.shared.runs import Run
from records.arrays import read_arrays
from records.errors import Refusal
from records.sources import ROOT
from workflow.training.checkpoint import Checkpoint

PACKAGES = ("algorithms", "benchmarks", "envs", "experiments", "records", "reports", "workflow")
YAML_READER = "records/located_yaml.py"  # the one module that reads YAML, by a subclass of PyYAML's safe loader
_SAFE_LOADERS = {"SafeLoader", "CSafeLoader"}
_MODULES = {"pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
_BUILTINS = {"eval", "exec", "compile", "__import__"}
_ATTRIBUTES = {
    "torch.load",
    "torch.save",
    "os.system",
    "os.popen",
    "pd.read_pickle",
    "pandas.read_pickle",
    "yaml.load",
    "yaml.load_all",
}
_ARRAYS = {f"{module}.{name}" for module in ("np", "numpy") for name in ("load", "save", "savez", "savez_compressed")}


def faults(text: str, file: str) -> Iterator[str]:
    """Whatever in a module's text may run what stands in a file."""
    for node in ast.walk(ast.parse(text, file)):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            roots = {name.partition(".")[0] for name in names}
            if roots & _MODULES or ("yaml" in roots and file != YAML_READER):
                yield f"{file}:{node.lineno}: imports {', '.join(names)}"
        elif isinstance(node, ast.Attribute) and (
            ast.unparse(node) in _ATTRIBUTES or (node.attr.endswith("Loader") and node.attr not in _SAFE_LOADERS)
        ):
            yield f"{file}:{node.lineno}: {ast.unparse(node)}"
        elif isinstance(node, ast.Name) and node.id in _BUILTINS:
            yield f"{file}:{node.lineno}: {node.id}"
        elif isinstance(node, ast.Call):
            given = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
            called = ast.unparse(node.func)
            if called in _ARRAYS and given.get("allow_pickle") != "False":
                yield f"{file}:{node.lineno}: {called} without allow_pickle=False"
            if given.get("shell", "False") != "False" or called.endswith(("to_pickle", "read_pickle")):
                yield f"{file}:{node.lineno}: {called} with a shell or a pickle"


def test_no_module_runs_what_stands_in_a_file() -> None:
    files = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    assert len(files) > 100
    named = [(path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix()) for path in files]
    assert [fault for text, file in named for fault in faults(text, file)] == []


@pytest.mark.parametrize(
    "text",
    [
        "import pickle",
        "from joblib import load",
        "import yaml",
        "class L(yaml.Loader): ...",
        "x = yaml.UnsafeLoader",
        "yaml.load(t, SafeLoader)",
        "np.load(f)",
        "np.load(f, allow_pickle=True)",
        "np.savez(f, a=1)",
        "torch.load(f)",
        "eval('1')",
        "f = exec",
        "__import__('os')",
        "subprocess.run('ls', shell=True)",
        "os.system('ls')",
        "table.to_pickle('f')",
        "pd.read_pickle('f')",
    ],
)
def test_the_search_finds_each(text: str) -> None:
    assert list(faults(text, "module.py"))


class Payload:
    """A pickle of it makes a file as soon as it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


@pytest.fixture
def touched(tmp_path: Path) -> Path:
    """The file that tells whether something was unpickled."""
    return tmp_path / "touched"


def archive(touched: Path) -> bytes:
    file = io.BytesIO()
    arrays: dict[str, Any] = {"actor/weights_1": np.array([Payload(touched)], dtype=object)}
    np.savez(file, **arrays)
    return file.getvalue()


@pytest.mark.parametrize("pickled", [archive, lambda touched: pickle.dumps(Payload(touched))], ids=["npz", "pickle"])
def test_a_pickle_is_never_loaded(pickled: Any, touched: Path, tmp_path: Path) -> None:
    file = tmp_path / "block" / "policy.npz"
    file.parent.mkdir()
    file.write_bytes(pickled(touched))
    with pytest.raises(ValueError, match="not a file of arrays"):
        read_arrays(file)
    with pytest.raises(Refusal) as caught:
        Run.of("reinforce", "CartPole-v1", {}, 0, {}, [0], [str(file)])._trained()
    assert str(caught.value).startswith(f"{file}: no parameters there")
    assert not touched.exists()
    np.load(io.BytesIO(pickled(touched)), allow_pickle=True).get("actor/weights_1") if pickled is archive else pickle.loads(
        pickled(touched)
    )
    assert touched.exists(), "the payload would have worked"


def test_nor_from_a_checkpoint_that_is_right_by_its_hashes(touched: Path, tmp_path: Path) -> None:
    key: dict[str, dict[str, Any]] = {"configuration": {}, "sources": {}, "versions": {}}
    body = archive(touched)
    header = json.dumps({"format": 1, "key": key, "sha256": hashlib.sha256(body).hexdigest()}).encode()
    path = tmp_path / "training.checkpoint"
    path.write_bytes(hashlib.sha256(header).hexdigest().encode() + b" " + header + b"\n" + body)
    assert Checkpoint(path, key).saved is None
    assert not touched.exists()
