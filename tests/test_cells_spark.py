"""The cell reader with Spark: the many right ways to write the lab's cells, and the usual ways to look around."""

# ruff: noqa: E501  # a program is easier to read in one line

import pytest
from cells_corpus import SETUP, opened

SCHEMAS = [
    """StructType([
        StructField("serverID", StringType()), StructField("severity", IntegerType()),
        StructField("timestamp", IntegerType()),
    ])""",
    'StructType().add("serverID", StringType()).add("severity", IntegerType(), True).add("timestamp", "integer")',
    'StructType().add(StructField("a", StringType(), False)).add("b", LongType()).add("c", ShortType())',
    """T.StructType([
        T.StructField("serverID", T.StringType(), nullable=True), T.StructField("severity", T.ByteType()),
        T.StructField(name="timestamp", dataType=T.DoubleType()),
    ])""",
    '"serverID STRING, severity INT, timestamp INT"',
    '"serverID string, severity double, timestamp bigint"',
    'StructType([StructField(n, t, True) for n, t in [("a", StringType()), ("b", FloatType()), ("c", DoubleType())]])',
    'spark.read.csv(s3_log_data_uri + "s115.csv").toDF("serverID", "severity", "timestamp").schema',
]
READERS = [
    "spark.{read}.schema(s).csv({path})",
    'spark.{read}.format("csv").schema(s).load({path})',
    'spark.{read}.format("CSV").schema(s).option("path", {path}).load()',
    'spark.{read}.option("header", "false").option("sep", ",").schema(s).csv({path})',
    'spark.{read}.options(header=False, sep=",", mode="PERMISSIVE").schema(s).csv({path})',
    'spark.{read}.csv({path}, schema=s, header=False, sep=",")',
    "spark.{read}.csv(path={path}, schema=s)",
    "spark.{read}.csv({path}, s)",
    'spark.{read}.load({path}, format="csv", schema=s, header="false")',
    'spark.{read}.schema(schema=s).option(key="maxFilesPerTrigger", value=1).csv({path})',
    'spark.{read}.schema(s).option("latestFirst", True).option("inferSchema", False).csv({path})',
]


@pytest.fixture
def cell(learner, run_step):
    return opened(learner, run_step)


def test_the_ways_to_declare_a_schema_and_to_read(cell):
    for schema in SCHEMAS:
        cell(f"s = {schema}")
        assert cell('spark.read.schema(s).csv(s3_log_data_uri + "s115.csv").count()').text != "0", schema
        assert cell("spark.readStream.schema(s).csv(s3_log_data_live_uri).columns").text
    cell("s = logSchema")
    for reader in READERS:
        for read, path in (("read", 's3_log_data_uri + "s115.csv"'), ("readStream", "s3_log_data_live_uri")):
            shown = cell(reader.format(read=read, path=path)).text
            assert shown == "DataFrame[serverID: string, severity: int, timestamp: int]", reader


