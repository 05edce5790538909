"""config/README.md has a row for every key, with its default."""

from __future__ import annotations

import json
import re

import yaml

from records.sources import ROOT
from workflow.plan.configuration import Configuration


def test_every_key_is_explained_with_its_default() -> None:
    text = (ROOT / "config" / "README.md").read_text(encoding="utf-8")
    rows = {name: default.strip("`") for name, default in re.findall(r"^\| `(\w+)` \| (\S+) \|", text, re.MULTILINE)}
    defaults = Configuration().model_dump()
    assert rows == {name: value if isinstance(value, str) else json.dumps(value) for name, value in defaults.items()}
    catalogue = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text(encoding="utf-8"))
    assert catalogue["usage"]["report"] is True
