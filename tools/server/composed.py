"""What compose.yaml says of a service, for what starts it without compose."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).resolve().parent.parent.parent
SERVICES: Final[Mapping[str, Any]] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]


def environment(service: str, variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a service, if these are set for compose."""
    return {
        name: re.sub(r"\$\{(\w+):-(.*?)\}", lambda found: variables.get(found[1], found[2]), value)
        for name, value in SERVICES[service]["environment"].items()
    }


def volumes(service: str) -> dict[str, str]:
    """Return where the volumes and files of a service are in it, by their names or paths."""
    parts = (volume.split(":") for volume in SERVICES[service].get("volumes", ()))
    return {name: place for name, place, *_ in parts}


def health_test(service: str) -> list[str]:
    """Return the command that tells whether it is well."""
    _, *command = SERVICES[service]["healthcheck"]["test"]
    return command
