"""The cache of messages that the server need not send again (Streamlit's ForwardMessageCache)."""

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from .tree import PageError


class Cache:
    """The cache of one connection."""

    _MAX_AGE = 2  # global.maxCachedMessageAge

    def __init__(self) -> None:
        self._messages: dict[str, tuple[bytes, int, str]] = {}
        self._runs = 0

    @property
    def hashes(self) -> tuple[str, ...]:
        """The hashes of the cached messages."""
        return tuple(self._messages)

    def resolve(self, message: ForwardMsg) -> ForwardMsg:
        """Return the message, or the cached one that it refers to; raise PageError when that is not cached."""
        if message.WhichOneof("type") != "ref_hash":
            if message.metadata.cacheable:
                self._messages[message.hash] = (message.SerializeToString(), self._runs, message.delta.fragment_id)
            return message
        if message.ref_hash not in self._messages:
            raise PageError("the server referred to a message that is not cached")
        data, _, fragment = self._messages[message.ref_hash]
        self._messages[message.ref_hash] = (data, self._runs, fragment)
        known = ForwardMsg.FromString(data)
        known.metadata.CopyFrom(message.metadata)
        return known

    def age(self, fragments: frozenset[str]) -> None:
        """Count a finished run, and forget the messages that no recent run has referred to."""
        self._runs += 1
        self._messages = {
            key: entry
            for key, entry in self._messages.items()
            if self._runs - entry[1] <= self._MAX_AGE or (fragments and entry[2] not in fragments)
        }
