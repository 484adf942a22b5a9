"""A secret name for each learner, the channel. Their pages use it for requests beside Streamlit. It is not their id."""

import secrets
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary, WeakValueDictionary

if TYPE_CHECKING:
    from lab.learner.learner import Learner

_channels: Final[WeakKeyDictionary["Learner", str]] = WeakKeyDictionary()
_learners: Final[WeakValueDictionary[str, "Learner"]] = WeakValueDictionary()


def channel_of(learner: "Learner") -> str:
    """Return the learner's channel. Only their own pages may know it: it lets one read and write their texts."""
    channel = _channels.setdefault(learner, secrets.token_hex(16))
    _learners[channel] = learner
    return channel


def learner_on(channel: str) -> "Learner | None":
    """Return the learner of a channel; None if it is nobody's, or the learner was cleared away."""
    learner = _learners.get(channel)
    return None if learner is None or learner.closed else learner
