"""The SQL that Spark gets: accepted SQL reads only vetted tables, and writing it out again changes nothing."""

# ruff: noqa: S608  # such SQL is what is tried

import re
import time

import pytest
import sqlglot
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from lab.cells.advice import Refused
from lab.cells.schemas import check_schema, is_decimal
from lab.cells.spark_functions import SQL_FUNCTIONS
from lab.cells.sql import vetted_expression, vetted_query
from lab.cells.sql.tokens import check_sent

# With the first one, a learner could once read any file of the server.
RAW = r"""
SELECT CAST(1 AS DECIMAL(`10)), VALUE FROM TEXT.``/???/??????`` WHERE 1 IN ((1`))
SELECT CAST(1 AS DECIMAL(`10)), VALUE FROM TEXT.``/etc/passwd`` --`))
SELECT CAST(1 AS DECIMAL(10, `2)), VALUE FROM TEXT.``/etc/passwd`` WHERE 1 IN ((1`))
SELECT 1::DECIMAL(`10)) FROM text.``/x`` --`)
SELECT TRY_CAST(1 AS DECIMAL(`10)), VALUE FROM TEXT.``/x`` WHERE 1 IN ((1`))
SELECT date_add(`DAY, 1, 2), value FROM text.``/x`` WHERE 1 IN (abs(1`, 1, d)
SELECT dateadd(`DAY, 1, 2), value FROM text.``/x`` WHERE 1 IN (abs(1`, 1, d)
SELECT date_diff(`DAY, 1, 2), value FROM text.``/x`` WHERE 1 IN (abs(1`, 1, 2)
SELECT datediff(`DAY, 1, 2), value FROM text.``/x`` WHERE 1 IN (abs(1`, 1, 2)
SELECT timestampadd(`DAY, 1, 2), (SELECT 1 FROM text.``/x``), abs(1`, 1, 2)
SELECT timestampdiff(`DAY, 1, 2), (SELECT 1 FROM text.``/x``), abs(1`, 1, 2)
SELECT date_trunc(`DAY') , (SELECT 1 FROM text.``/x``), abs('`, x)
SELECT extract(`DAY FROM x), (SELECT 1 FROM text.``/x``), (1`  FROM y)
SELECT INTERVAL `1 DAY, (SELECT 1 FROM text.``/x``) AS y` DAY FROM logs AS `a``b`
SELECT sum(x) OVER (ORDER BY y ROWS BETWEEN `1 PRECEDING AND CURRENT ROW) FROM text.``/x`` --` PRECEDING AND CURRENT ROW)
SELECT a FROM logs AS `x`` JOIN text.``/etc/passwd`
SELECT a AS `x`` FROM text.``/etc/passwd` FROM logs
SELECT `a``, value FROM text.``/etc/passwd` FROM logs
SELECT * EXCEPT (`a) FROM text.``/x`` --`) FROM logs
SELECT * FROM logs AS t(`a) JOIN text.``/x`` --`)
SELECT struct(1 AS `a) FROM text.``/x`` --`)
SELECT named_struct('a`', 1), named_struct('x) FROM text.`/x` --', 1)
SELECT trim(`both ' ' FROM x), (SELECT 1 FROM text.``/x``` FROM y)
SELECT @`x} FROM text.``/x`` --`
SELECT :x
SELECT ?
SELECT {x}
SELECT '${env:HOME}'
SELECT '${system:user.home}'
SELECT "${spark.master}"
SELECT `${env:HOME}`
SELECT 1 AS `${env:HOME}`
SELECT '$' '{env:HOME}', ${x}
SELECT 1e-100000000BD
SELECT 1e-100000000
SELECT 1e100000000
SELECT CAST(1 AS DECIMAL(1000000, 1000000))
SELECT CAST(1 AS STRUCT<a: INT DEFAULT 1>)
SELECT CAST(1 AS INTERVAL DAY)
SELECT CAST('a' AS ARRAY<STRING>)
SELECT CAST(1 AS x.y)
SELECT current_user
SELECT user()
SELECT session_user
SELECT a[`0]`] FROM logs
SELECT * FROM (text.`/x`)
SELECT * FROM (logs, text.`/x`)
SELECT * FROM ((text.`/x`))
SELECT * FROM logs, text.`/x`
SELECT * FROM (SELECT 1) AS a, text.`/x`
SELECT * FROM a.logs
SELECT * FROM `logs`.`x`
SELECT * FROM `a b`
SELECT * FROM (VALUES (1)) AS x
SELECT * FROM explode(array(1))
SELECT MAP a USING 'touch x' FROM logs
FROM logs REDUCE a USING 'touch x'
SELECT * FROM logs PIVOT (max(a) FOR b IN (1))
SELECT * FROM logs WINDOW w AS (ORDER BY a)
SELECT a FROM logs QUALIFY a = 1
SELECT a FROM logs CLUSTER BY a
SELECT a INTO x FROM logs
SELECT 'a' LIKE ANY ('a', 'b')
SELECT 1 COLLATE utf8
SELECT x COLLATE `utf8) FROM text.``/x`` --`
SELECT size(x, `1), 2 FROM text.``/x`` --`)
SELECT to_date(x, `y`)
SELECT to_date(x, concat('[', y))
SELECT 'x' RLIKE 'x?x?x?y'
SELECT 'x' RLIKE 'x*x*x*y'
SELECT 'x' LIKE '%x%x%y'
SELECT explode(split('a', ''))
SELECT INTERVAL '1e-100000000' SECOND
SELECT INTERVAL a DAY FROM logs
SELECT sum(a) OVER (ORDER BY b ROWS BETWEEN 100000 PRECEDING AND CURRENT ROW) FROM logs
SELECT sum(a) OVER (ORDER BY b ROWS BETWEEN 1 + 1 PRECEDING AND CURRENT ROW) FROM logs
SELECT sum(a) OVER (ORDER BY b RANGE BETWEEN 10 PRECEDING AND CURRENT ROW) FROM logs
WITH x AS (SELECT 1) SELECT * FROM text.`/x`
WITH text AS (SELECT 1) SELECT * FROM text.`/x`
WITH RECURSIVE x AS (SELECT 1) SELECT * FROM x
SHOW TABLES IN x
SHOW VIEWS; SELECT 1
DESCRIBE `x`
""".strip().splitlines()

