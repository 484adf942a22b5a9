"""`python -m lab s3-setup`: create a bucket in S3 for the lab, and the policies for its users."""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from lab.bucket import FOLDERS
from lab.bucket.address import S3Address, read_s3_address
from lab.bucket.policy import policy
from lab.errors import LabError
from lab.extras import needing

if TYPE_CHECKING:
    from lab.bucket.provision import Plan

POLICY_NAME: Final = "spark-streaming-lab"
# https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html
_VALID_NAME: Final = re.compile(r"[\w+=,.@-]{1,128}", re.ASCII)


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "s3-setup",
        help="make a bucket in S3 for the lab, and the policy for it",
        description="Creates the bucket if it is not there, and a policy that allows what the lab does below the prefix. "
        "Says first what it will do. Exits with 0 if all is there, with 1 if not. See docs/s3.md.",
    )
    parser.add_argument("address", metavar="s3://BUCKET/PREFIX", help="what LAB_BUCKET will be")
    parser.add_argument(
        "--region", default="", help="where to create the bucket; by default, the region of your profile"
    )
    parser.add_argument("--policy-name", default="", metavar="N", help=f"by default {POLICY_NAME}-, bucket and prefix")
    parser.add_argument(
        "--learner",
        nargs="+",
        default=[],
        metavar="NAME",
        help="a policy for each of these learners, who run the lab themselves, for PREFIX/NAME",
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--print-policy", action="store_true", help="print the policy as JSON, and do nothing else")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Create the bucket and the policies; return the exit code."""
    try:
        address = read_s3_address(options.address)
        learners = [*dict.fromkeys(options.learner)]
        policies = dict(_policies(address, options.policy_name, learners))
        if options.print_policy:
            documents = [policy(place, options.region) for place in policies.values()]
            print(json.dumps(dict(zip(learners, documents, strict=True)) if learners else documents[0], indent=2))
            return 0
        # Imported here, because only this needs boto3.
        with needing("s3", "s3-setup"):
            from lab.bucket.provision import Plan, Provisioner  # noqa: PLC0415

        provisioner = Provisioner(options.region)
        plan = Plan(address, provisioner.region, policies)
        print("\n".join(announced(plan)), flush=True)
        if not options.yes and not _agreed():
            print("Nothing was done.")
            return 1
        for done in provisioner.carry_out(plan):
            print(done, flush=True)
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    print("\n" + "\n".join(next_steps(plan, provisioner.arns)))
    return 0


def announced(plan: "Plan") -> Iterator[str]:
    """Yield the lines that say what will be done."""
    bucket = plan.address.bucket
    yield "This will make what is not there yet:"
    yield f"- the bucket {bucket} in {plan.region}: private, all public access blocked, every object its owner's,"
    yield "  encrypted as S3 does by itself; if it is there, it stays as it is;"
    for name, place in plan.policies.items():
        yield f"- the policy {name}: list, read, write and delete below {place}, nothing else."
    yield "Nobody is given the policy by this, and nothing is put into the bucket."


def next_steps(plan: "Plan", arns: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines that say what the user must still do."""
    yield "Give the policy to the user or role that the lab runs as, for a user with:"
    for name in plan.policies:
        if name in arns:
            yield f"  aws iam attach-user-policy --user-name USER --policy-arn {arns[name]}"
        else:
            yield f"  the tools of your server; --print-policy prints {name}"
    yield "Then set LAB_BUCKET, and ask python -m lab doctor whether all is well:"
    yield from (f"  LAB_BUCKET={str(place).rstrip('/')}" for place in plan.policies.values())
    yield "A learner has three addresses, which the pages show in full:"
    first = next(iter(plan.policies.values()))
    yield from (f"  {first}learner-……/{folder}" for folder in FOLDERS)


def _policies(address: S3Address, name: str, learners: Sequence[str]) -> Iterator[tuple[str, S3Address]]:
    """Yield policy names with their addresses; a default name contains bucket and prefix, so that two never collide."""
    places: Mapping[str, S3Address] = {"": address}
    if learners:
        places = {f"-{learner}": read_s3_address(f"{address}{learner}") for learner in learners}
    stem = name or f"{POLICY_NAME}-{str(address).removeprefix('s3://').rstrip('/').replace('/', '+')}"
    for ending, place in places.items():
        if not _VALID_NAME.fullmatch(stem + ending):
            raise LabError(
                f"{stem + ending!r} is not a name for a policy.",
                "Set --policy-name: at most 128 letters, digits and + = , . @ _ -, with the learner's name.",
            )
        yield stem + ending, place


def _agreed() -> bool:
    try:
        return input("Go on? [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        return False
