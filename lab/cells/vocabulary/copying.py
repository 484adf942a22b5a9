"""Other ways of a notebook to deliver log files: boto3, boto, shutil and dbutils, for copies in the lab's folders only.

Nothing here reaches a file or a network. A copy from LogData to LogDataLive is a delivery, and deleting in LogDataLive
empties it: the lab does both with its own two functions. Everything else is refused.
"""

import re
from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Any, Final

from lab.cells.advice import refused
from lab.cells.shown import Named
from lab.cells.vocabulary.kinds import Call, Function, Kind, Module, methods

_SOURCE, _LIVE = "LogData", "LogDataLive"
# The last folder of an address or a key, and the file name after it.
_BELOW: Final = re.compile(r"(?:[^\n]{0,300}/)?(LogDataLive|LogData)/?([\w.-]{0,100})")
_ONLY: Final = "Log files are copied from LogData to LogDataLive, under their own names, and LogDataLive is emptied."


class Client(Named):
    """A client of S3, by boto3."""


class Resource(Named):
    """The resource of S3, by boto3."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.meta = Meta("<ResourceMeta>")


class Meta(Named):
    """The metadata of a resource: its client."""

    client = Client("<S3>")


class Bucket(Named):
    """A bucket, by boto3 or boto. Whatever its name is, it stands for the learner's own."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.objects = Objects("<s3.Bucket.objectsCollection>")


class Objects(Named):
    """The objects of a bucket, or only those below `prefix`."""

    def __init__(self, text: str, prefix: str = "") -> None:
        super().__init__(text)
        self.prefix = prefix


class Key(Named):
    """An object of a bucket."""

    def __init__(self, key: str) -> None:
        super().__init__(f"<Key {key[:100]}>")
        self.key = self.name = key


class FileSystem(Named):
    """`dbutils.fs`."""


class Utilities(Named):
    """`dbutils`."""

    fs = FileSystem("<dbutils.fs>")


def _service(make: Callable[[], Any]) -> Callable[[Call], Any]:
    """Return a handler that makes an S3 client or resource of boto3. It ignores access keys and regions."""

    def perform(call: Call) -> Any:
        if _given(call, "service_name") != ["s3"]:
            raise refused(f"{call.name}() of anything but 's3'", _ONLY)
        return make()

    return perform


def _given(call: Call, *names: str) -> list[Any]:
    """Return the arguments in the order of `names`, positional or by keyword; None for a missing one."""
    values = dict(zip(names, call.positional, strict=False))
    values.update((name, value) for name, value in call.named.items() if name in names)
    return [values.get(name) for name in names]


def _copies(target: str, *names: str) -> Callable[[Call], None]:
    """Return a handler that copies: `names` are its parameters, the first is the source, `target` names the target."""

    def perform(call: Call) -> None:
        source, *_ = found = _given(call, *names)
        _deliver(call, _key_in(source), found[names.index(target)])

    return perform


def _key_in(source: Any) -> Any:
    return source.get("Key") if type(source) is dict else source


def _deliver(call: Call, source: Any, target: Any) -> None:
    one, other = (_BELOW.fullmatch(text) if isinstance(text, str) else None for text in (source, target))
    if not (one and other and one[1] == _SOURCE and one[2] and other[1] == _LIVE and other[2] in {"", one[2]}):
        raise refused(f"{call.name}() from {str(source)[:80]!r} to {str(target)[:80]!r}", _ONLY)
    call.run.limits.deliver(one[2])


def _copy_to(call: Call) -> None:
    """Perform `Object(bucket, key).copy_from(CopySource=…)`: the object is the target."""
    (source,) = _given(call, "CopySource")
    _deliver(call, _key_in(source), call.owner.key)


def _copy_key(call: Call) -> None:
    """Perform boto's `bucket.copy_key(new_key, bucket, key)`."""
    target, _, source = _given(call, "new_key_name", "src_bucket_name", "src_key_name")
    _deliver(call, source, target)


def _deletes(name: str) -> Callable[[Call], None]:
    def perform(call: Call) -> None:
        (key,) = _given(call, name)
        _empty(call, key)

    return perform


def _empty(call: Call, key: Any) -> None:
    found = _BELOW.fullmatch(key) if isinstance(key, str) else None
    if not (found and found[1] == _LIVE):
        raise refused(f"{call.name}() of {str(key)[:80]!r}", _ONLY)
    # Empty all of it: a cell that deletes there one by one wants it empty.
    call.run.limits.empty()


