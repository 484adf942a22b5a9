"""Generates the database's password, unless there is one: `password.py FOLDER`, which compose.yaml calls.

The folder then has `password`, for PostgreSQL, and `pgpass`, for the lab. Only its user may read `pgpass`.
"""

import os
import secrets
import sys
from pathlib import Path


def main(folder: Path) -> None:
    """Write both files; `password` comes last, since its existence means that both are done."""
    if (folder / "password").exists():
        return
    password = secrets.token_urlsafe(24)
    for name, text, mode in (("pgpass", f"*:*:*:lab:{password}\n", 0o600), ("password", password, 0o644)):
        half = folder / f".{name}"
        half.unlink(missing_ok=True)
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT, mode), "w", encoding="ascii") as file:
            file.write(text)
        half.replace(folder / name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
