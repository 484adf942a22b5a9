"""The settings of the lab: all environment variables that it reads, each with its format.

Variables that Java, AWS's tools, Streamlit or a database driver read themselves are not here. A value that only one
package understands, such as the address of a bucket, is plain text here; at the start, `lab.startup` lets that package
check it.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from lab.errors import LabError

BUCKET: Final = "LAB_BUCKET"
STORE: Final = "LAB_STORE"
CLASS_CODE: Final = "LAB_CLASS_CODE"
LOG_DATA: Final = "LAB_LOG_DATA"
TEACHER_KEY: Final = "LAB_TEACHER_KEY"
MAX_LEARNERS: Final = "LAB_MAX_LEARNERS"
PER_ADDRESS: Final = "LAB_PER_ADDRESS"
FRAME_ANCESTORS: Final = "LAB_FRAME_ANCESTORS"
CONFINE: Final = "LAB_CONFINE"
RUN_FOLDER: Final = "LAB_RUN_FOLDER"
CACHE: Final = "LAB_CACHE"
SPARK_MASTER: Final = "SPARK_MASTER"
SPARK_CONF_DIR: Final = "SPARK_CONF_DIR"
SPARK_LOCAL_IP: Final = "SPARK_LOCAL_IP"
HADOOP_CONF_DIR: Final = "HADOOP_CONF_DIR"
YARN_CONF_DIR: Final = "YARN_CONF_DIR"
JAVA_HOME: Final = "JAVA_HOME"

CONFINE_VALUES: Final = ("auto", "required", "off")
# Long enough that nobody can guess it; and no character of it needs escaping in a URL.
MIN_KEY: Final = 16
MAX_KEY: Final = 128
_KEY: Final = re.compile(rf"[A-Za-z0-9_-]{{{MIN_KEY},{MAX_KEY}}}")
# A header of every page lists them all.
MAX_ANCESTORS: Final = 10
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ORIGIN: Final = re.compile(rf"https://(?=[^/:]{{1,253}}(?::|$)){_LABEL}(?:\.{_LABEL})*(?::[0-9]{{1,5}})?")


@dataclass(frozen=True)
class Settings:
    """The values of all settings; empty or None where a variable is not set. `VARIABLES` describes each."""

    bucket: str = ""
    # Not in the repr: the store's URL may hold a password, and the code and the key are secrets.
    store: str = field(default="", repr=False)
    class_code: str = field(default="", repr=False)
    log_data: str = ""
    teacher_key: str = field(default="", repr=False)
    max_learners: int | None = None
    per_address: int | None = None
    frame_ancestors: str = ""
    confine: str = "auto"
    run_folder: Path | None = None
    cache: Path | None = None
    spark_master: str = ""
    spark_conf: Path | None = None
    spark_local_ip: str = ""
    hadoop_conf: Path | None = None
    yarn_conf: Path | None = None
    java_home: Path | None = None

    @property
    def of_yarn(self) -> tuple[Path, ...]:
        """The folders where Hadoop's tools, and therefore Spark, look for the addresses of a YARN cluster."""
        return tuple(filter(None, (self.hadoop_conf, self.yarn_conf)))


@dataclass(frozen=True)
class Variable:
    """An environment variable: the field of Settings that it sets, its meaning, an example, and the default.

    `read` returns the field's value, or raises LabError. A table of docs/deployment.md is made from all these.
    """

    name: str
    field: str
    what: str
    example: str
    otherwise: str
    read: Callable[[str, str], Any] = lambda _, text: text


def _learners(name: str, text: str) -> int:
    if text.isascii() and text.isdigit() and int(text) > 0:
        return int(text)
    raise LabError(f"{name} is {text!r}, which is no number of learners.", "Set it to 30, say, or unset it.")


def _key(name: str, text: str) -> str:
    if _KEY.fullmatch(text):
        return text
    # The message must not show the value: it is a secret even if it is not valid.
    raise LabError(
        f"{name} is no key: it has {len(text)} characters, and needs {MIN_KEY} to {MAX_KEY}, all of them letters from A to "
        "Z or a to z, digits, - or _.",
        "Set it to a long one that nobody guesses, or unset it: then the lab makes one at each start.",
    )


def _ancestors(name: str, text: str) -> str:
    """Return the origins with one blank between them, as the page header needs them; raise LabError for a wrong one."""
    origins = text.split()
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise LabError(
                f"{name} is {text!r}, in which {origin!r} is no address of a site.",
                "Set it to https:// with the name of the site, in small letters and without a path, or unset it; between "
                "several such addresses stands a blank.",
            )
    if len(origins) > MAX_ANCESTORS:
        raise LabError(f"{name} is {text!r}: {len(origins)} sites.", f"Name {MAX_ANCESTORS} at most.")
    return " ".join(origins)


def _confine(name: str, text: str) -> str:
    if (value := text.lower()) in CONFINE_VALUES:
        return value
    raise LabError(f"{name} is {value!r}.", f"Set it to one of {', '.join(CONFINE_VALUES)}, or unset it.")