def _delete_all(call: Call) -> None:
    keys = _given(call, "Delete")[0]
    objects = keys.get("Objects") if type(keys) is dict else None
    for each in objects if isinstance(objects, list) and all(type(each) is dict for each in objects) else [{}]:
        _empty(call, each.get("Key"))


def _named_objects(call: Call) -> Objects:
    (prefix,) = _given(call, "Prefix")
    return Objects("<s3.Bucket.objectsCollection>", prefix if isinstance(prefix, str) else "")


def _keys(call: Call, prefix: Any) -> Iterator[str]:
    found = _BELOW.fullmatch(prefix) if isinstance(prefix, str) else None
    if not found:
        raise refused(f"{call.name}() of {str(prefix)[:80]!r}", f"Name {_SOURCE}/ or {_LIVE}/.")
    for name in call.run.limits.names_in(f"{found[1]}/"):
        yield f"{found[1]}/{name}"


def _list_objects(call: Call) -> dict[str, Any]:
    _, prefix = _given(call, "Bucket", "Prefix")
    contents = [{"Key": key} for key in _keys(call, prefix)]
    return {"KeyCount": len(contents), **({"Contents": contents} if contents else {})}


def _list_keys(call: Call) -> list[Key]:
    return [Key(key) for key in _keys(call, _given(call, "prefix")[0])]


def _listed(call: Call) -> list[Key]:
    return [Key(key) for key in _keys(call, call.owner.prefix)]


def _bucket(_: Call) -> Bucket:
    return Bucket("<s3.Bucket>")


def _object(call: Call) -> Key:
    key = call.positional[-1] if call.positional else call.named.get("key")
    if not isinstance(key, str):
        raise refused("such an object of a bucket", _ONLY)
    return Key(key)


def _module(name: str, functions: dict[str, Callable[[Call], Any]]) -> Module:
    return Module(name, MappingProxyType({each: Function(each, perform) for each, perform in functions.items()}))


_SHUTIL_COPY: Final = _copies("dst", "src", "dst")
DBUTILS: Final = Utilities("<dbutils>")
COPYING: Final = (
    _module("boto3", {"client": _service(lambda: Client("<S3>")), "resource": _service(lambda: Resource("<s3>"))}),
    _module("boto", {"connect_s3": lambda _: Client("<S3Connection>")}),
    _module("shutil", dict.fromkeys(("copy", "copy2", "copyfile"), _SHUTIL_COPY)),
)
KINDS: Final = (
    Kind(
        "client of S3",
        (Client,),
        methods=MappingProxyType(
            {
                "copy_object": _copies("Key", "CopySource", "Bucket", "Key"),
                "copy": _copies("Key", "CopySource", "Bucket", "Key"),
                "upload_file": _copies("Key", "Filename", "Bucket", "Key"),
                "delete_object": lambda call: _empty(call, _given(call, "Bucket", "Key")[1]),
                "delete_objects": _delete_all,
                **methods("list_objects list_objects_v2", _list_objects),
                "get_bucket": _bucket,
            }
        ),
    ),
    Kind("resource of S3", (Resource,), frozenset({"meta"}), MappingProxyType({"Bucket": _bucket, "Object": _object})),
    Kind("ResourceMeta", (Meta,), frozenset({"client"})),
    Kind(
        "bucket",
        (Bucket,),
        frozenset({"objects"}),
        MappingProxyType(
            {
                "copy": _copies("Key", "CopySource", "Key"),
                "copy_key": _copy_key,
                "Object": _object,
                "list": _list_keys,
                "upload_file": _copies("Key", "Filename", "Key"),
            }
        ),
    ),
    Kind(
        "objects of a bucket",
        (Objects,),
        methods=MappingProxyType(
            {"filter": _named_objects, "all": _listed, "delete": lambda call: _empty(call, call.owner.prefix)}
        ),
    ),
    Kind(
        "object of a bucket",
        (Key,),
        frozenset({"key", "name"}),
        MappingProxyType({"copy_from": _copy_to, "delete": lambda call: _empty(call, call.owner.key)}),
    ),
    Kind("dbutils", (Utilities,), frozenset({"fs"})),
    Kind(
        "dbutils.fs",
        (FileSystem,),
        methods=MappingProxyType({"cp": _SHUTIL_COPY, "rm": _deletes("dir")}),
    ),
)