# SQL with something similar, which is left out of the SQL that is sent.
LEFT_OUT = [
    ("SELECT CAST(1 AS VARCHAR(`1)), value FROM text.``/x`` WHERE 1 IN ((1`))", "SELECT CAST(1 AS STRING)"),
    ("SELECT first(x, `true) FROM text.``/x`` --`)", "SELECT FIRST(x)"),
    ("SELECT 1 -- ${env:HOME}", "SELECT 1"),
    ("SELECT 1 /* ` */, '`'", "SELECT 1, '`'"),
]


@pytest.mark.parametrize("text", RAW)
def test_a_name_that_would_stand_raw_is_refused(text):
    with pytest.raises(Refused):
        vetted_query(text)


@pytest.mark.parametrize("text", [text.removeprefix("SELECT ") for text in RAW if text.startswith("SELECT ")])
def test_nor_is_it_an_expression(text):
    with pytest.raises(Refused):
        vetted_expression(text)


DEEP = [
    *(
        f"{name}(" * 20 + "1" + ")" * 20
        for name in ("struct", "int", "string", "double", "float", "boolean", "bigint", "abs")
    ),
    "DECIMAL(" * 100 + "1" + ")" * 100,
    "CAST(1 AS " + "DECIMAL(" * 100 + "1" + ")" * 100 + ")",
    "CAST(1 AS " + "ARRAY<" * 300 + "INT" + ">" * 300 + ")",
    "CAST(1 AS " + "STRUCT<a:" * 200 + "INT" + ">" * 200 + ")",
    "(" * 2400 + "1" + ")" * 2400,
    "[" * 2400,
    "CASE WHEN " * 300 + "1" + " THEN 1 END" * 300,
    "CASE " * 900,
    "NOT " * 1200 + "1",
    "- " * 2400 + "1",
    "~" * 4900 + "1",
    "+" * 4900 + "1",
    "INTERVAL " * 500 + "1",
    "a" + "[1]" * 1500,
    "a" + ".b" * 2400,
    "a" + "::int" * 900,
    "1 IN (" * 700 + "1" + ")" * 700,
    "1" + " + 1" * 1200,
    "a" + " OR a" * 900,
    " OR ".join("x IN (" + ",".join(["1"] * 700) + ")" for _ in range(3)),
    "x -> " * 900 + "x",
    "/*" * 2400,
    "'" * 4999,
    "`" * 4999,
    "a" * 4999,
    "(SELECT " * 600 + "1" + ")" * 600,
    "(SELECT * FROM " * 300 + "t" + ")" * 300,
    "1 UNION SELECT " * 300 + "1",
    "int(abs(" * 12 + "1" + "))" * 12,
]