SPARK_SAYS = [
    ("spark.readStream.csv(s3_log_data_live_uri)", "chema"),
    ("streamingLogData.show()", "writeStream"),
    ("streamingLogData.count()", "writeStream"),
    ("streamingLogData.collect()", "writeStream"),
    ("streamingLogData.toPandas()", "writeStream"),
    ('streamingLogData.write.csv(s3_lab9_output_uri + "x")', "STREAMING_DATASET_UNSUPPORTED"),
    ("batch.writeStream", "WRITE_STREAM_NOT_ALLOWED"),
    ('StructType([StructField("a", IntegerType)])', "dataType"),
    ('spark.read.schema("serverID TEXTO").csv(s3_log_data_uri)', "TEXTO"),
    ('spark.sql("SELECT * FROM nothing").show()', "TABLE_OR_VIEW_NOT_FOUND"),
    ('batch.select("nothing").show()', "UNRESOLVED_COLUMN"),
    ('batch.where((col("severity") == 0) and (col("timestamp") > 3))', "CANNOT_CONVERT_COLUMN_INTO_BOOL"),
    ('batch.where((col("severity") == 0) or (col("timestamp") > 3))', "CANNOT_CONVERT_COLUMN_INTO_BOOL"),
    ('batch.where(not (col("severity") == 0))', "CANNOT_CONVERT_COLUMN_INTO_BOOL"),
    ('batch.where(0 < col("severity") < 2)', "CANNOT_CONVERT_COLUMN_INTO_BOOL"),
    ('batch.where(col("severity") in [0, 1])', "CANNOT_CONVERT_COLUMN_INTO_BOOL"),
    ('1 if col("severity") == 0 else 2', "CANNOT_CONVERT_COLUMN_INTO_BOOL"),
    ('if col("severity") == 0:\n    pass', "CANNOT_CONVERT_COLUMN_INTO_BOOL"),
    ('max(col("timestamp"))', "NOT_ITERABLE"),
    ('sum(col("timestamp"))', "NOT_ITERABLE"),
    ('abs(col("timestamp"))', "bad operand type for abs()"),
    ('for x in col("timestamp"):\n    pass', "NOT_ITERABLE"),
    ('batch.groupBy("serverID").agg(sum("severity"))', "unsupported operand"),
    ('batch.groupBy("serverID").agg(max("timestamp"))', "all exprs should be Column"),
    ('streamingLogData.writeStream.format("memory").start()', "queryName"),
    ('streamingLogData.writeStream.format("csv").start(s3_lab9_output_uri + "y")', "checkpointLocation"),
    (
        'streamingLogData.orderBy("timestamp").writeStream.format("memory").queryName("q").start()',
        "Sorting is not supported",
    ),
    ('streamingLogData.writeStream.outputMode("complete").format("memory").queryName("q").start()', "omplete"),
    ('batch.withColumn("x", 1)', "should be Column, got int"),
    ("batch + 1", "unsupported operand"),
]


def test_spark_s_own_refusals_are_the_cause(cell):
    for source, words in SPARK_SAYS:
        error = cell.refused(source)
        assert error.cause is not None, (source, error.message)
        assert words in error.message, source


REPORTS = [
    """.groupBy("serverID").agg(
        (F.count_if(F.col("severity") == 2) / (F.max("timestamp") - F.min("timestamp") + 1)).alias("avgVolume"))""",
    """.groupBy(streamingLogData.serverID).agg(
        (count_if(col("severity") == 2) / (F.max(col("timestamp")) - F.min("timestamp") + F.lit(1))).alias("avgVolume"))""",
    """.groupby(F.col("serverID")).agg((F.sum(F.when(F.col("severity") == 2, 1).otherwise(0))
        / (F.max("timestamp") - F.min("timestamp") + 1)).name("avgVolume"))""",
    """.groupBy(["serverID"]).agg(
        expr("count_if(severity = 2) / (max(timestamp) - min(timestamp) + 1)").alias("avgVolume"))""",
    """.groupBy("serverID").agg(F.expr(
        "count(*) FILTER (WHERE severity = 2) / (max(timestamp) - min(timestamp) + 1) AS avgVolume"))""",
    """.groupBy("serverID").agg(F.count(F.when(streamingLogData["severity"] == 2, True)).alias("n"),
        F.max("timestamp").alias("a"), F.min("timestamp").alias("b")
        ).select("serverID", (F.col("n") / (F.col("a") - F.col("b") + 1)).alias("avgVolume"))""",
    """.withColumn("sev2", (F.col("severity") == 2).cast("int")).groupBy("serverID").agg(F.sum("sev2").alias("n"),
        F.max("timestamp").alias("hi"), F.min("timestamp").alias("lo")
        ).selectExpr("serverID", "n / (hi - lo + 1) AS avgVolume")""",
    """.groupBy("serverID").agg(F.sum((F.col("severity") == 2).cast(IntegerType())).alias("n"),
        (F.max("timestamp") - F.min("timestamp") + 1).alias("u")
        ).withColumn("avgVolume", F.col("n") / F.col("u")).drop("n", "u")""",
    """.groupBy("serverID").agg(F.sum(F.expr("CASE WHEN severity = 2 THEN 1 ELSE 0 END")).alias("n"),
        F.expr("max(timestamp) - min(timestamp) + 1").alias("u")
        ).select("serverID", F.round(F.try_divide("n", "u"), 2).alias("avgVolume"))""",
    """.selectExpr("serverID", "IF(severity = 2, 1, 0) AS s", "timestamp").groupBy("serverID").agg(
        (F.sum("s") / (F.max("timestamp") - F.min("timestamp") + 1)).alias("avgVolume"))""",
]


