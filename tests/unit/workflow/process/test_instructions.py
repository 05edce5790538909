"""Results are computed with the instructions that all x86-64 processors share, unless the configuration says otherwise."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from records.errors import Refusal
from records.sources import ROOT
from workflow.process import instructions
from workflow.process.instructions import (
    PINS,
    TARGET,
    can_be_pinned,
    check_instructions,
    choose_instructions,
    instructions_in_force,
    missing_instructions,
    wants_native,
)

pytestmark = pytest.mark.skipif(not can_be_pinned(), reason="NOT TESTED: nothing can be pinned but on Linux and x86-64")
MILAN = "fpu sse4_2 movbe popcnt avx f16c abm bmi1 avx2 bmi2 fma xsave sha_ni vaes"


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment that pins nothing."""
    for variable in PINS:
        monkeypatch.delenv(variable, raising=False)
    return monkeypatch


def configured(folder: Path, text: str) -> Path:
    (folder / "config").mkdir()
    (folder / "config" / "config.yaml").write_text(text, encoding="utf-8")
    return folder


def seen_by(code: str, **environment: str) -> str:
    """What a new process prints that prepares itself, whatever it inherits, and then runs this code."""
    prepared = "from workflow.process.threads import prepare_process; prepare_process(); "
    inherited = {name: value for name, value in os.environ.items() if name not in PINS}
    done = subprocess.run(
        [sys.executable, "-c", prepared + code], cwd=ROOT, env=inherited | environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_this_process_keeps_to_the_target() -> None:
    assert instructions_in_force() == TARGET
    check_instructions(native=False)


def test_every_library_keeps_to_the_target_whatever_the_environment_says() -> None:
    code = "import torch; from workflow.process.instructions import instructions_in_force; print(instructions_in_force())"
    assert seen_by(code, NUMBA_CPU_NAME="generic", NPY_ENABLE_CPU_FEATURES="X86_V3", ATEN_CPU_CAPABILITY="default") == TARGET


def test_the_blas_kernels_that_the_environment_chose_stay_chosen() -> None:
    """They may be chosen because others are wrong on that processor."""
    assert seen_by("import os; print(os.environ['OPENBLAS_CORETYPE'])", OPENBLAS_CORETYPE="Nehalem") == "Nehalem"


def test_native_frees_what_was_pinned_and_nothing_else(tmp_path: Path, free: pytest.MonkeyPatch) -> None:
    root = configured(tmp_path, "native: true\n")
    free.setenv("NUMBA_CPU_NAME", "skylake")
    choose_instructions(root, {"native": False})
    assert {name: os.environ.get(name) for name in PINS} == PINS
    free.setenv("ATEN_CPU_CAPABILITY", "default")
    choose_instructions(root, {})
    assert {name for name in PINS if name in os.environ} == {"ATEN_CPU_CAPABILITY"}


@pytest.mark.parametrize(
    ("text", "native"),
    [
        ("native: true\n", True),
        ("seeds: 3\nnative:  True # faster\n", True),
        ("native: 'true'\n", True),
        ("native: false # not true\n", False),
        ("# native: true\n", False),
        ("scale: quick\n", False),
    ],
)
def test_the_configuration_decides(tmp_path: Path, text: str, native: bool) -> None:
    root = configured(tmp_path, text)
    assert wants_native(root, {}) is native
    assert wants_native(root, {"native": not native}) is not native
    assert wants_native(root, {"native": str(not native).lower()}) is not native
    assert not wants_native(tmp_path / "elsewhere", {})


def test_the_search_for_native_reads_the_file_as_the_configuration_does() -> None:
    """The line that is searched for is the one that the committed file has."""
    text = (ROOT / "config" / "config.yaml").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("native:"))
    assert instructions._NATIVE.search(line.replace("false", "true"))


def processor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: str) -> None:
    path = tmp_path / "cpuinfo"
    path.write_text(
        f"processor\t: 0\nflags\t\t: {flags}\nbugs\t\t: avx2\n\nprocessor\t: 1\nflags\t\t: {flags}\n", encoding="utf-8"
    )
    monkeypatch.setattr(instructions, "_CPUINFO", path)


def test_a_processor_without_them_is_told_so_in_one_line(
    tmp_path: Path, free: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    processor(tmp_path, free, MILAN.replace(" avx2", "").replace(" fma", ""))
    assert missing_instructions() == ["avx2", "fma"]
    with pytest.raises(SystemExit) as exit_:
        choose_instructions(ROOT, {})
    assert exit_.value.code == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith("this processor lacks avx2, fma; results are computed with x86-64-v3, which Intel has had")
    assert not set(PINS) & set(os.environ)
    choose_instructions(ROOT, {"native": True})


def test_a_processor_with_more_of_them_is_as_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    processor(tmp_path, monkeypatch, f"{MILAN} avx512f avx512vl")
    assert missing_instructions() == []
    monkeypatch.setattr(instructions, "_CPUINFO", tmp_path / "none")
    assert missing_instructions() == []


def test_a_process_that_was_not_prepared_computes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instructions, "instructions_in_force", lambda: "native (numba znver3, numpy X86_V3, torch AVX2)")
    with pytest.raises(
        Refusal, match=r"with other instructions than x86-64-v3: native \(numba znver3.*prepare_process\(\) before"
    ):
        check_instructions(native=False)
    check_instructions(native=True)


def test_all_switches_must_be_set_not_only_those_that_show(monkeypatch: pytest.MonkeyPatch) -> None:
    instructions._in_force.cache_clear()
    monkeypatch.delenv("MKL_CBWR")
    assert instructions_in_force().startswith("native (numba x86-64-v3, ")
    instructions._in_force.cache_clear()