@pytest.mark.parametrize("text", DEEP, ids=lambda text: text[:20])
def test_what_the_parser_would_work_on_for_long_is_refused_soon(text):
    for vetted, source in ((vetted_query, f"SELECT {text}"), (vetted_expression, text)):
        began = time.process_time()
        try:
            accepted = vetted(source)
        except Refused:
            accepted = None
        assert time.process_time() - began < 3
        # A long name is harmless, and so is a chain within the weight limit.
        assert accepted is None or len(set(text)) == 1


def test_each_listed_function_can_be_called():
    arguments = ("", "x", "x, y", "x, 2, 3", "x, 'yyyy'", "'day', x", "x AS INT", "'x', x", "'a', x", "'x', x, 1")
    for name in sorted(SQL_FUNCTIONS - {"case", "explode"}):
        accepted = []
        for given_ in arguments:
            for over in ("", " OVER (ORDER BY y)"):
                try:
                    accepted.append(vetted_expression(f"{name}({given_}){over}"))
                except Refused:
                    continue
        assert accepted, name
    assert vetted_expression("CASE WHEN x THEN 1 END").text
    assert vetted_expression("explode(x)").text


MEANT = [
    ("SELECT a FROM logs WHERE a IS NOT NULL", "SELECT a FROM logs WHERE NOT a IS NULL"),
    ("select `a b`, \"x\", 'it\\'s' from logs -- c", "SELECT `a b`, 'x', 'it\\'s' FROM logs"),
    ("SELECT log10(10), log2(x)", "SELECT LOG(10, 10), LOG(2, x)"),
    ("SELECT trim(BOTH ' ' FROM l.a) FROM logs l", "SELECT TRIM(BOTH ' ' FROM l.a) FROM logs AS l"),
    ("SELECT date_add(a, 1), datediff(a, b), date_diff(a, b)", "SELECT DATE_ADD(a, 1), DATEDIFF(a, b), DATEDIFF(a, b)"),
    (
        "SELECT sum(a) OVER (PARTITION BY c ORDER BY b ROWS BETWEEN 2 PRECEDING AND UNBOUNDED FOLLOWING) FROM logs",
        "SELECT SUM(a) OVER (PARTITION BY c ORDER BY b ROWS BETWEEN 2 PRECEDING AND UNBOUNDED FOLLOWING) FROM logs",
    ),
    ("SELECT DATE '2026-01-01' + INTERVAL 1 DAY", "SELECT CAST('2026-01-01' AS DATE) + INTERVAL '1' DAY"),
    ("SELECT 1.5e10, 1L, .5", "SELECT 1.5e10, CAST(1 AS BIGINT), 0.5"),
    # For a text such as '1e-100000000', Spark's conversion to DECIMAL never ends.
    ("SELECT CAST(a AS DECIMAL(10, 2))", "SELECT CAST(CAST(a AS DOUBLE) AS DECIMAL(10, 2))"),
    ("show  tables ;", "SHOW TABLES"),
    ("desc logs", "DESCRIBE logs"),
    ("SELECT * FROM (SELECT 1 AS a UNION ALL SELECT 2) q", "SELECT * FROM (SELECT 1 AS a UNION ALL SELECT 2) AS q"),
    ("WITH a AS (SELECT 1) SELECT * FROM a", "WITH a AS (SELECT 1) SELECT * FROM a"),
    ("SELECT a FROM logs CROSS JOIN logs AS b", "SELECT a FROM logs CROSS JOIN logs AS b"),
]


@pytest.mark.parametrize(("text", "sent"), MEANT + LEFT_OUT)
def test_what_is_sent_says_what_was_written(text, sent):
    assert vetted_query(text).text == sent
    assert vetted_query(sent).text == sent


# --- whatever is accepted

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")