def test_the_ways_to_define_the_volume_report(cell):
    cell('copy_s3_file_to_live_folder("s115.csv", "s215.csv")')
    cell("static = spark.read.schema(logSchema).csv(s3_log_data_live_uri)")
    expected = None
    for report in REPORTS:
        cell(f"report = streamingLogData{report}")
        assert cell("report.columns").text == "['serverID', 'avgVolume']", report
        # The same report as a batch job, so that no query must be started for each variant.
        cell(f"streamingLogData, kept = static, streamingLogData\nreport = static{report}\nstreamingLogData = kept")
        rows = cell('[(r.serverID, round(r["avgVolume"], 2)) for r in report.orderBy("serverID").collect()]').text
        expected = expected or rows
        assert rows == expected, report
    assert expected.startswith("[('s1', ")


SEV0 = [
    '.where("severity = 0").select("serverID", "timestamp")',
    '.filter("severity == 0").select(["serverID", "timestamp"])',
    '.filter(F.col("severity") == 0).select(F.col("serverID"), F.col("timestamp"))',
    '.where(streamingLogData.severity == 0).select(streamingLogData.serverID, streamingLogData["timestamp"])',
    '.where(col("severity").isin(0)).drop("severity")',
    '.where(col("severity").isin([0])).drop(col("severity"))',
    '.where(~(col("severity") > 0) & col("severity").isNotNull()).select(*["serverID", "timestamp"])',
    '.where((col("severity") < 1) | (col("severity") == -1)).selectExpr("serverID", "timestamp")',
    '.where(col("severity").between(0, 0)).selectExpr(["serverID", "CAST(timestamp AS INT)"])',
    """.where("severity BETWEEN 0 AND 0 AND serverID LIKE 's%' AND NOT severity IN (1, 2)")[["serverID", "timestamp"]]""",
    '.where(col("severity").eqNullSafe(0)).withColumnRenamed("timestamp", "t").select("serverID", col("t").alias("timestamp"))',
    '.filter(condition="severity IS NOT NULL AND severity = 0").select(col("serverID").alias("serverID"), "timestamp")',
]


def test_the_ways_to_define_the_sev0_log(cell):
    for log in SEV0:
        cell(f"log = streamingLogData{log}")
        assert cell("log.columns, log.isStreaming").text == "(['serverID', 'timestamp'], True)", log


SAVES = [
    """
def save(batch, batch_id):
    ordered = batch.orderBy("timestamp", "serverID").coalesce(1)
    ordered.write.mode("overwrite").csv(f"{s3_lab9_output_uri}{NAME}/batch={batch_id}")
""",
    """
def save(df, epoch_id: int) -> None:
    '''Sorted.'''
    if df.isEmpty():
        return
    path = s3_lab9_output_uri + NAME + "/batch=" + str(epoch_id)
    df.sort(F.col("timestamp").asc(), F.col("serverID")).repartition(1).write.csv(path, mode="overwrite", header=False)
""",
    """
save = lambda df, n: (df.orderBy(F.asc("timestamp"), "serverID").coalesce(1).write.format("csv").mode("overwrite")
    .save(s3_lab9_output_uri + NAME + f"/batch={n}"))
""",
    """
def ordered(df):
    return df.orderBy(df.timestamp, df.serverID).coalesce(1)

def save(df, n):
    writer = ordered(df).write.option("header", "false")
    for _ in range(1):
        writer.mode("append").csv(f"{s3_lab9_output_uri}{NAME}")
    print("batch", n, df.count())
""",
]
STARTS = [
    '.queryName(NAME).foreachBatch(save).option("checkpointLocation", place).start()',
    """.foreachBatch(func=save).options(checkpointLocation=place).queryName(NAME).outputMode("append")
        .trigger(processingTime="1 second").start()""",
    ".foreachBatch(save).start(queryName=NAME, checkpointLocation=place)",
    '.foreachBatch(save).option("checkpointLocation", place).trigger(availableNow=True).queryName(NAME).start()',
]


