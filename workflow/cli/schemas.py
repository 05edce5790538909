"""JSON schemas of config.yaml, runs.yaml, claims.yaml and sweep.yaml, for editors to check and complete; made from the models."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from pydantic import BaseModel

from reports.claims.read import ClaimsFile
from workflow.plan.configuration import Configuration
from workflow.plan.runs_file import PaperRuns
from workflow.plan.sweep_file import Sweeps

HELP = "write workflow/schemas/ anew, after a change of the configuration's models"
FOLDER = Path(__file__).resolve().parents[1] / "schemas"
_MODELS: dict[str, type[BaseModel]] = {
    "config.schema.json": Configuration,
    "runs.schema.json": PaperRuns,
    "claims.schema.json": ClaimsFile,
    "sweep.schema.json": Sweeps,
}


def schema_texts() -> dict[str, str]:
    """Contents of every schema file, by name."""
    texts = {}
    for name, model in _MODELS.items():
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}
        texts[name] = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    return texts


def write_schemas() -> None:
    """Write every schema file anew."""
    for name, text in schema_texts().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """This command takes none."""


def command(options: argparse.Namespace) -> int:
    """Write every schema file anew."""
    write_schemas()
    return 0
