"""Gradescope's `results.json` for each notebook, in a zip.

The format is that of https://gradescope-autograders.readthedocs.io/en/latest/specs/#output-format.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from lab.handin.grader.grading import Grade, ResultGrade
from lab.handin.grader.owners import owner_in
from lab.handin.reports.packing import Packing
from lab.handin.reports.words import TITLES, points_in_words, reason_for_learner

RESULTS: Final = "results.json"
# A file in the zip: Gradescope has no notebooks without points, and a 0 would look like an earned one.
NOT_GRADED: Final = "NOT-GRADED.txt"


def gradescope_zip(grades: Sequence[Grade], at: datetime) -> bytes:
    """Return a zip with a folder for each graded notebook that counts, with its `results.json`."""
    packing = Packing(at)
    left = []
    for grade in grades:
        if not grade.counts:
            continue
        if grade.is_graded:
            packing.add(_folder(grade), RESULTS, json.dumps(results_of(grade), ensure_ascii=False, indent=1).encode())
        else:
            left.append(f"{grade.file}: {grade.error or grade.results[0].reason}\n")
    if left:
        packing.add("", NOT_GRADED, "".join(left).encode())
    return packing.data()


def results_of(grade: Grade) -> Mapping[str, Any]:
    """Return the content of `results.json` for a notebook with at least one graded result."""
    return {
        "score": grade.points,
        "execution_time": round(grade.seconds),
        "output": f"{points_in_words(grade).capitalize()}.",
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {"out_of": grade.out_of, "not_graded": grade.ungraded},
        "tests": [_test(number, result) for number, result in enumerate(grade.results, start=1)],
    }


def _test(number: int, result: ResultGrade) -> Mapping[str, Any]:
    points = (
        {
            "score": result.points,
            "max_score": result.out_of,
            "status": "passed" if result.points == result.out_of else "failed",
        }
        if result.graded
        else {}
    )
    return {
        **points,
        "name": TITLES[result.group],
        "number": str(number),
        "output": reason_for_learner(result),
        "output_format": "text",
        "visibility": "visible",
    }


def _folder(grade: Grade) -> str:
    """Return the folder that Gradescope or another platform has given a learner, else the name of the notebook."""
    folder, _, file = grade.file.rpartition("/")
    own = folder.rpartition("/")[2]
    return own if owner_in(f"{own}/x").account else file.partition(".")[0]