def test_the_ways_to_save_each_batch(cell):
    cell('copy_s3_file_to_live_folder("s115.csv", "s215.csv")')
    cell('sev0 = streamingLogData.where("severity = 0").select("serverID", "timestamp")')
    expected = None
    for number, (save, start) in enumerate(zip(SAVES, STARTS, strict=True)):
        cell(
            f'NAME = "log{number}"\nplace = s3_lab9_output_uri + "checkpoint{number}"\n{save}\n'
            f"query = (sev0.writeStream{start})\nquery.processAllAvailable()"
        )
        assert cell("print(query.exception(), query.name)").text == f"None log{number}"
        rows = cell(
            'reader = spark.read.option("recursiveFileLookup", True).schema("a STRING, b INT")\n'
            "reader.csv(s3_lab9_output_uri + NAME).collect()"
        ).text
        expected = expected or rows
        assert rows == expected
        assert rows.startswith("[Row(a='s")
        cell("query.stop()")
    cell(
        'writer = sev0.writeStream.format("csv").option("path", s3_lab9_output_uri + "sink")\n'
        'query = writer.option("checkpointLocation", s3_lab9_output_uri + "c").start()\n'
        "query.processAllAvailable()\nquery.stop()"
    )
    assert cell('spark.read.csv(s3_lab9_output_uri + "sink").count() > 0').text == "True"


def test_a_failing_batch_function_says_why(cell):
    cell('copy_s3_file_to_live_folder("s115.csv")')
    cell("def save(df, n):\n    df.rdd\nquery = streamingLogData.writeStream.foreachBatch(save).start()")
    error = cell.refused("query.processAllAvailable()")
    assert "The lab's cells do not use 'rdd' of a DataFrame" in error.message
    assert error.cause is not None
    assert "rdd" in cell("str(query.exception())").text


def test_a_batch_function_sees_what_is_defined_later(cell):
    cell('copy_s3_file_to_live_folder("s115.csv")')
    cell('def save(df, n):\n    df.write.csv(folder() + "/" + str(n))')
    cell('def folder():\n    return s3_lab9_output_uri + "early"')
    cell("query = streamingLogData.writeStream.foreachBatch(save).start()\nquery.processAllAvailable()")
    cell('def folder():\n    return s3_lab9_output_uri + "late"')
    cell('copy_s3_file_to_live_folder("s215.csv")\nquery.processAllAvailable()\nquery.stop()')
    assert cell('spark.read.csv(s3_lab9_output_uri + "early/0").count() > 0').text == "True"
    assert cell('spark.read.csv(s3_lab9_output_uri + "late/1").count() > 0').text == "True"


