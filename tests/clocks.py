"""A clock for tests."""


class Clock:
    """A clock that only `wait` moves; seconds since 1970."""

    now = 1_700_000_000.0

    def __call__(self):
        return self.now

    def wait(self, seconds):
        self.now += seconds
