"""A person's own Spark properties: `spark-defaults.conf` in the folder that `SPARK_CONF_DIR` names, as for any Spark.

Spark reads the file itself, so that no secret in it passes through a command line. A property in the file overrides the
lab's value, except for a few that the lab's pages or its safety depend on: there the lab's value counts, and a sentence
says so.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from lab.engine.settings import Setting
from lab.errors import LabError
from lab.settings import SPARK_CONF_DIR, Settings

FILE: Final = "spark-defaults.conf"

# For these, the lab's value counts.
OWNED: Final = frozenset(
    {
        "spark.sql.restrictedMode.enabled",
        "spark.sql.csv.filterPushdown.enabled",
        "spark.sql.files.ignoreCorruptFiles",
        "spark.sql.files.ignoreMissingFiles",
        "spark.sql.streaming.checkpointFileManagerClass",
        "spark.sql.streaming.forceDeleteTempCheckpointLocation",
        "spark.sql.streaming.stopTimeout",
        "spark.python.sql.dataFrameDebugging.enabled",
        "spark.executor.killOnFatalError.depth",
        "spark.sql.execution.arrow.pyspark.enabled",
        "spark.sql.runSQLOnFiles",
        "spark.sql.variable.substitute",
        "spark.submit.deployMode",
    }
)
# Only Spark's launch script applies these, and the lab starts the JVM directly.
WITHOUT_EFFECT: Final = frozenset(
    {
        "spark.driver.memory",
        "spark.driver.extraJavaOptions",
        "spark.driver.defaultJavaOptions",
        "spark.driver.extraClassPath",
        "spark.driver.extraLibraryPath",
    }
)
# Lists, to which the lab appends its own values.
_LISTS: Final = frozenset({"spark.jars"})


@dataclass(frozen=True)
class Properties:
    """The properties that a file sets; `shown` is the file's name in messages."""

    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    shown: str = FILE

    def among(self, settings: Sequence[Setting]) -> tuple[Setting, ...]:
        """Return the settings that the lab must still set, besides what the file sets."""
        left = []
        for setting in settings:
            own = self.values.get(setting.name)
            if own is not None and setting.name in _LISTS:
                left.append(replace(setting, value=f"{own},{setting.value}"))
            elif own is None or setting.name in OWNED:
                left.append(setting)
        return tuple(left)

    def overruled(self, settings: Sequence[Setting]) -> tuple[str, ...]:
        """Return a sentence for each property in the file that has no effect."""
        kept = {setting.name: setting for setting in settings if setting.name in OWNED}
        return (
            *(
                f"{self.shown} sets {name}, which the lab keeps at {kept[name].value}: {kept[name].reason}."
                for name, value in self.values.items()
                if name in kept and value != kept[name].value
            ),
            *(
                f"{self.shown} sets {name}, which has no effect: the lab starts the driver's Java itself."
                for name in self.values
                if name in WITHOUT_EFFECT
            ),
        )


NONE: Final = Properties()


def read_properties(settings: Settings) -> Properties:
    """Return the properties in the file, none if there is no file; raise LabError when it cannot be read."""
    folder = settings.spark_conf
    if not folder:
        return NONE
    path = folder / FILE
    if not folder.is_dir():
        raise LabError(
            f"{SPARK_CONF_DIR} names {folder}, which is no folder.", f"Correct it, or unset {SPARK_CONF_DIR}."
        )
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return NONE
    except (OSError, UnicodeDecodeError) as error:
        raise LabError(f"{path} cannot be read: {error}.", f"Correct it, or unset {SPARK_CONF_DIR}.") from error
    return Properties(MappingProxyType(_read(text)), str(path))


def _read(text: str) -> dict[str, str]:
    """Parse Java's properties format as far as Spark's documentation uses it: a name; a blank, = or :; a value."""
    found = {}
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        if match := re.fullmatch(r"\s*(spark[^\s=:]*)(?:\s*[=:]\s*|\s+)(.*?)\s*", line):
            found[match[1]] = match[2]
    return found
