"""The one kind of error that a page shows to a person."""


class LabError(Exception):
    """Something a person can act on.

    `what` says in one sentence what went wrong and where, `advice` what to do next. Everything else that is raised
    is a defect of the lab.
    """

    def __init__(self, what: str, advice: str) -> None:
        super().__init__(f"{what} {advice}")
        self.what = what
        self.advice = advice

    def __reduce__(self) -> tuple[type["LabError"], tuple[str, str]]:
        """Make the error picklable: by default, Python would rebuild it from its message alone."""
        return LabError, (self.what, self.advice)
