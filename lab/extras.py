"""Optional packages: report a missing package of an extra of pyproject.toml as a LabError."""

from collections.abc import Iterator
from contextlib import contextmanager

from lab.errors import LabError


@contextmanager
def needing(extra: str, what: str) -> Iterator[None]:
    """Raise LabError when an import fails because the packages of an extra are missing; `what` is what needs them."""
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package == "lab":
            raise
        raise LabError(
            f"{what} needs the package {package}, which is not installed.",
            f'In the clone of the lab, run: pip install -e ".[{extra}]"',
        ) from error
