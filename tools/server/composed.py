"""The services of compose.yaml, for code that starts them without compose."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).resolve().parent.parent.parent
SERVICES: Final[Mapping[str, Any]] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]


def environment(service: str, variables: Mapping[str, str]) -> dict[str, str]:
    """Return a service's environment, with `variables` in place of compose's own."""
    return {
        name: re.sub(r"\$\{(\w+):-(.*?)\}", lambda found: variables.get(found[1], found[2]), value)
        for name, value in SERVICES[service]["environment"].items()
    }


def volumes(service: str) -> dict[str, str]:
    """Return where a service's volumes and files are mounted, by their names or paths."""
    parts = (volume.split(":") for volume in SERVICES[service].get("volumes", ()))
    return {name: place for name, place, *_ in parts}


def health_test(service: str) -> list[str]:
    """Return the health check's command."""
    _, *command = SERVICES[service]["healthcheck"]["test"]
    return command