LOOKING_AROUND = r"""
streamingLogData
batch
logSchema
logSchema.fields
logSchema.fieldNames()
logSchema.simpleString()
logSchema.names
logSchema["severity"].dataType
len(logSchema)
print(logSchema)
batch.schema
batch.dtypes
batch.columns
batch.isStreaming
streamingLogData.isStreaming
batch.printSchema()
batch.show()
batch.show(3)
batch.show(n=3, truncate=False, vertical=True)
batch.show(5, 10)
batch.explain()
batch.explain(True)
batch.explain(mode="formatted")
streamingLogData.explain("simple")
batch.count()
batch.count
batch.first()
batch.head()
batch.head(2)
batch.take(2)
batch.tail(1)
batch.collect()[0]["serverID"]
batch.first().asDict()
batch.first().severity
batch.isEmpty()
batch.describe().show()
batch.summary("count", "min").show()
batch.distinct().count()
batch.limit(2).toPandas()
display(batch)
batch.toPandas().head()
batch.toPandas().shape
batch.toPandas().columns
batch.toPandas()["severity"].tolist()
batch.toPandas().severity.max()
batch.toPandas().sort_values("timestamp", ascending=False)
batch.toPandas().sort_values(by=["severity", "timestamp"]).to_string()
len(batch.toPandas())
print(batch.toPandas())
batch.groupBy("severity").count().orderBy("severity").show()
batch.groupBy("severity").agg({"timestamp": "max", "*": "count"}).show()
batch.groupBy("serverID").max("timestamp").show()
batch.groupBy().avg("timestamp").show()
batch.agg(F.min("timestamp"), F.max("timestamp"), F.countDistinct("severity")).show()
batch.agg({"timestamp": "sum"}).collect()
batch.select("*").show(1)
batch.select(F.max("timestamp").alias("m"), F.collect_list("severity"), F.collect_set("severity")).show()
batch.select(batch.severity + 1, -batch.severity, batch.severity * 2.5, batch.severity % 2, 1 - col("severity")).show(1)
batch.select(F.col("serverID").substr(1, 1), col("serverID").contains("s"), col("serverID").rlike("^s[0-9]$")).show(1)
batch.select(col("serverID").contains(F.lit("s")), F.contains("serverID", F.lit("1")), F.instr("serverID", "1"), F.trim("serverID")).show(1)
batch.select(F.locate("1", "serverID"), F.substring_index("serverID", "s", -1), F.ltrim("serverID", F.lit("s"))).show(1)
batch.selectExpr("contains(serverID, '1')", "instr(serverID, '1')", "locate('1', serverID)", "trim(BOTH 's' FROM serverID)", "btrim(serverID, 's')", "btrim(serverID)").show(1)
batch.select(when(col("severity") == 0, "bad").when(col("severity") == 1, "so").otherwise("ok")).distinct().show()
batch.select(F.current_timestamp(), F.input_file_name(), F.struct("serverID", "severity").alias("s")).show(1)
batch.select(F.greatest("severity", "timestamp"), F.coalesce("severity", F.lit(0)), F.upper("serverID")).show(1)
batch.select(F.max_by("serverID", "timestamp"), F.first("serverID"), F.any_value("severity"), F.expr("first(serverID)")).show()
batch.orderBy(F.desc("timestamp"), "serverID").show(2)
batch.sort(batch.timestamp.desc()).show(1)
batch.orderBy("timestamp", ascending=False).show(1)
batch.withColumns({"a": col("severity") + 1, "b": F.lit("x")}).show(1)
batch.join(batch.groupBy("serverID").count(), "serverID").show(1)
batch.alias("a").join(batch.alias("b"), on=["serverID", "timestamp"], how="left").count()
batch.union(batch).count()
batch.unionByName(batch).dropDuplicates(["serverID"]).count()
batch.dropna().fillna(0).na.drop().na.fill({"severity": 1}).count()
batch.cache().count()
batch.unpersist()
[row.timestamp for row in batch.collect()]
for row in batch.limit(2).collect(): print(row, row[0], row["severity"])
{row["serverID"]: row["n"] for row in batch.groupBy("serverID").agg(F.count("*").alias("n")).collect()}
batch.createOrReplaceTempView("logs")
spark.table("logs").count()
spark.sql("SHOW TABLES").show()
spark.sql("DESCRIBE logs").show()
spark.sql("describe table logs;").show()
spark.sql("SELECT * FROM logs").show(2)
spark.sql("select serverID, count(*) as n from logs where severity = 2 group by serverID having count(*) > 0 limit 5;").show()
spark.sql("SELECT count(*) FILTER (WHERE severity = 2) / (max(timestamp) - min(timestamp) + 1) AS v FROM logs").show()
spark.sql("WITH a AS (SELECT serverID, round(avg(timestamp), 1) AS t FROM logs GROUP BY 1) SELECT * FROM a UNION ALL SELECT 'x', 2").show()
spark.sql("SELECT l.serverID FROM logs l JOIN (SELECT DISTINCT serverID FROM logs) d ON l.serverID = d.serverID").show(2)
spark.sql("SELECT CASE WHEN severity = 0 THEN 'a' ELSE \"b\" END AS c, -1, TRUE, NULL, 1.5, cast(severity as string) FROM logs").show(2)
spark.sql("SELECT sum(if(severity = 2, 1, 0)), count_if(severity = 2), count(DISTINCT severity), nvl(null, 1) FROM logs").show()
spark.sql("SELECT try_divide(1, 0), -- a comment\n max(timestamp) - 1 /* another */ FROM logs WHERE serverID LIKE 's%'").show()
spark.sql("SELECT serverID, row_number() OVER (PARTITION BY serverID ORDER BY timestamp DESC) AS r FROM logs").show(2)
spark.sql("SELECT * FROM logs WHERE timestamp = (SELECT max(timestamp) FROM logs)").toPandas()
spark.sql("SELECT 'it''s', 'a\\'b', upper(serverID), timestamp % 2, timestamp DIV 2 FROM logs ORDER BY 1 DESC NULLS LAST").show(1)
spark.streams.active
len(spark.streams.active)
spark.version
spark
spark.streams
spark.read
type(batch)
F.col("severity") == 2
F.max
F
StructType
"""
SILENT = ("batch.createOr", "batch.unpersist")


