"""What is kept of a learner: it survives a restart, and is read whatever the store contains."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.judge.feedback import Feedback
from lab.learner.kept import ANSWER, PREDICTION, RESULT, SCRATCH, Answer, Result
from lab.learner.progress import Progress
from lab.lesson.steps import EXERCISES, STEPS
from lab.store import Document, Store

ME, OTHER = "1" * 32, "2" * 32
STEP = STEPS["schema"]


@pytest.fixture
def store(tmp_path):
    store = Store(f"sqlite:///{tmp_path}/lab.sqlite")
    yield store
    store.close()


def test_an_answer_begins_as_its_starter(store):
    progress = Progress(store, ME)
    assert all(progress.answer(step) == Answer(step.starter) for step in EXERCISES)


def test_everything_comes_back_and_nobody_else_has_it(store):
    progress = Progress(store, ME)
    feedback = Feedback("wrong", "Not quite.", "column-order", 3)
    progress.keep_answer(STEP, text="a", checked="a", feedback=feedback, hints=2)
    progress.keep_answer(STEP, passed="a", how="helped")
    progress.keep_result("volume-first", Result("s1 1", checked=True, feedback=feedback))
    progress.predict("first-pair", "1.5")
    progress.write_scratch("1 + 1")
    again = Progress(store, ME)
    assert again.answer(STEP) == Answer("a", "a", feedback, "a", "helped", 2)
    assert again.result("volume-first") == Result("s1 1", checked=True, feedback=feedback)
    assert (again.prediction("first-pair"), again.scratch) == ("1.5", "1 + 1")
    other = Progress(store, OTHER)
    assert other.answer(STEP) == Answer(STEP.starter)
    assert (other.prediction("first-pair"), other.scratch) == (None, "")


def test_forgetting_forgets_everything(store):
    progress = Progress(store, ME)
    progress.keep_answer(STEP, text="a")
    progress.write_scratch("b")
    progress.forget()
    assert progress.answer(STEP) == Answer(STEP.starter)
    assert store.load(ME) == {}


def test_how_a_step_counts():
    assert Answer("").help == "solved"
    assert Answer("", hints=1).help == "helped"
    assert Answer("", hints=1, shown=True).help == "shown"


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.sampled_from([ANSWER, RESULT, PREDICTION, SCRATCH, "else"]), st.sampled_from(["schema", "", "x"])),
        st.none()
        | st.text()
        | st.dictionaries(
            st.sampled_from(["text", "hints", "feedback", "more"]), st.text() | st.integers(-9, 9) | st.none()
        ),
        max_size=5,
    )
)
def test_whatever_another_version_has_stored_is_read_without_an_error(documents):
    class Stored:
        lost = ""

        def generation(self):
            return 0

        def load(self, _):
            return {place: Document(value, 1) for place, value in documents.items()}

    progress = Progress(Stored(), ME)
    assert isinstance(progress.answer(STEP).text, str)