TABLES = ("logs", "volume")
NASTY = [
    "`10)), VALUE FROM TEXT.``/etc/passwd`` WHERE 1 IN ((1`",
    "`DAY, 1, 2), (SELECT 1 FROM text.``/x``), abs(1`",
    "`DAY') , (SELECT 1 FROM text.``/x``), abs('`",
    "` FROM text.``/x`` --`",
    "`a``b`",
    "`a b`",
    "`a`",
    "`text`.`/etc/passwd`",
    "text.`/etc/passwd`",
    "`'`",
    "'`'",
    "'\\''",
    "'a\\\\'",
    '"x\\" FROM text.`/x` --"',
    "r'\\'",
    "'${env:HOME}'",
    "`${env:HOME}`",
    "/* x */",
    "-- x\n",
    "a.b.c",
    "a",
    "x.*",
    "*",
    "1",
    "1e5",
    "1BD",
    "0x1F",
    "'a'",
    "NULL",
    "DAY",
]
raw_names = st.text(alphabet="`'\"\\()[]{}<>,.;:/-*$ \n a1é", max_size=12).map(lambda text: f"`{text}`")
names = st.sampled_from(NASTY) | raw_names
types = st.sampled_from(["INT", "DECIMAL", "VARCHAR", "STRING", "DATE", "TIMESTAMP", "CHAR", "ARRAY<INT>"])
functions = st.sampled_from([*sorted(SQL_FUNCTIONS), "dateadd", "extract", "timestampdiff", "reflect", "convert"])


def larger(inner):
    lists = st.lists(inner, min_size=1, max_size=3).map(", ".join)
    return st.one_of(
        st.tuples(functions, lists).map("{0[0]}({0[1]})".format),
        st.tuples(inner, types, lists).map("CAST({0[0]} AS {0[1]}({0[2]}))".format),
        st.tuples(inner, types).map("CAST({0[0]} AS {0[1]})".format),
        st.tuples(inner, types, inner).map("{0[0]}::{0[1]}({0[2]})".format),
        st.tuples(inner, inner).map("INTERVAL {0[0]} {0[1]}".format),
        st.tuples(inner, inner).map("extract({0[0]} FROM {0[1]})".format),
        st.tuples(inner, inner).map("trim(BOTH {0[0]} FROM {0[1]})".format),
        st.tuples(inner, inner, inner).map(
            "sum({0[0]}) OVER (ORDER BY {0[1]} ROWS BETWEEN {0[2]} PRECEDING AND CURRENT ROW)".format
        ),
        st.tuples(inner, inner).map("{0[0]} LIKE {0[1]}".format),
        st.tuples(inner, inner).map("{0[0]} + {0[1]}".format),
        st.tuples(inner, lists).map("{0[0]} IN ({0[1]})".format),
        st.tuples(inner, names).map("{0[0]} AS {0[1]}".format),
        st.tuples(inner, names).map("(SELECT {0[0]} FROM {0[1]})".format),
        inner.map("({})".format),
    )


expressions = st.recursive(names, larger, max_leaves=6)
tables = st.sampled_from([*TABLES, *NASTY, "logs JOIN volume", "(SELECT 1)", "logs AS"]) | raw_names
queries = st.tuples(expressions, tables, names, expressions).map(
    lambda parts: f"SELECT {parts[0]} FROM {parts[1]} {parts[2]} WHERE {parts[3]}"
)
many = settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def is_settled(text, known):
    tree = sqlglot.parse_one(text, dialect="spark")
    assert tree.sql(dialect="spark", comments=False) == text
    ctes = {each.alias for each in tree.find_all(exp.CTE)}
    read = {table.name for table in tree.find_all(exp.Table)}
    assert read <= set(known) | ctes
    assert all(not table.args.get("db") for table in tree.find_all(exp.Table))
    assert "${" not in text
    # Without the parser: backticks contain only plain names, no comments, no path after a dot.
    bare = re.sub(r"'(?:[^'\\]|\\.)*'|`[^`]*`", "x", text, flags=re.DOTALL)
    assert not re.search(r"[`'\";{}$@?]|--|/\*", bare)


@many
@given(queries)
def test_whatever_query_is_accepted_reads_the_vetted_tables_alone(text):
    try:
        vetted = vetted_query(text)
    except Refused:
        return
    is_settled(vetted.text, vetted.tables)
    assert all(re.fullmatch(r"\w+", table) for table in vetted.tables)
    assert vetted_query(vetted.text) == vetted


