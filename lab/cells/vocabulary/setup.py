"""The calls by which notebooks set up Spark. The lab has set it up already, so it ignores them with a note."""

from types import MappingProxyType
from typing import Any, Final

from pyspark import SparkContext
from pyspark.sql.conf import RuntimeConfig

from lab.cells.advice import refused
from lab.cells.shown import Named
from lab.cells.vocabulary.kinds import Call, Function, Kind, Module, methods

# A cell may read only Spark settings with these prefixes: others hold keys of a bucket or the password of a catalog.
_READABLE: Final = tuple(f"spark.sql.{part}." for part in ("adaptive", "ansi", "session", "shuffle", "streaming"))


class Builder(Named):
    """`SparkSession.builder`, which returns the learner's own session whatever its settings are."""


class SessionClass(Function):
    """The class SparkSession, as a cell sees it."""

    builder = Builder("<SparkSession.Builder>")


def _pass_over(call: Call) -> None:
    call.run.output.note(f"{_shown(call)} is passed over: the lab has set up Spark already.")


def _shown(call: Call) -> str:
    where = {"RuntimeConfig": "spark.conf.", "SparkContext": "sparkContext."}.get(type(call.owner).__name__, "")
    return f"{where}{call.name}(...)"


def _build(call: Call) -> Any:
    _check_texts(call)
    call.run.output.note("A session of your own is passed over: spark is there already, and stands for it.")
    return call.owner


def _check_texts(call: Call) -> None:
    for value in (*call.positional, *call.named.values()):
        if not isinstance(value, str | bool | int | float | None):
            raise refused(f"such an argument of {call.name}()", "Give it a text.")


def _get_or_create(call: Call) -> Any:
    session = call.run.limits.session()
    if call.positional or call.named or session is None:
        raise refused(f"{call.name}()", "A session is there already, under the name spark.")
    return session


def _get(call: Call) -> Any:
    key = call.positional[0] if call.positional else call.named.get("key")
    if not (isinstance(key, str) and key.startswith(_READABLE)):
        raise refused(f"the setting {str(key)[:80]!r}", f"There are those that begin with {', '.join(_READABLE)}")
    return call.perform()


FINDSPARK: Final = Module(
    "findspark", MappingProxyType({name: Function(name, _pass_over) for name in ("init", "find")})
)
KINDS: Final = (
    Kind(
        "SparkSession",
        (SessionClass,),
        frozenset({"builder"}),
        MappingProxyType({"getActiveSession": _get_or_create}),
    ),
    Kind(
        "SparkSession.Builder",
        (Builder,),
        methods=MappingProxyType(
            {**methods("appName config enableHiveSupport master", _build), "getOrCreate": _get_or_create}
        ),
    ),
    Kind(
        "RuntimeConfig",
        (RuntimeConfig,),
        methods=MappingProxyType({**methods("set unset", _pass_over), "get": _get}),
    ),
    Kind(
        "SparkContext",
        (SparkContext,),
        frozenset({"version"}),
        MappingProxyType(methods("setLogLevel setCheckpointDir setLocalProperty", _pass_over)),
    ),
)
