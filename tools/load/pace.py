"""How long people take: they read, think and type, and some of them wait for each other."""

import asyncio
import math
import random

# Medians in seconds, and how much they differ (sigma of the logarithm).
READ, WRITE, CLICK = 6.0, 15.0, 1.5
SPREAD = 0.6


class Pace:
    """The pace of one person; with a `factor` of 0, they need no time at all."""

    def __init__(self, draw: random.Random, factor: float) -> None:
        self._draw = draw
        self._factor = factor

    async def read(self) -> None:
        """Take the time to look at a page or at something new on it."""
        await self._take(READ)

    async def write(self) -> None:
        """Take the time to think of a piece of code and to type it."""
        await self._take(WRITE)

    async def click(self) -> None:
        """Take the time to move to the next button."""
        await self._take(CLICK)

    async def _take(self, median: float) -> None:
        await asyncio.sleep(self._factor * self._draw.lognormvariate(math.log(median), SPREAD))


class Meeting:
    """A barrier at which all meet to do something at once. Nobody waits longer than `patience` seconds."""

    def __init__(self, expected: int, patience: float) -> None:
        self.arrived = 0
        self._expected = expected
        self._patience = patience
        self._all_here = asyncio.Event()

    async def over(self) -> None:
        """Wait, without taking part, until the others have met."""
        await self._all_here.wait()

    async def join(self) -> None:
        """Wait until all are here, or patience is over."""
        self.arrived += 1
        if self.arrived >= self._expected:
            self._all_here.set()
        try:
            async with asyncio.timeout(self._patience):
                await self._all_here.wait()
        except TimeoutError:
            self._all_here.set()
