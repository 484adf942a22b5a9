"""Dates, times and clocks."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from datetime import time as time_of_day
from types import MappingProxyType
from typing import Any, Final

from lab.cells.advice import refused
from lab.cells.formats import check_date_format
from lab.cells.spark_functions import words
from lab.cells.vocabulary.kinds import Call, Class, Function, Kind, Module, methods


def _python(function: Callable[..., Any]) -> Callable[[Call], Any]:
    """Return a handler that calls Python's function unchanged."""

    def perform(call: Call) -> Any:
        return function(*call.positional, **call.named)

    return perform


def _strftime(call: Call) -> str:
    (form,) = call.positional or tuple(call.named.values())
    check_date_format(form)
    return str(call.owner.strftime(form))


def _now_as_text(call: Call) -> str:
    if call.named or len(call.positional) != 1:
        raise refused("strftime() of anything but now", 'Use time.strftime("%H:%M:%S").')
    check_date_format(call.positional[0])
    return time.strftime(call.positional[0])


def _makers(kind: type, names: str) -> MappingProxyType[str, Function]:
    return MappingProxyType({name: Function(name, _python(getattr(kind, name))) for name in names.split()})


CLOCKS: Final = MappingProxyType(
    {
        **{
            name: Function(name, _python(getattr(time, name)))
            for name in ("time", "time_ns", "perf_counter", "monotonic")
        },
        "strftime": Function("strftime", _now_as_text),
    }
)
_ZONE: Final = Class("datetime.timezone", _python(timezone), (timezone,), {"utc": UTC})
_DATETIME: Final = Module(
    "datetime",
    MappingProxyType(
        {
            "date": Class("datetime.date", _python(date), (date,), _makers(date, "fromisoformat today")),
            "datetime": Class(
                "datetime.datetime",
                _python(datetime),
                (datetime,),
                _makers(datetime, "fromisoformat fromtimestamp now today utcnow"),
            ),
            "time": Class("datetime.time", _python(time_of_day), (time_of_day,)),
            "timedelta": Class("datetime.timedelta", _python(timedelta), (timedelta,)),
            "timezone": _ZONE,
        }
    ),
    "There are datetime, date, time, timedelta and timezone.",
)
MODULES: Final = (_DATETIME,)
_DATE: Final = {**methods("isoformat isoweekday replace weekday"), "strftime": _strftime}
KINDS: Final = (
    Kind(
        "datetime",
        (datetime,),
        words("year month day hour minute second microsecond tzinfo"),
        MappingProxyType({**_DATE, **methods("astimezone date time timestamp")}),
    ),
    Kind("date", (date,), words("year month day"), MappingProxyType(_DATE)),
    Kind(
        "time",
        (time_of_day,),
        words("hour minute second microsecond"),
        MappingProxyType({**methods("isoformat replace"), "strftime": _strftime}),
    ),
    Kind("timedelta", (timedelta,), words("days seconds microseconds"), MappingProxyType(methods("total_seconds"))),
)
