"""Under which ids the store has what a class shares, beside what is each learner's."""

from typing import Literal


def own_id(what: Literal["votes", "showing"], class_code: str) -> str:
    """Return the id under which something of a class is kept, however its code was typed.

    A browser's id has 32 hexadecimal digits, so none has this one.
    """
    from lab.variants import canonical_name  # noqa: PLC0415 - the first page does not wait for pandas

    return f"the {what} of the class {canonical_name(class_code)}"