@many
@given(expressions)
def test_whatever_expression_is_accepted_reads_no_table(text):
    try:
        vetted = vetted_expression(text)
    except Refused:
        return
    is_settled(f"SELECT {vetted.text}", ())
    assert vetted_expression(vetted.text) == vetted


@many
@given(
    st.lists(
        st.sampled_from(
            [*NASTY, "SELECT", "FROM", "(", ")", ",", "logs", "WHERE", "CAST(", "AS", ".", "DECIMAL(", "date_add("]
        )
    )
)
def test_whatever_soup_is_accepted_is_settled(parts):
    text = "SELECT " + " ".join(parts)
    assume(len(text) < 2_000)
    try:
        vetted = vetted_query(text)
    except Refused:
        return
    is_settled(vetted.text, vetted.tables)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT a FROM text.`/x`",
        "SELECT a FROM `text`.`/x`",
        "SELECT a FROM other",
        "SELECT a FROM (logs)",
        "SELECT a FROM logs JOIN other",
        "SELECT reflect('a')",
        "SELECT `reflect`('a')",
        "SELECT identifier('a')",
        "SELECT r'a'",
        "SELECT x'1F'",
        "SELECT 'a''b'",
        "SELECT 'a'\"b\"",
        'SELECT "a"',
        "SELECT `a``b`",
        "SELECT x -> x",
        "SELECT abs(x => 1)",
        "SELECT 1 -- a",
        "SELECT 1 /* a */",
        "SELECT 1; SELECT 2",
        "SELECT ${a}",
        "SELECT :a",
        "SELECT ?",
        "SELECT a[1]",
        "SELECT a::INT",
        "SELECT 1L",
        "FROM logs |> SELECT a",
        "SELECT 'a",
        "SELECT `a",
        "SELECT $$a$$",
        "SELECT {a}",
        "SELECT a \\ b",
    ],
)
def test_the_last_look_knows_by_itself_what_spark_may_have(text):
    with pytest.raises(Refused):
        check_sent(text, {"logs"})


def test_the_last_look_finds_the_functions():
    text = "SELECT ABS(a), TRIM(BOTH 'x' FROM b.c) FROM logs JOIN (SELECT 1) AS b WHERE EXISTS(SELECT 1 FROM LOGS)"
    assert check_sent(text, {"logs"}) == ["abs", "trim"]


# --- types and schemas


@pytest.mark.parametrize(
    "text",
    [
        "a INT DEFAULT reflect('java.lang.System', 'exit', 1)",
        "a INT DEFAULT/**/1",
        "a INT DEFAULT\n1",
        "a INT GENERATED ALWAYS AS (1)",
        "a STRING COLLATE utf8",
        "a DECIMAL(10, 2)",
        "a DEC",
        "a ARRAY<NUMERIC>",
        "a " + "ARRAY<" * 250 + "INT" + ">" * 250,
        "a " + "STRUCT<a:" * 250 + "INT" + ">" * 250,
        ", ".join(f"a{number} INT" for number in range(300)),
        "`a``b` INT",
        "a INT -- x",
        "a INT COMMENT '${env:HOME}'",
        "a INT COMMENT 'x\\'",
        "a VARCHAR(reflect(1))",
        "`${env:HOME}` INT",
    ],
)
def test_a_schema_is_a_list_of_columns(text):
    with pytest.raises(Refused):
        check_schema(text)


@pytest.mark.parametrize(
    "text",
    [
        "serverID STRING, severity INT, timestamp INT",
        "`server id` STRING NOT NULL COMMENT 'its name', b VARCHAR(10), c ARRAY<INT>, d MAP<STRING, INT>, e STRUCT<a: INT>",
        "serverID: string, severity: int",
        "serverID TEXTO",
        "",
    ],
)
def test_what_spark_reads_as_a_schema_is_left_to_it(text):
    check_schema(text)


def test_a_decimal_is_known_by_its_name():
    assert is_decimal("decimal(10,2)")
    assert is_decimal("DEC")
    assert not is_decimal("int")
    for text in ("array<decimal>", "int DEFAULT 1", "x" * 6_000, "array<" * 50, "`a``b`"):
        with pytest.raises(Refused):
            is_decimal(text)
