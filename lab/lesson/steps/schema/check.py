"""The check that a schema has the three columns of a record."""

from dataclasses import replace

from lab.bucket import LOG_DATA
from lab.cells.advice import Refused
from lab.cells.articles import a
from lab.cells.schemas import check_schema as vet_schema
from lab.engine import facts
from lab.judge.difference import Difference
from lab.judge.evidence import Evidence
from lab.judge.probe import Probe
from lab.judge.reports import WHOLE
from lab.records import COLUMNS


def check(evidence: Evidence, probe: Probe) -> Evidence:
    """Require the right names and types, in the order of a line's values; then read a log file with the schema."""
    value = probe.value("logSchema")
    try:
        # Vet it as where a cell reads with it, because Spark gets it from here on.
        vet_schema(value)
    except Refused as refusal:
        return replace(evidence, error=str(refusal), sentence=str(refusal), refusal=refusal.value)
    schema = facts.schema(value)
    evidence = replace(evidence, schema=schema)
    if schema is None:
        words = f"`logSchema` is {a(evidence.kind)}, expected a StructType or a text."
        return replace(evidence, difference=Difference("no-schema", words, got=evidence.kind))
    address = probe.workspace.bucket.uri(LOG_DATA) + probe.log_files[0].name
    wanted = [(COLUMNS[0], {"string"}), (COLUMNS[1], WHOLE), (COLUMNS[2], WHOLE)]
    if len(schema) == 3 and all(
        name == known and kind in kinds for (name, kind), (known, kinds) in zip(schema, wanted, strict=True)
    ):
        # Spark parses some texts into a StructType that it refuses when it reads files.
        facts.read_csv(probe.session, value, address)
        return evidence
    evidence = replace(evidence, read_from=probe.log_files[0].name)
    read = facts.read_csv(probe.session, value, address)
    shown = ", ".join(f"{name} {kind}" for name, kind in schema) or "no column"
    words = f"`logSchema` has {shown}; expected serverID string, severity int, timestamp int."
    return replace(evidence, tables=(read,), difference=Difference("columns", words, COLUMNS, schema))
