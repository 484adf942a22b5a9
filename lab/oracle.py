"""The expected reports, computed with pandas from the delivered log files, without Spark."""

from collections.abc import Iterable, Sequence

import pandas as pd

from lab.records import COLUMNS, LogFile

SEV0, SEV2 = 0, 2


def records_frame(files: Iterable[LogFile]) -> pd.DataFrame:
    """All records of the files, one a row, with the three columns of the log."""
    frame = pd.DataFrame([record for file in files for record in file.records], columns=list(COLUMNS))
    return frame.astype({"severity": int, "timestamp": int})


def volume_report(files: Iterable[LogFile]) -> pd.DataFrame:
    """The volume report: `serverID`, `avgVolume`, one row a server, by serverID.

    avgVolume = number of SEV2 records / (max(timestamp) - min(timestamp) + 1), the span taken over all of the
    server's records (handout, "volume report"), so a server without SEV2 records reports 0.
    """
    records = records_frame(files)
    servers = records.groupby("serverID")["timestamp"].agg(["min", "max"])
    count = records[records["severity"] == SEV2].groupby("serverID").size().reindex(servers.index, fill_value=0)
    volume = count / (servers["max"] - servers["min"] + 1)
    return volume.rename("avgVolume").reset_index()


def sev0_log(batches: Iterable[Sequence[LogFile]]) -> pd.DataFrame:
    """The SEV0 log: `serverID`, `timestamp` of every SEV0 record.

    Rows are ordered by timestamp, then serverID, within a batch; batches follow one another, because a log only
    grows at its end.
    """
    parts = []
    for files in batches:
        records = records_frame(files)
        severe = records[records["severity"] == SEV0]
        parts.append(severe.sort_values(["timestamp", "serverID"])[["serverID", "timestamp"]])
    if not parts:
        return records_frame(())[["serverID", "timestamp"]]
    return pd.concat(parts, ignore_index=True)
