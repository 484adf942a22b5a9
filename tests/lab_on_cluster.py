"""The lab in its own process, on the Spark that the environment names; prints the results as JSON.

PySpark has one SparkContext in a process, and that of the tests is not on a cluster.
"""

import json
import sys
from contextlib import suppress

from py4j.protocol import Py4JError

from lab import dataset
from lab.bucket import LOG_DATA_LIVE
from lab.bucket.setup import set_up
from lab.engine import cluster
from lab.engine.readiness import Phase
from lab.errors import LabError
from lab.lesson.results import GROUPS, check
from lab.lesson.steps import EMPTY_CODE, EXERCISES, STEPS, deliver_code
from lab.sev0_output import read_log_output
from lab.ui.parts import parts


def solutions(learner):
    """Return the outcome of every step's solution."""
    outcomes = {}
    for step in EXERCISES:
        learner.progress.write(step, step.code)
        learner.submit(step)
        outcomes[step.id] = learner.progress.answer(step).feedback.outcome
    return outcomes


def results(learner):
    """Return the outcomes of the four results, each read after its delivery."""
    groups = iter(GROUPS)
    outcomes = {}
    for step, read in ((STEPS["volume-query"], volumes), (STEPS["sev0-query"], log)):
        learner.run_code(EMPTY_CODE)
        learner.prepare(step)
        learner.run(step)
        for pair in dataset.PAIRS:
            learner.run_code(deliver_code(pair.files))
            assert learner.workspace.wait_until_read(180)
            group = next(groups)
            answer = "\n".join(f"{server} {value}" for server, value in read(learner, step))
            outcomes[group.id] = check(group, answer, learner.runs.of_query(step)).outcome
    return outcomes


def volumes(learner, step):
    return learner.runs.latest(step).last.table.rows


def log(learner, _):
    return [(server, time) for _, server, time in read_log_output(learner.workspace.bucket).rows]


def after_its_end(_):
    """Stop Spark in a JVM that goes on, as a cluster does when it ends an application; return the engine's phase."""
    engine = parts().classroom.engine
    # The engine may end that JVM before it has answered.
    with suppress(Py4JError, ConnectionError):
        engine.root._jsc.sc().stop()
    with engine._changed:
        engine._changed.wait_for(lambda: engine.readiness.phase is not Phase.READY, 30)
    return engine.readiness.phase.name


def main():
    wanted = sys.argv[1:]
    if "impatient" in wanted:
        cluster.TASK_SECONDS = 2
    parts().classroom.open()
    try:
        root = parts().classroom.engine.wait()
        learner = parts().classroom.enter("a" * 32)
        set_up(learner.workspace.bucket)  # in a person's own bucket, a button does this
        found = {
            "master": root.sparkContext.master,
            "note": parts().classroom.engine.readiness.note,
            # The count includes the driver.
            "executors": root._jsc.sc().getExecutorMemoryStatus().size() - 1,
            "live": learner.workspace.bucket.uri(LOG_DATA_LIVE),
            **{act.__name__: act(learner) for act in (solutions, results, after_its_end) if act.__name__ in wanted},
        }
        print(json.dumps(found))
    except LabError as error:
        print(json.dumps({"error": str(error)}))
    finally:
        parts().classroom.close()


if __name__ == "__main__":
    main()
