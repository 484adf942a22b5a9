"""`python -m tools.load`: a class on a server of its own, and the report of it."""

import argparse
import sys
import tempfile
from pathlib import Path

from .report import summary, write
from .school import Plan, hold
from .server import Server
from .verdict import judge, judge_disturbed


def main() -> int:
    """Hold the class; return 0 if everything holds, else 1."""
    parser = argparse.ArgumentParser(prog="python -m tools.load", description=__doc__)
    parser.add_argument("--learners", type=int, default=30, help="how many (30)")
    parser.add_argument("--hostile", type=int, default=0, help="how many besides who try to stop the class (0)")
    parser.add_argument("--minutes", type=float, default=10.0, help="for how long (10)")
    parser.add_argument("--pace", type=float, default=1.0, help="how long they think: 1 as people do, 0 not at all (1)")
    parser.add_argument("--seed", type=int, default=1, help="another one is another class (1)")
    parser.add_argument("--report", type=Path, help="the Markdown page to be written; its pictures go beside it")
    options = parser.parse_args()
    plan = Plan(options.learners, options.hostile, minutes=options.minutes, pace=options.pace, seed=options.seed)
    with tempfile.TemporaryDirectory() as folder:
        print(
            f"{plan.learners} learners, {plan.hostile} hostile, {plan.minutes:g} minutes; three more to warm up and rest …",
            flush=True,
        )
        server = Server(Path(folder))
        try:
            outcome = hold(plan, server)
        finally:
            server.kill()
    checks = judge_disturbed(outcome) if plan.hostile else judge(outcome)
    print(summary(checks))
    for trouble in outcome.book.troubles:
        print(f"{trouble.kind}, {trouble.at:.0f} s, {trouble.who}, {trouble.where}: {trouble.text}")
    if options.report:
        write(outcome, checks, options.report)
    return 0 if all(check.holds for check in checks) else 1


if __name__ == "__main__":
    sys.exit(main())
