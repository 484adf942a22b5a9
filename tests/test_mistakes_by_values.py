"""Mistakes are recognised by values: with an id in place of every sentence of the lab, the findings are the same."""

import pytest

from lab.cells.advice import Refused
from lab.engine import failures
from lab.judge.difference import Difference
from lab.learner.trial import try_answer
from lab.lesson.mistakes import MISTAKES
from lab.lesson.steps import STEPS


@pytest.fixture
def without_words(monkeypatch):
    """Replace every finding's sentence by its id."""
    refuse, differ = Refused.__init__, Difference.__init__

    def refused(self, message, code="refused", subject=""):
        assert message
        refuse(self, code, code, subject)

    def different(self, kind, sentence, *values, **named):
        assert sentence
        differ(self, kind, kind, *values, **named)

    monkeypatch.setattr(Refused, "__init__", refused)
    monkeypatch.setattr(Difference, "__init__", different)
    monkeypatch.setattr(failures, "_SENTENCES", tuple((code, code) for code, _ in failures._SENTENCES))


@pytest.mark.slow
@pytest.mark.parametrize("step_id", sorted({program.step_id for each in MISTAKES for program in each.programs}))
def test_no_mistake_is_recognised_by_a_sentence_of_the_labs(classroom, without_words, step_id):
    engine = classroom.engine
    named = [
        (mistake.id, try_answer(STEPS[step_id], program.text, engine.root, engine.run_folder, program.before)[1])
        for mistake in MISTAKES
        for program in mistake.programs
        if program.step_id == step_id
    ]
    assert [(known, feedback.mistake) for known, feedback in named if feedback.mistake != known] == []


def test_a_difference_says_only_its_kind_here(without_words):
    assert Difference("rows", "The log has 2 rows.", 3, 2).sentence == "rows"
    assert str(Refused("The lab's cells do not use x.", "not-used", "x")) == "not-used"
