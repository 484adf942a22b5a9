"""Attempts to block, fill or end the server's Spark: each ends soon, in one sentence, and Spark goes on.

An attempt that hangs ends this process, with the stacks of its threads; so does one that ends Python. If an attempt
ends Java, the question after it fails.
"""

# ruff: noqa: E501  # an attack in a line

import contextlib
import faulthandler
from pathlib import Path

import pytest
from cells_corpus import opened
from patience import PATIENCE
from pyspark.errors import PySparkException, StreamingQueryException
from pyspark.sql import functions as F  # imported as everybody does

from lab.bucket import MAX_PARTS
from lab.cells import CellError
from lab.cells.results import MAX_RESULT

# A refusal takes a moment; this is longer than any action may take, even on a busy machine.
HANGS = 150 * PATIENCE


@contextlib.contextmanager
def watched(seconds=HANGS):
    """End the process if the block takes longer."""
    faulthandler.dump_traceback_later(seconds, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


@pytest.fixture
def cell(learner, run_step):
    cell = opened(learner, run_step)
    cell('batch.createOrReplaceTempView("logs")')
    return cell


def attempt(cell, source, words="", **limits):
    """Require that an attempt is refused for what it is, not for its duration, and that Spark still answers."""
    with watched():
        error = cell.refused(source, **limits)
        assert words in error.message, (source, error.message)
        assert len(error.message) < 1_500, source
        assert cell("batch.count() > 0").text == "True"


HELD = [
    # What Spark evaluates in the driver is no job, so it cannot be cancelled.
    ('spark.sql("SELECT 1").select(F.lit("x" * 60).rlike("x?" * 45 + "y"))', "the pattern"),
    ('batch.select(F.lit("x" * 60).rlike("x?" * 45 + "y"))', "the pattern"),
    ('batch.select(F.lit("x" * 9000).rlike("x*x*x*x*y")).collect()', "the pattern"),
    ('batch.select(F.lit("x" * 9000).rlike("x+y")).collect()', "the pattern"),
    ('batch.select(F.lit("x" * 9000).rlike("(x|x)" * 9 + "y")).collect()', "the pattern"),
    ('batch.select(F.lit("x" * 9000).rlike("(x{1,9}){1,9}y")).collect()', "the pattern"),
    ('batch.select(F.lit("x" * 9000).rlike("^(x|x)*y")).collect()', "the pattern"),
    ('batch.select(F.lit("x" * 9000).rlike("(?s)x*y")).collect()', "the pattern"),
    ('batch.select(F.lit("x" * 9000).like("%x%x%x%y")).collect()', "the pattern"),
    ('batch.select(F.lit("x" * 9000).ilike("%x%y")).collect()', "the pattern"),
    ('batch.select(F.split(F.lit("x" * 9000), "x*x*y")).collect()', "the pattern"),
    ("batch.where(\"serverID RLIKE 'x*x*x*y'\").collect()", "the pattern"),
    # Plans that grow.
    ('batch.select(*["*"] * 3000).select(*["*"] * 3000)', "too large"),
    ('d = batch\nfor n in range(9):\n    d = d.select("*", "*")', "too large"),
    ('d = batch\nfor n in range(9):\n    d = d.selectExpr("*", "*")', "too large"),
    ('d = batch\nfor n in range(9):\n    d = d.select("*", F.struct("*").alias(f"a{n}"))', "too large"),
    ('d = batch\nfor n in range(9):\n    d = d.select(F.col("*"), F.expr("*"))', "too large"),
    ('spark.sql("SELECT " + ", ".join(["*"] * 200) + " FROM logs")', "as long as this"),
    ('for n in range(9):\n    spark.sql("SELECT *, * FROM logs").createOrReplaceTempView("logs")', "too large"),
    ('d = batch\nfor n in range(60):\n    d = d.withColumn("severity", col("severity") + col("severity"))\nd.where("severity > 1").count()', "too large"),
    ('d = batch\nfor n in range(60):\n    d = d.select((col("severity") + col("severity")).alias("severity"))', "too large"),
    ('d = batch\nfor n in range(60):\n    d = d.withColumns({"severity": col("severity") * col("severity")})', "too large"),
    ('d = batch\nfor n in range(60):\n    d = d.selectExpr("severity + severity AS severity")', "too large"),
    ('batch.selectExpr("1 AS a0", *[f"a{n} + a{n} AS a{n + 1}" for n in range(60)])', "Max iterations"),
    ('batch.select(F.lit(1).alias("a0"), *[(col(f"a{n}") + col(f"a{n}")).alias(f"a{n + 1}") for n in range(60)])', "Max iterations"),
    ('batch.agg(F.sum("severity").alias("a0"), *[(col(f"a{n}") + col(f"a{n}")).alias(f"a{n + 1}") for n in range(60)])', "Max iterations"),
    ('spark.sql("SELECT 1 AS a0, " + ", ".join(f"a{n} + a{n} AS a{n + 1}" for n in range(60)))', "Max iterations"),
    ('for n in range(20):\n    spark.sql("SELECT severity + severity AS severity FROM logs").createOrReplaceTempView("logs")', "too large"),
    ("batch.where(col('severity').isin(list(range(9999))))", "too large"),
    ("c = col('severity')\nfor n in range(30):\n    c = c | col('severity').isin(*range(900))", "too large"),
    # Spark pushes a condition below a projection, and replaces each column in it by the column's expression.
    ('d = batch\nfor n in range(12):\n    d = d.withColumn("severity", col("severity") + col("severity"))\nd.where((col("severity") > 1) | (col("severity") > 2))', "too large"),
    ('d = batch\nfor n in range(12):\n    d = d.withColumn("severity", col("severity") + col("severity"))\nd.where("severity > 1 OR severity > 2")', "too large"),
    ('d = batch\nfor n in range(12):\n    d = d.withColumn("severity", col("severity") + col("severity"))\nd.join(batch.select(col("timestamp").alias("other")), (col("other") > col("severity")) & (col("severity") > 2))', "too large"),
    ('d = batch\nfor n in range(12):\n    d = d.withColumn("severity", col("severity") + col("severity"))\nd.createOrReplaceTempView("v")\nspark.sql("SELECT serverID FROM v WHERE severity > 1 OR severity > 2")', "too large"),
    ('batch.summary(*["50%"] * 21)', "more than 20 arguments"),
    ("F.lit([[[[[[1]]]]]])", "nested at most"),
    ("a = [1]\nfor n in range(90):\n    a = [a]\nbatch.select(F.lit(a)).count()", "nested at most"),
    # Rows generated from rows, in a task that cannot be cancelled.
    ('d = batch.select(F.lit("x" * 900).alias("a"))\nfor n in range(4):\n    d = d.select("a", F.explode(F.split("a", "")))\nd.count()', "too large"),
    ('batch.select("serverID", F.explode(F.split("serverID", "")).alias("a")).select("a", F.explode(F.split("serverID", ""))).count()', "too large"),
    ('streamingLogData.select("serverID", F.explode(F.split("serverID", ""))).select("serverID", F.explode(F.split("serverID", ""))).writeStream.format("noop").start()', "too large"),
    ('spark.sql("SELECT explode(array(a, a)) FROM (SELECT explode(array(1, 2)) AS a)")', "as long as this"),
    ('batch.select(F.explode(F.split("serverID", "")).alias("a")).createOrReplaceTempView("v")\nspark.sql("SELECT explode(array(a, a)) FROM v")', "too large"),
    # A long text, looked for at each position of another.
    ('batch.where(col("serverID").contains(col("serverID"))).count()', "contains() with a column to look for"),
    ('batch.select(F.contains("serverID", "serverID")).collect()', "contains() with a column to look for"),
    ('batch.select(F.contains("serverID", F.lit("s") + F.lit("1"))).collect()', "contains() with a column to look for"),
    ('batch.select(col("serverID").contains(F.lit("s").alias("s"))).collect()', "contains() with a column to look for"),
    ('batch.select(F.instr("serverID", col("serverID"))).collect()', "instr() with a column to look for"),
    ('batch.select(F.instr("serverID", "s", 1, 10 ** 9)).collect()', "more than 2 arguments of instr()"),
    ('batch.select(F.locate(substr=col("serverID"), str="serverID")).collect()', "locate() with a column to look for"),
    ('batch.select(F.substring_index("serverID", col("serverID"), 1)).collect()', "substring_index() with a column"),
    ('batch.select(F.trim("serverID", "serverID")).collect()', "trim() with a column to look for"),
    ('batch.select(F.btrim("serverID", trim=col("serverID"))).collect()', "btrim() with a column to look for"),
    ('batch.select(col("serverID").contains("s" * 9000)).collect()', "a text of 9,000 characters to look for"),
    ('b = batch.select(F.lit("s" * 9000).cast("binary").alias("b")).first()[0]\nbatch.select(col("serverID").contains(F.lit(b)))', "a text of 9,000 characters to look for"),
    ('batch.select(col("serverID").contains(F.lit("s" * 9000))).collect()', "a text of 9,000 characters to look for"),
    ('spark.sql("SELECT contains(serverID, serverID) FROM logs")', "with a column to look for"),
    ("spark.sql(\"SELECT instr(serverID, concat('s', serverID)) FROM logs\")", "with a column to look for"),
    ('spark.sql("SELECT locate(serverID, serverID, 1) FROM logs")', "with a column to look for"),
    ('batch.selectExpr("substring_index(serverID, serverID, 1)")', "with a column to look for"),
    ("batch.where(\"trim(BOTH serverID FROM serverID) > ''\")", "with a column to look for"),
    ("batch.where(\"btrim(serverID, serverID) > ''\")", "with a column to look for"),
    ("spark.sql(\"SELECT contains(serverID, '\" + \"s\" * 1001 + \"') FROM logs\")", "a text of 1,001 characters"),
    # Values that are all compared with one another.
    ('batch.select(F.array_distinct(F.collect_list(F.struct("serverID")))).collect()', "array_distinct"),
    ('spark.sql("SELECT array_distinct(collect_list(struct(serverID))) FROM logs")', "array_distinct"),
    # A number that takes forever.
    ("spark.sql(\"SELECT CAST('1' AS DECIMAL(38, 10)) + 1e-100000000\")", "the number"),
    ('spark.sql("SELECT 1e-100000000BD")', "type with"),
    ("spark.sql(\"SELECT decimal('1e-100000000')\")", "the function 'decimal'"),
    ('batch.where("decimal(serverID) > 0").count()', "the function 'decimal'"),
    ('batch.where("DECIMAL(timestamp) > 0").count()', "the function 'decimal'"),
    ('batch.selectExpr("varchar(serverID)", "char(serverID)")', "the function 'varchar'"),
    ('spark.read.schema("a DECIMAL(38, 10)").csv(s3_log_data_uri)', "DECIMAL"),
    ('spark.read.schema(StructType([StructField("a", DecimalType(38, 10))])).csv(s3_log_data_uri)', "DECIMAL"),
    ('spark.read.schema(StructType([StructField("a", ArrayType(DecimalType(38, 10)))])).json(s3_log_data_uri)', "DECIMAL"),
    ('spark.read.csv(s3_log_data_uri, schema="a DEC(3,2)")', "DECIMAL"),
    ('spark.readStream.schema("a NUMERIC").csv(s3_log_data_live_uri)', "DECIMAL"),
    ('batch.select(col("serverID").cast("array<decimal(38,10)>"))', "DECIMAL"),
    ('batch.select(F.round("severity", 10 ** 9))', "rounding"),
    # Overflowing a task's stack ends Java.
    ('batch.select(F.to_date("serverID", "[" * 4900 + "]" * 4900)).collect()', "the format"),
    ('batch.select(F.to_timestamp("serverID", F.concat("serverID", "serverID"))).collect()', "a format"),
    ('batch.select(F.date_format("serverID", "[" * 30)).collect()', "the format"),
    ('batch.select(F.try_to_timestamp("serverID", F.lit("[" * 4900))).collect()', "more than 1"),
    ('batch.select(F.to_unix_timestamp("serverID", F.lit("[" * 4900))).collect()', "more than 1"),
    ("batch.selectExpr(\"to_date(serverID, '\" + \"[\" * 900 + \"')\").collect()", "the format"),
    ('spark.read.schema("a DATE").option("dateFormat", "[" * 4900).csv(s3_log_data_uri).collect()', "option"),
    ('spark.read.schema("a DATE").option("dateFormat", "[" * 90).csv(s3_log_data_uri).collect()', "the format"),
    ('spark.read.csv(s3_log_data_uri, schema="a TIMESTAMP", timestampFormat="[" * 60).collect()', "the format"),
    ('batch.write.csv(s3_lab9_output_uri + "x", timestampFormat="[" * 60)', "the format"),
    ('spark.read.schema("a " + "ARRAY<" * 250 + "INT" + ">" * 250).json(s3_log_data_uri)', "nested at most"),
    ('t = IntegerType()\nfor n in range(40):\n    t = ArrayType(t)\nspark.read.schema(StructType([StructField("a", t)])).json(s3_log_data_uri)', "nested at most"),
    ('t = IntegerType()\nfor n in range(90):\n    t = StructType([StructField("a", t)])\nspark.read.schema(t).json(s3_log_data_uri)', "nested"),
    ('t = IntegerType()\nfor n in range(40):\n    t = ArrayType(t)\nbatch.select(col("severity").cast(t))', "nested at most"),
    ('batch.select(col("severity").cast("array<" * 250 + "int" + ">" * 250))', "nested at most"),
    ('batch.select(F.lit("[" * 900).alias("a")).write.text(s3_lab9_output_uri + "deep")\nspark.read.json(s3_lab9_output_uri + "deep")', "JSON without a schema"),
    ('spark.read.format("json").load(s3_log_data_uri)', "JSON without a schema"),
    ('spark.read.load(s3_log_data_uri, format="json")', "JSON without a schema"),
    ('spark.read.option("primitivesAsString", True).format("JSON").load(s3_log_data_uri)', "JSON without a schema"),
    ("spark.read.csv(s3_log_data_uri, inferSchema=True, samplingRatio=0.0001)", "the option"),
    ('spark.read.schema(", ".join(f"a{n} INT" for n in range(400))).csv(s3_log_data_uri)', "at most 200 columns"),
    # Deeply nested folders.
    ('batch.write.csv(s3_lab9_output_uri + "a/" * 1200)', f"more than {MAX_PARTS} parts"),
    ('batch.write.csv(s3_lab9_output_uri + "a/" * 30)', f"more than {MAX_PARTS} parts"),
    ('batch.write.csv(s3_lab9_output_uri + "a" * 400)', "300 characters"),
    ('streamingLogData.writeStream.option("checkpointLocation", s3_lab9_output_uri + "c/" * 600)', f"more than {MAX_PARTS} parts"),
    ('batch.write.partitionBy("serverID", "severity", "timestamp", "serverID").csv(s3_lab9_output_uri + "p")', "columns for folders"),
    ('batch.write.csv(s3_lab9_output_uri + "p", partitionBy=["serverID"] * 9)', "unexpected keyword"),
    # Names that Spark parses.
    ('streamingLogData.writeStream.queryName("a`b")', "the name of a query"),
    ('streamingLogData.writeStream.format("memory").start(queryName="a" * 9000)', "the name of a query"),
    # A stream that reads what it writes.
    ('streamingLogData.writeStream.format("csv").option("checkpointLocation", s3_lab9_output_uri + "c").start(s3_log_data_live_uri)', "read what it writes"),
    ('streamingLogData.writeStream.format("csv").option("checkpointLocation", s3_lab9_output_uri + "c").option("path", s3_log_data_live_uri + "./").start()', "read what it writes"),
    ('streamingLogData.writeStream.format("csv").option("checkpointLocation", s3_lab9_output_uri + "c").start(path=s3_log_data_live_uri + "/x//y")', "read what it writes"),
    ('streamingLogData.createOrReplaceTempView("s")\nspark.table("s").where("severity = 0").writeStream.format("csv").option("checkpointLocation", s3_lab9_output_uri + "c").start(s3_log_data_live_uri)', "read what it writes"),
]  # fmt: skip


@pytest.mark.slow
def test_what_would_hold_spark_is_refused_soon(cell):
    for source, words in HELD:
        attempt(cell, source, words)
    assert cell.names["spark"].sparkContext.statusTracker().getActiveJobsIds() == []


HARMLESS = [
    'batch.select(col("serverID").rlike("^s[0-9]+$"), col("serverID").rlike("s\\\\d"), col("serverID").rlike("s.*"), col("serverID").like("s%1"), col("serverID").like("%1%")).count()',
    'batch.select(F.lit("x" * 9000).rlike("^x*y"), F.lit("x" * 9000).rlike("x+")).collect()[0][0]',
    'batch.select(F.lit("x" * 9000).rlike("x?x?y"), F.lit("x" * 9000).like("%y%")).collect()[0][0]',
    'batch.select(F.lit("x" * 9000).rlike("(x|x)(x|x)(x|x)(x|x)(x|x)(x|x)y")).limit(1).count()',
    'batch.select(F.explode(F.split(F.lit("x" * 9000), ""))).limit(10).count()',
    'batch.select("*", *[F.lit("*").alias(f"a{n}") for n in range(9)]).count()',
    'batch.select("*", (col("severity") + 1).alias("a")).select("*", F.lit(1).alias("b")).count()',
    'batch.alias("a").join(batch.alias("b"), col("a.timestamp") == col("b.timestamp")).select("a.*", "b.severity").count()',
    'd = batch\nfor n in range(12):\n    d = d.withColumn(f"a{n}", col("severity") + n)\nd.where("a1 > 0").count()',
    'd = batch\nfor n in range(12):\n    d = d.withColumn("severity", col("severity") + col("severity"))\nd.where("severity > 1").count()',
    'spark.sql("SELECT count_if(severity = 2) AS n, max(timestamp) - min(timestamp) + 1 AS u, n / u AS v FROM logs GROUP BY serverID").count()',
    'batch.select((col("severity") / 3).cast("decimal(10,2)").alias("a")).collect()',
    'batch.select((col("severity") / 3).cast(DecimalType(10, 2)).alias("a")).collect()',
    'spark.sql("SELECT CAST(severity / 3 AS DECIMAL(10, 2)) AS a FROM logs").collect()',
    # Such texts are harmless where Spark reads them as numbers.
    'batch.select(F.lit("1e-100000000").cast("decimal(38,10)"), F.lit("1e100000000").cast("double")).limit(1).collect()',
    "spark.sql(\"SELECT CAST('1e-100000000' AS DECIMAL(38, 10)), CAST('1e-100000000' AS DOUBLE)\").collect()",
    "spark.sql(\"SELECT 1.5 > '1e-100000000', coalesce(1.5, '1e-100000000'), 1.5 + '1e-100000000', 1.5 IN ('1e-100000000'), greatest(1.5, '1e-100000000'), array(1.5, '1e-100000000'), round('1e-100000000'), if(true, 1.5, '1e-100000000')\").collect()",
    "spark.sql(\"SELECT 1.5 AS a UNION ALL SELECT '1e-100000000'\").collect()",
    "spark.sql(\"SELECT abs('1e-100000000'), ceil('1e-100000000'), pmod(1.5, '1e-10000000'), sum('1e-100000000'), avg('1e-100000000'), timestamp_seconds('1e-100000000'), negative('1e-10000000'), equal_null('1e-10000000', 1.5), nullif(1.5, '1e-10000000')\").collect()",
    'batch.select(F.lit("1e-100000000").alias("a")).write.mode("overwrite").csv(s3_lab9_output_uri + "tiny")\nspark.read.csv(s3_lab9_output_uri + "tiny", inferSchema=True).limit(1).collect()',
    'batch.select(F.lit("1e100000000").alias("a")).write.mode("overwrite").csv(s3_lab9_output_uri + "vast")\nspark.read.csv(s3_lab9_output_uri + "vast", inferSchema=True).limit(1).collect()',
    'batch.select("*").write.mode("overwrite").partitionBy("severity").csv(s3_lab9_output_uri + "parts")\nspark.read.csv(s3_lab9_output_uri + "parts").where("severity = 0").count()',
]  # fmt: skip


@pytest.mark.slow
def test_what_is_accepted_ends_soon(cell):
    for source in HARMLESS:
        with watched():
            try:
                cell(source)
            except Exception as error:  # Spark may refuse a text that is no number
                assert "1e" in source, (source, error)  # noqa: PT017
                assert "took more than" not in str(error), source  # noqa: PT017
            assert cell("batch.count() > 0").text == "True"


@pytest.mark.slow
def test_what_is_brought_is_bounded_in_characters(cell):
    spark = cell.names["spark"]
    # Without the vocabulary's limit: in a file, texts may have any length.
    big = spark.range(20).select(F.repeat(F.lit("x"), 2_500_000).alias("text"))
    cell.names["big"] = big
    cell.names["one"] = big.limit(1)
    cell.names["lists"] = big.select(F.array(F.col("text"), F.col("text")).alias("a"))
    cell.names["chance"] = big.where(F.rand() >= 0)
    for use in (
        "big.collect()",
        "big.toPandas()",
        "big.head(20)",
        "big.take(3)",
        "big.show(truncate=False)",
        "big.show()",
        "big.show(20, False, True)",
        "display(big)",
        "lists.collect()",
        "lists.first()",
        "chance.collect()",
    ):
        attempt(cell, use, "characters", action_seconds=110.0)
    with watched():
        # One row of that size is fetched, and printed up to a cell's limit.
        assert len(cell("one.show(truncate=False)").text) < 60_000
        assert len(cell("one.collect()").text) < 60_000
        often = "for n in range(200):\n    x = one.collect()"
        assert "more than 1,000,000 values" in cell.refused(often, cell_seconds=HANGS).message
    assert MAX_RESULT > 2_500_000


def test_rows_that_are_small_are_brought_as_they_are(cell):
    spark = cell.names["spark"]
    cell.names["wide"] = spark.range(50).select(
        "id", F.repeat(F.lit("x"), 3_000).alias("text"), F.array("id").alias("a")
    )
    assert (
        cell("[(r.id, len(r.text), r.a) for r in wide.orderBy('id').collect()][:2]").text
        == "[(0, 3000, [0]), (1, 3000, [1])]"
    )
    assert cell("wide.toPandas().shape").text == "(50, 3)"
    assert cell("wide.select('id', 'id').toDF('a', 'b').toPandas().shape").text == "(50, 2)"
    assert cell("wide.select('id', 'id').collect()[0]").text.startswith("Row(id=")
    assert cell("wide.select().collect()").text.count("Row()") == 50
    assert (
        cell("wide.first().id, len(wide.head(3)), wide.head().id, len(wide.take(2)), wide.limit(0).first()").text
        == "(0, 3, 0, 2, None)"
    )
    assert len(cell("wide.show(2, False)").text.splitlines()) == 7
    assert spark.sparkContext._jsc.getPersistentRDDs().isEmpty()


def test_spark_itself_reads_no_file_as_a_table(cell):
    spark = cell.names["spark"]
    place = Path(__file__).as_posix()
    for text in (f"text.`{place}`", f"csv.`file://{place}`", f"`text`.`{place}`"):
        with pytest.raises(PySparkException, match=r"TABLE_OR_VIEW_NOT_FOUND|UNSUPPORTED_DATASOURCE_FOR_DIRECT_QUERY"):
            spark.sql(f"SELECT * FROM {text}").collect()  # noqa: S608  # past the vocabulary, on purpose
        with pytest.raises(PySparkException):
            spark.table(text).collect()


def test_spark_itself_knows_nothing_of_the_environment(cell):
    spark = cell.names["spark"]
    assert spark.sql("SELECT '${env:PATH}', '${system:user.home}', '${spark.master}'").collect()[0] == (
        "${env:PATH}",
        "${system:user.home}",
        "${spark.master}",
    )


def test_a_batch_does_not_wait_for_its_query(cell):
    cell('copy_s3_file_to_live_folder("s115.csv")')
    for wait in ("awaitTermination(25)", "processAllAvailable()", "stop()"):
        cell(f"def wait(df, n):\n    for q in spark.streams.active:\n        q.{wait}\n")
        with watched():
            cell("query = streamingLogData.writeStream.foreachBatch(wait).start()")
            error = cell.refused("query.processAllAvailable()")
        assert "in a foreachBatch function" in error.message
        cell("query.stop()")


def test_a_batch_does_not_write_what_its_query_reads(cell):
    cell('copy_s3_file_to_live_folder("s115.csv")')
    cell('def save(df, n):\n    batch.write.mode("append").csv(s3_log_data_live_uri)\n')
    with watched():
        cell("query = streamingLogData.writeStream.foreachBatch(save).start()")
        assert "would read what it writes" in cell.refused("query.processAllAvailable()").message
    cell("query.stop()")


def test_what_batches_keep_is_bounded(cell):
    cell("keep = []\ndef grow(df, n):\n    keep.append(['x' * 9999] * 1500)\n")
    cell("query = streamingLogData.writeStream.foreachBatch(grow).start()")
    # Wait outside of any cell, since a cell would itself check the size of the names.
    query = cell.names["query"]
    with watched():
        cell('copy_s3_file_to_live_folder("s115.csv")')
        query.processAllAvailable()
        assert cell("len(keep)").text == "1"
        cell('copy_s3_file_to_live_folder("s215.csv")')
        with pytest.raises(StreamingQueryException, match="let go of 'keep'"):
            query.processAllAvailable()
    assert "'keep' is not defined" in cell.refused("keep").message


def test_lists_come_as_lists_and_keeping_a_frame_changes_nothing(cell):
    assert cell('batch.limit(1).select(F.array("serverID").alias("a")).toPandas()["a"].tolist()').text == "[['s1']]"
    assert cell("batch.cache().count() == batch.persist().count() == batch.unpersist().count()").text == "True"
    assert cell.names["spark"].sparkContext._jsc.getPersistentRDDs().isEmpty()


def test_nor_do_two_streams_in_turn(cell):
    cell('copy_s3_file_to_live_folder("s115.csv")')
    write = '.writeStream.format("csv").option("checkpointLocation", s3_lab9_output_uri + "{0}_c").start(s3_lab9_output_uri + "{0}")'
    cell("there = streamingLogData" + write.format("a"))
    cell("there.processAllAvailable()")
    cell('back = spark.readStream.schema(logSchema).csv(s3_lab9_output_uri + "a")')
    # A second query in the chain is allowed, as long as nothing flows back.
    cell("second = back" + write.format("b") + "\nsecond.processAllAvailable()")
    attempt(
        cell,
        'back.writeStream.format("csv").option("checkpointLocation", s3_lab9_output_uri + "d").start(s3_log_data_live_uri)',
        "would read what it writes",
    )
    cell("there.stop()\nsecond.stop()")


@pytest.mark.parametrize(
    "reader",
    [
        'r.options(schema="a INT")',
        'r.format("json")\nr.options(format="csv")',
        'try:\n    r.schema("a NOTHING")\nexcept Exception:\n    pass',
    ],
)
def test_what_a_reader_was_told_in_vain_is_no_schema(cell, reader):
    call = "load" if "format" in reader else "json"
    with contextlib.suppress(CellError):
        cell(f"r = spark.read\n{reader}")
    assert cell.refused(f"r.{call}(s3_log_data_uri)")
    assert cell("spark.read.schema('a INT').json(s3_log_data_uri)")


def test_a_writer_that_failed_with_another_path_still_has_its_own(cell):
    cell(
        """
w = streamingLogData.writeStream.format("csv").option("checkpointLocation", s3_lab9_output_uri + "c")
w.option("path", s3_log_data_live_uri)
"""
    )
    with contextlib.suppress(CellError):
        cell('w.options(path=s3_lab9_output_uri + "b", evil="1")')
    assert "read what it writes" in str(cell.refused("q = w.start()"))


def test_a_schema_is_not_changed_by_its_lists(cell):
    cell("s = StructType([StructField('a', StringType())])\ns.fields.append(1)\nassert len(s.fields) == 1")
