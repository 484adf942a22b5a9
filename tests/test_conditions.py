"""Spark's messages are read in one place only; error conditions are told apart by their codes."""

import pytest

from lab.engine.conditions import _PATTERNS, is_condition, missing_table, query_in_the_way
from lab.engine.failures import _SENTENCES, explain
from lab.judge.mistake import raised

SAID = {
    "sorted-stream": "[UNSUPPORTED] Sorting is not supported on streaming DataFrames/Datasets, unless it is complete mode",
    "already-active": "Cannot start query with name volume_report as a query with that name is already active",
    "no-table": "[TABLE_OR_VIEW_NOT_FOUND] The table or view `sev0` cannot be found.",
    "append-mode": "[STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION] Invalid streaming output mode: append.",
    "mode-of-operation": "[STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION] Invalid streaming output mode: complete.",
    "no-such-mode": "[STREAMING_OUTPUT_MODE.INVALID] The output mode replace is invalid.",
    "cast-of-severity": '[CAST_INVALID_INPUT] The value \'SEV2\' of the type "STRING" cannot be cast to "INT"',
    "path-exists": "[PATH_ALREADY_EXISTS] Path file:/x already exists.",
}


@pytest.mark.parametrize(("code", "text"), SAID.items())
def test_a_condition_is_told_by_what_spark_says(code, text):
    assert is_condition(code, text)
    assert not is_condition(code, "Something else went wrong.")


def test_what_spark_says_is_put_into_the_words_of_its_condition():
    sentences = dict(_SENTENCES)
    for code in SAID.keys() & sentences.keys():
        assert explain(SAID[code]).sentence == sentences[code]
    assert sentences.keys() <= _PATTERNS.keys()


def test_names_are_taken_from_what_spark_says():
    assert query_in_the_way(SAID["already-active"]) == "volume_report"
    assert query_in_the_way("already active") == ""
    assert missing_table(SAID["no-table"]) == "sev0"
    assert missing_table("The table or view `sev0`") == ""


def test_a_mistake_of_a_condition_that_nobody_knows_is_noticed_at_once():
    with pytest.raises(KeyError):
        raised("sorted-straem", "Leave the order out.")


@pytest.mark.parametrize("code", _PATTERNS)
def test_no_text_that_a_cell_can_raise_takes_long(code):
    """Python would look at the first of these for hours, if a part was tried at each place of the earlier ones."""
    for text in (
        "DATATYPE_MISMATCH" * 1_000 + "sum(" * 8_000,
        "STREAMING_OUTPUT_MODE" * 2_500,
        "CAST_INVALID_INPUT" * 2_500,
    ):
        assert not is_condition("types-of-sum", text)
        is_condition(code, text)


def test_the_parts_of_a_condition_are_in_one_line_and_in_order():
    assert is_condition("types-of-sum", "a\nx DATATYPE_MISMATCH y avg(z) BOOLEAN")
    assert not is_condition("types-of-sum", "DATATYPE_MISMATCH\navg(z) BOOLEAN")
    assert not is_condition("types-of-sum", "avg(z) DATATYPE_MISMATCH BOOLEAN")
    assert is_condition("bool-for-column", "[NOT_COLUMN_OR_STR] Argument should be a Column or str, got bool.")
