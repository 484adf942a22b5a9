"""A clock for tests."""


class Clock:
    """It goes only when it is told to; seconds since 1970."""

    now = 1_700_000_000.0

    def __call__(self):
        return self.now

    def wait(self, seconds):
        self.now += seconds
