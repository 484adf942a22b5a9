"""The checks before a server or a command starts: the package that understands a setting validates it."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from lab.bucket.address import read_s3_address
from lab.bucket.choice import EMBEDDED
from lab.bucket.log_data import log_data
from lab.course.entrance import require_valid_code
from lab.engine.master import read_master
from lab.engine.properties import read_properties
from lab.errors import LabError
from lab.settings import (
    BUCKET,
    CLASS_CODE,
    LOG_DATA,
    SPARK_CONF_DIR,
    SPARK_MASTER,
    STORE,
    VARIABLES,
    Settings,
    read_settings,
    wrong_settings,
)

# A URL that SQLAlchemy accepts as a file, whatever the file's name.
_SQLITE_FILE: Final = re.compile(r"sqlite:///(?!:memory:)[^?#%\s]+")
_EXAMPLES: Final = MappingProxyType({variable.name: variable.example for variable in VARIABLES})


def hindrances(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Return a sentence for each setting that is not valid: what is wrong with it, and what to do.

    Write nothing, and connect to nothing but the place in S3 that LAB_LOG_DATA may name.
    """
    wrong = tuple(wrong_settings(environment)) or tuple(_of_rooms(read_settings(environment)))
    return tuple(f"{_named(name, error)} For example: {name}={_EXAMPLES[name]}" for name, error in wrong)


def _named(name: str, error: LabError) -> str:
    return str(error) if name in str(error) else f"{name} cannot be used. {error}"


def _of_rooms(settings: Settings) -> Iterator[tuple[str, LabError]]:
    for name, look in _LOOKS.items():
        try:
            look(settings)
        except LabError as error:
            yield name, error


def _bucket(settings: Settings) -> None:
    if settings.bucket and settings.bucket.lower() != EMBEDDED:
        read_s3_address(settings.bucket)


def _store(settings: Settings) -> None:
    # Importing SQLAlchemy takes half a second, and the first page would wait for it. A file URL needs no check.
    if settings.store and not _SQLITE_FILE.fullmatch(settings.store):
        from lab.store.database import engine_of  # noqa: PLC0415

        engine_of(settings.store).dispose()


def _class_code(settings: Settings) -> None:
    if settings.class_code:
        require_valid_code(settings.class_code)


_LOOKS: Final[Mapping[str, Callable[[Settings], object]]] = MappingProxyType(
    {
        BUCKET: _bucket,
        STORE: _store,
        CLASS_CODE: _class_code,
        LOG_DATA: log_data,
        SPARK_MASTER: lambda settings: read_master(settings.spark_master),
        SPARK_CONF_DIR: read_properties,
    }
)
