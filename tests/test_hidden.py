"""The hidden records: what each is for, and which of their cases explains a wrong answer."""

import pytest

from lab.dataset import FILES
from lab.judge.hidden import DELIVERIES, OF_LOG, OF_VOLUMES, SILENT, case_of
from lab.oracle import SEV0


def records_of(server):
    return [record for file in DELIVERIES for record in file.records if record.serverID == server]


@pytest.mark.parametrize("case", OF_VOLUMES, ids=lambda case: case.server)
def test_each_server_is_the_case_that_it_is_there_for(case):
    assert case.holds(records_of(case.server))


def test_every_line_is_a_record_and_the_files_bear_names_of_the_lab_s_own():
    files = (*DELIVERIES, SILENT)
    assert all(file.records and not file.problems for file in files)
    assert {file.name for file in files} <= set(FILES)
    assert len({file.name for file in files}) == len(files)


def test_one_delivery_has_no_sev0_record_and_the_others_have():
    assert all(record.severity != SEV0 for record in SILENT.records)
    for file in DELIVERIES:
        assert any(record.severity == SEV0 for record in file.records)


@pytest.mark.parametrize(
    ("servers", "cases", "named"),
    [
        ({"quiet"}, OF_VOLUMES, "quiet"),
        ({"apart", "edges", "gaps", "twice"}, OF_VOLUMES, "gaps"),  # divided by the number of different timestamps
        ({"gaps", "quiet", "single", "twice"}, OF_VOLUMES, None),  # only servers with two rows are right
        ({"twice"}, OF_LOG, "twice"),
        ({"quiet"}, OF_LOG, None),
        ({"edges", "quiet", "twice"}, OF_LOG, None),  # only records up to some time unit are kept
        (set(), OF_VOLUMES, None),
        ({"nobody"}, OF_VOLUMES, None),
    ],
)
def test_a_case_is_named_only_if_all_servers_that_go_wrong_are_such_a_case(servers, cases, named):
    found = case_of(servers, cases, DELIVERIES)
    assert (found.server if found else None) == named
