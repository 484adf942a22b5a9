"""The ids under which the store keeps what a class shares, beside the documents of each learner."""

from typing import Literal


def own_id(what: Literal["votes", "showing"], class_code: str) -> str:
    """Return the id under which something of a class is kept; spellings of one class code have the same id.

    A browser's id has 32 hexadecimal digits, so it never equals this one.
    """
    from lab.variants import canonical_name  # noqa: PLC0415 - the first page does not wait for pandas

    return f"the {what} of the class {canonical_name(class_code)}"