@pytest.mark.slow
def test_looking_around(cell):
    for source in LOOKING_AROUND.strip().splitlines():
        output = cell(source)
        assert "object at 0x" not in output.text, source
        assert output.text or output.table is not None or source.startswith(SILENT), source


LOOKING_AT_A_QUERY = """
query.status
query.status["message"]
query.lastProgress
print(query.lastProgress)
query.recentProgress[-1].batchId
query.lastProgress["sources"][0]["description"]
query.lastProgress.sources[0].numInputRows
query.lastProgress.durationMs["addBatch"]
len(query.recentProgress)
query.id
print(query.runId)
query.explain()
query.explain(True)
spark.streams.get(query.id).name
query.awaitTermination(0.01)
query.awaitTermination(timeout=1)
spark.streams.awaitAnyTermination(1)
spark.table("counts").collect()
spark.sql("SELECT * FROM counts").show()
[p["batchId"] for p in query.recentProgress]
"""


def test_looking_at_a_query(cell):
    cell('copy_s3_file_to_live_folder("s115.csv")')
    cell(
        'report = streamingLogData.groupBy("serverID").count()\n'
        'query = report.writeStream.queryName("counts").outputMode("complete").format("memory").start()\n'
        "query.processAllAvailable()"
    )
    assert cell("query").text == "StreamingQuery 'counts' (active)"
    assert cell("spark.streams.active").text == "[StreamingQuery 'counts' (active)]"
    assert cell("print(query.name, query.isActive, query.exception())").text == "counts True None"
    assert cell('query.lastProgress["numInputRows"] == query.lastProgress.numInputRows').text == "True"
    for source in LOOKING_AT_A_QUERY.strip().splitlines():
        assert cell(source).text, source
    cell("for q in spark.streams.active:\n    print(q.name)\n    q.stop()\nspark.streams.resetTerminated()")
    assert cell("query").text == "StreamingQuery 'counts' (stopped)"
    assert cell("query.isActive, spark.streams.active").text == "(False, [])"