def _own_folder(name: str, text: str) -> Path:
    """Return a folder with `~` expanded; only for the lab's own variables, as other programs do not expand theirs."""
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise LabError(
            f"{name} is {text!r}, and there is no such user here.", "Set it to /srv/lab, say, or unset it."
        ) from error


def _path(_: str, text: str) -> Path:
    return Path(text)


VARIABLES: Final = (
    Variable(
        BUCKET,
        "bucket",
        "where the learners' folders are: `embedded`, or a [bucket of your own](s3.md)",
        "s3://my-bucket/lab",
        "in a folder of this machine",
    ),
    Variable(
        STORE,
        "store",
        "the database that keeps what learners write: SQLite or PostgreSQL, as SQLAlchemy writes its URL",
        "postgresql+psycopg://lab@database/lab",
        "`lab.sqlite` in the user's folder for data",
    ),
    Variable(
        CLASS_CODE,
        "class_code",
        "the class code: whoever comes is asked for it, and has log files of their own",
        "streams-27",
        "whoever says a name may come in",
    ),
    Variable(
        LOG_DATA,
        "log_data",
        "a folder, on this machine or in S3, with [four log files of the course's own](#log-files-of-the-courses-own): "
        "with them, everybody has these, and a class code makes no others",
        "/srv/lab/log-data",
        "the four that the lab brings along",
    ),
    Variable(
        TEACHER_KEY,
        "teacher_key",
        "the key that opens the [teacher's pages](teaching.md), a secret of 16 characters or more",
        "a-long-one-that-nobody-guesses",
        "the lab makes one at each start, and shows it once, on its console",
        _key,
    ),
    Variable(
        MAX_LEARNERS,
        "max_learners",
        "how many learners there is room for; others wait in line",
        "30",
        "as many as the memory is enough for",
        _learners,
    ),
    Variable(
        PER_ADDRESS,
        "per_address",
        "how many places those behind one address may have, and how many new learners may come from it in ten minutes",
        "40",
        "half of the places",
        _learners,
    ),
    Variable(
        FRAME_ANCESTORS,
        "frame_ancestors",
        "the sites whose pages may show the lab inside them, such as [an LMS](#inside-an-lms), with blanks between them",
        "https://moodle.example.edu",
        "pages of the lab's own site alone",
        _ancestors,
    ),
    Variable(
        CONFINE,
        "confine",
        "`required`: Java sees only its own folders, or does not start; `auto`: also where the kernel cannot confine it; "
        "`off`: never confine it",
        "required",
        "`auto`",
        _confine,
    ),
    Variable(
        RUN_FOLDER,
        "run_folder",
        "a folder for what lives as long as the lab does, such as the learners' folders",
        "/srv/lab/runs",
        "in the user's cache",
        _own_folder,
    ),
    Variable(
        CACHE,
        "cache",
        "a folder for what can be made again, such as the archive of Java's classes",
        "/srv/lab/cache",
        "the user's cache",
        _own_folder,
    ),
    Variable(
        SPARK_MASTER,
        "spark_master",
        "the [master](#point-the-lab-at-a-cluster) whose cluster does the work",
        "spark://10.0.0.5:7077",
        "the lab's own JVM",
    ),
    Variable(
        SPARK_CONF_DIR,
        "spark_conf",
        "a folder with `spark-defaults.conf`, for properties of Spark's of your own",
        "/etc/lab/spark",
        "those of the lab alone",
        _path,
    ),
    Variable(
        SPARK_LOCAL_IP,
        "spark_local_ip",
        "the address that Spark binds to, with a cluster on other machines",
        "10.0.0.7",
        "the one that the machine's name has",
    ),
    Variable(
        HADOOP_CONF_DIR,
        "hadoop_conf",
        "the folder with the YARN cluster's `yarn-site.xml`",
        "/etc/hadoop",
        "there is no YARN cluster",
        _path,
    ),
    Variable(
        YARN_CONF_DIR,
        "yarn_conf",
        "a further such folder",
        "/etc/yarn",
        "`HADOOP_CONF_DIR` alone counts",
        _path,
    ),
    Variable(
        JAVA_HOME,
        "java_home",
        "a Java for Spark, from 17 to 21",
        "/usr/lib/jvm/java-21-openjdk-amd64",
        "the one that the lab brings along",
        _path,
    ),
)


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read all variables; raise LabError for the first that is not valid. An empty variable counts as not set."""
    for _, error in wrong_settings(environment):
        raise error
    return Settings(**{variable.field: variable.read(variable.name, text) for variable, text in _set(environment)})


def wrong_settings(environment: Mapping[str, str] = os.environ) -> Iterator[tuple[str, LabError]]:
    """Yield the name of each variable that is not valid, with the error."""
    for variable, text in _set(environment):
        try:
            variable.read(variable.name, text)
        except LabError as error:
            yield variable.name, error


def _set(environment: Mapping[str, str]) -> Iterator[tuple[Variable, str]]:
    for variable in VARIABLES:
        if text := environment.get(variable.name, "").strip():
            yield variable, text