REFUSALS = [
    ("batch.rdd", "'rdd' of a DataFrame. Use DataFrame methods such as select, where and groupBy."),
    ("batch.groupBY('x')", "A DataFrame has no 'groupBY'. Did you mean 'groupBy'?"),
    ("batch.severty", "A DataFrame has no 'severty'. Did you mean 'severity'?"),
    ("batch.foreach(print)", "Use collect() and a for loop"),
    ("for row in batch:\n    pass", "a loop over a DataFrame. Its rows are in Spark"),
    ("batch.crossJoin(batch)", "'crossJoin' of a DataFrame"),
    ("batch.join(batch)", "a join without the columns to join on"),
    ("batch.writeStreem", "Did you mean 'writeStream'?"),
    ("batch.show().count()", "what stands before the dot is None"),
    ("batch.write.csv", ""),
    ("spark.sparkContext.addFile('x')", "'addFile' of a SparkContext"),
    ("spark.conf.get('spark.driver.host')", "There are those that begin with spark.sql.adaptive."),
    ("spark.catalog", "SHOW TABLES"),
    ("spark.stop()", "stop your query instead"),
    ("spark.udf", "'udf' of a SparkSession. Use the functions"),
    ("spark.createDataFrame([1])", "Read a file of your bucket"),
    ("spark.readstream", "Did you mean 'readStream'?"),
    ("spark.read.jdbc", "'jdbc' of a DataFrameReader"),
    ("spark.read.format('jdbc')", "the format 'jdbc'"),
    ("spark.readStream.format('kafka')", "the format 'kafka'. Read csv files"),
    ("spark.readStream.format('rate')", "the format 'rate'"),
    ("spark.read.option('headr', 1)", "the option 'headr'. Did you mean 'header'?"),
    ("spark.read.options(cleanSource='delete')", "the option 'cleanSource'. Delivered files stay"),
    ("streamingLogData.writeStream.format('console')", "the format 'console'. It prints where you cannot see it"),
    ("streamingLogData.writeStream.foreach(print)", "Use foreachBatch"),
    ("streamingLogData.writeStream.foreachBatch(3)", "foreachBatch without a function"),
    ("streamingLogData.writeStream.toTable('a.x')", "such a name of a table"),
    ("streamingLogData.writeStream.toTable('x', path=s3_log_data_uri)", "the argument 'path' of toTable()"),
    ("streamingLogData.writeStream.toTable('x', format='kafka')", "the format 'kafka'"),
    (
        "streamingLogData.groupBy('serverID').count().writeStream.toTable('x', outputMode='complete')",
        "refuses it in complete mode",
    ),
    ("streamingLogData.writeStream.trigger(continuous='1 second')", "'continuous' of trigger()"),
    ("streamingLogData.writeStream.awaitTermination()", "Call start() first"),
    ("streamingLogData.start()", "A query is started from its writer"),
    ("batch.write.saveAsTable('x')", "createOrReplaceTempView"),
    ("batch.write.insertInto('x')", "'insertInto'"),
    ("batch.repartition(1000)", "1000 partitions"),
    ("batch.show(100000)", "show() of more than 1,000 rows"),
    ("batch.take(20000)", "more than 10,000 rows"),
    ("batch.createOrReplaceTempView('a.b')", "'a.b' as the name of a view"),
    ("spark.table('text.`/etc/passwd`')", "as a table"),
    ("spark.sql('DROP TABLE x')", "SQL other than one SELECT"),
    ("spark.sql('SELEC * FROM logs')", "SQL"),
    ("spark.sql('SELECT countif(severity = 2) FROM logs')", "count_if"),
    ("F.udf(print)", "'udf' of pyspark.sql.functions. Use the functions"),
    ("F.countif", "Did you mean 'count_if'?"),
    ("F.round('x', 1000000000)", "rounding to 1000000000 digits"),
    ("F.col('x').over(1)", "'over' of a Column. Use groupBy and agg."),
    ("F.col('x').foo", "A Column has no 'foo'. A Column offers cast, is"),
    ("F.col('x').max()", "A Column has no 'max': it is a function, as in F.max(...)."),
    ("batch.max('timestamp')", "A DataFrame has no 'max': it is a function"),
    ("batch.shape", "A DataFrame offers agg, columns, count, groupBy"),
    ("batch.toPandas().query('a')", "Use where() of a Spark DataFrame"),
    ("batch.toPandas().to_csv('x')", "'to_csv' of a pandas DataFrame"),
    ("batch.toPandas() + 1", "operators with a pandas table"),
    ("batch.groupBy('serverID').agg({'severity': 'reflect'})", "the function 'reflect' in SQL"),
    ("StructField('a', IntegerType(), True, {})", "metadata of a field"),
    ("spark.read.csv('s3://elsewhere/x')", "outside your bucket. Use s3_log_data_uri"),
]


def test_what_spark_offers_and_the_lab_does_not(cell):
    for source, words in REFUSALS:
        if words:
            assert words in cell.refused(source).message, source


def test_waiting_for_ever_is_refused(cell):
    cell("query = streamingLogData.writeStream.queryName('q').format('memory').start()")
    assert "waits for ever" in cell.refused("query.awaitTermination()").message
    assert "waits for more than 30 minutes" in cell.refused("query.awaitTermination(3600)").message
    assert "without a number of seconds" in cell.refused("spark.streams.awaitAnyTermination()").message


def test_a_place_in_a_chain_is_that_of_the_method(cell):
    error = cell.refused("x = (\n    streamingLogData.writeStream\n    .format('memory')\n    .foo()\n)")
    assert (error.line, error.column) == (4, 6)


def test_the_setup_itself_is_what_learners_write(cell):
    assert cell(SETUP).text == ""
