"""Ways out of the cell reader that an attacker would try: each is refused, and none has an effect."""

# ruff: noqa: E501, RUF001  # an attack in a line; some are written in letters that only look like those of Python

from pathlib import Path

import pytest
from cells_corpus import opened, refused, run

from lab.cells import CellError

MARK = Path("/tmp/spark-streaming-lab-escaped")  # noqa: S108  # nothing may ever stand there
PLACE = f"file://{MARK}"

# Without Spark.
PYTHON = r"""
().__class__.__bases__[0].__subclasses__()
''.__class__.__mro__
print.__self__.__dict__
print.__globals__
(lambda: 1).__code__
(lambda: 1).__globals__
(lambda: 1).handler
(lambda: 1).perform
print.handler
print._text
[].__reduce_ex__(4)
{}.__class__
(1).__class__
True.__class__.__base__
None.__class__
'{0.__class__}'.format(1)
'{0.__class__}'.format_map({'0': 1})
f'{1 .__class__}'
f'{().__class__.__name__}'
'%s' % print
getattr((), '__class__')
vars()
globals()['__builtins__']
__builtins__
__import__('os').system('id')
__loader__
__name__
__file__
open('/etc/passwd').read()
exec('import os')
eval('1')
compile('1', '', 'eval')
breakpoint()
input()
type('X', (), {})
type(1).__subclasses__
type(1)()
object()
super()
memoryview(b'x')
classmethod(print)
property(print)
import os
import sys as s
import builtins
import importlib
from importlib import import_module
import lab
import lab.cells.reader
from lab.cells import run_cell
import py4j
import pyspark.context
import pyspark.sql.session
from pyspark import SparkContext
from pyspark.sql.functions import udf
from pyspark.sql.functions import pandas_udf
from pyspark.sql.functions import java_method
from pyspark.sql.functions import try_reflect
from pyspark.sql.functions import call_function
from pyspark.sql.functions import call_udf
from pyspark.sql.functions import get_active_spark_context
from pyspark.sql.functions import sys
from pyspark.sql.types import UserDefinedType
from pyspark.sql.types import _parse_datatype_json_string
import pyspark.sql.functions as F; F.__builtins__
import pyspark.sql.functions as F; F.sys.modules
import pyspark.sql.functions as F; F._invoke_function
import pyspark.sql.functions as F; F.max.__globals__
import pyspark.sql.functions as F; F.builtin
from pyspark.sql.types import StructType; StructType.fromJson({})
from pyspark.sql.types import StructType; StructType.__init__
from pyspark.sql.types import StructType; StructType.mro()
from pyspark.sql.types import *; StructType().add("a", {"type": "udt", "pyClass": "os.system"})
from pyspark.sql.types import *; StructType().add(field="a", data_type={"type": "udt", "pyClass": "os.system"})
from pyspark.sql.types import *; StructType().add("a", IntegerType(), True, {"EXISTS_DEFAULT": "1"})
from pyspark.sql.types import *; StructType().add("a", IntegerType(), metadata={"EXISTS_DEFAULT": "1"})
from pyspark.sql.types import *; StructField("a", IntegerType(), metadata={"EXISTS_DEFAULT": "reflect('java.lang.System', 'exit', 1)"})
from pyspark.sql.types import *; StructField("a", IntegerType()).metadata
from pyspark.sql.types import *; StructField("a", IntegerType()).__class__
from pyspark.sql.types import *; IntegerType().jsonValue.__func__
from pyspark.sql import SparkSession; SparkSession.builder.getOrCreate()
from pyspark.sql import SparkSession; SparkSession._instantiatedSession
from pyspark.sql import DataFrame; DataFrame.__init__
import time; time.__loader__
import time; time.tzset()
import time; time.sleep(100000)
import time; time.sleep(-1)
import time; time.sleep(float('nan'))
import time; time.sleep(True)
__x__ = 1
def __f(): pass
import time as __builtins__
for __x in [1]: pass
a = 1; a.__class__ = 2
a = [1]; a.__setitem__(0, 2)
a = []; a.__iadd__
print(*1)
print(**{'file': 1})
print(**{'__class__': 1})
sorted([1], key=eval)
sorted([1], key='x')
max([1], key=open)
dict(**{'a': 1}).__class__
[].append.__self__
''.join.owner
''.join.kind
def f(x=().__class__): pass
def f(x: int = open): pass
lambda x=exec: x
[x.__class__ for x in [1]]
{x: x.__class__ for x in [1]}
(x.__dict__ for x in [print])
x = ().ｃｌａｓｓ
().__ｃlass__
().__𝒸𝓁𝒶𝓈𝓈__
while True: pass
async def f(): await f()
@exec
try: pass\nfinally: pass
with open('x'): pass
class X: pass
global x
nonlocal x
del print
raise SystemExit
yield 1
await x
match 1:\n case int(): pass
b'abc'.decode()
b'%s' % b''
assert exec('1')
0 if exec else eval
__debug__
...
""".strip().splitlines()


@pytest.mark.parametrize("source", PYTHON)
def test_ways_out_of_python_are_closed(source):
    names = {}
    refused(source.replace("\\n", "\n"), names)
    assert not [name for name in names if name.startswith("__")]


SPARK = r"""
spark._jvm
spark._sc
spark._jsparkSession
spark.sparkContext._jvm.java.lang.System.exit(1)
spark.sparkContext.addFile("/etc/passwd")
spark.sparkContext
spark.builder
spark.conf.set("spark.sql.restrictedMode.enabled", "false")
spark.catalog.createTable("x", path="PLACE")
spark.udf.register("f", lambda x: x)
spark.udtf
spark.stop()
spark.newSession()
spark.cloneSession()
spark.addTag("x")
spark.interruptAll()
spark.addArtifacts("/etc/passwd")
spark.createDataFrame([1])
spark.range(10**12)
spark.dataSource.register(print)
spark.profile
spark.tvf
spark.client
spark.read._spark
spark.read._jreader
spark.read.table("text.`/etc/passwd`")
spark.read.jdbc("jdbc:derby:memory:x;create=true", "t")
spark.read.orc("PLACE")
spark.read.xml("PLACE")
spark.read.text("/etc/passwd")
spark.read.text(["/etc/passwd"])
spark.read.text(("/etc/passwd",))
spark.read.text(paths="/etc/passwd")
spark.read.parquet("PLACE", "PLACE")
spark.read.parquet(s3_log_data_uri, "PLACE")
spark.read.json("PLACE")
spark.read.csv("PLACE", logSchema)
spark.read.csv([s3_log_data_uri, "PLACE"])
spark.read.csv(path="file:///etc/passwd", schema="a STRING")
spark.read.csv(s3_log_data_uri + "../../../../etc/passwd")
spark.read.csv(s3_log_data_uri + "*")
spark.read.csv(s3_log_data_uri + "s115.csv,file:///etc/passwd")
spark.read.csv(" " + s3_log_data_uri)
spark.read.csv(3)
spark.read.csv(batch)
spark.read.csv(**{"path": "PLACE"})
spark.read.load("PLACE", format="text")
spark.read.load(path="PLACE")
spark.read.load(s3_log_data_uri, format="binaryFile")
spark.read.load(s3_log_data_uri, format="text", path="PLACE")
spark.read.load(s3_log_data_uri, "csv", None, path="PLACE")
spark.read.load(s3_log_data_uri, format="csv", PATH="PLACE")
spark.read.format("csv").options(path="PLACE")
spark.read.format("csv").options(**{"PaTh": "PLACE"})
spark.read.format("csv").option("paths", "PLACE")
spark.read.format("csv").option("fs.defaultFS", "PLACE")
spark.read.format("csv").option("fs.file.impl", "x.Y")
spark.read.format("csv").option("mapreduce.input.pathFilter.class", "x.Y")
spark.read.format("csv").option("compression", "x.Y")
spark.read.format("csv").option("badRecordsPath", "PLACE")
spark.read.format("org.apache.spark.sql.execution.datasources.text.TextFileFormat")
spark.read.format("jdbc")
spark.read.format(format="csv")
spark.read.schema("a INT DEFAULT reflect('java.lang.System', 'exit', 1)").csv(s3_log_data_uri)
spark.readStream.format("socket")
spark.readStream.format("rate")
spark.readStream.text("/etc")
spark.readStream.csv("PLACE", schema=logSchema)
spark.readStream.table("x.y")
spark.readStream.option("cleanSource", "delete")
spark.readStream.option("CLEANSOURCE", "archive")
spark.readStream.options(sourceArchiveDir="PLACE")
spark.readStream.changes("x")
spark.table("parquet.`PLACE`")
spark.table("global_temp.x")
spark.sql("SELECT * FROM text.`/etc/passwd`")
spark.sql("SELECT * FROM `text`.`/etc/passwd`")
spark.sql("SELECT * FROM csv.`PLACE` AS t")
spark.sql("SELECT * FROM logs JOIN text.`/etc/passwd`")
spark.sql("SELECT (SELECT first(value) FROM text.`/etc/passwd`)")
spark.sql("WITH a AS (SELECT * FROM text.`/etc/passwd`) SELECT * FROM a")
spark.sql("SELECT 1 UNION SELECT * FROM text.`/etc/passwd`")
spark.sql("SELECT * FROM logs WHERE severity IN (SELECT value FROM text.`/etc/passwd`)")
spark.sql("SELECT reflect('java.lang.System', 'exit', 1)")
spark.sql("SELECT `reflect`('java.lang.System', 'exit', 1)")
spark.sql("SELECT ReFlEcT('java.lang.System', 'exit', 1)")
spark.sql("SELECT try_reflect('java.lang.System', 'exit', 1)")
spark.sql("SELECT java_method('java.lang.System', 'exit', 1)")
spark.sql("SELECT system.builtin.java_method('java.lang.System', 'exit', 1)")
spark.sql("SELECT max(java_method('java.lang.System', 'exit', 1))")
spark.sql("SELECT 1 ORDER BY java_method('java.lang.System', 'exit', 1)")
spark.sql("SELECT count(*) FILTER (WHERE java_method('java.lang.System', 'exit', 1) = 1) FROM logs")
spark.sql("SELECT r'\\', java_method('java.lang.System', 'exit', 1), '")
spark.sql("SELECT 'a\\', java_method('java.lang.System', 'exit', 1) --'")
spark.sql("SELECT 1 -- \\\n, java_method('java.lang.System', 'exit', 1)")
spark.sql("SELECT /* /* */ 1, java_method('java.lang.System', 'exit', 1) /* */")
spark.sql("SELECT transform(array(1), x -> x)")
spark.sql("SELECT TRANSFORM(1) USING 'touch MARK'")
spark.sql("FROM logs SELECT TRANSFORM(serverID) USING 'touch MARK' AS x")
spark.sql("SELECT * FROM range(1000000000000)")
spark.sql("SELECT explode(sequence(1, 1000000000))")
spark.sql("SELECT repeat('x', 1000000000)")
spark.sql("SELECT space(1000000000)")
spark.sql("SELECT lpad('x', 1000000000, 'x')")
spark.sql("SELECT format_string('%1000000000d', 1)")
spark.sql("SELECT round(1.5, 1000000000)")
spark.sql("SELECT approx_count_distinct(serverID, 0.0000001) FROM logs")
spark.sql("SELECT ceil(1.5, 1000000000)")
spark.sql("SELECT floor(1.5, 10 * 1000000000)")
spark.sql("SELECT " + "1 + " * 1000 + "1")
spark.sql("SELECT " + "(" * 1000 + "1" + ")" * 1000)
spark.sql("SELECT * FROM logs a, logs b, logs c, logs d")
spark.sql("SELECT countif(severity = 2) FROM logs")
spark.sql("SELECT array_repeat(1, 1000000000)")
spark.sql("SELECT 'aaaaaaaaaaaaaaaaaaaaaaaa' RLIKE '(a+)+b'")
spark.sql("SELECT 'a' LIKE '%a%a%a%a%a%a%a%a%b'")
spark.sql("SELECT 'a' LIKE serverID FROM logs")
spark.sql("SELECT /*+ REPARTITION(100000) */ * FROM logs")
spark.sql("SELECT * FROM logs LATERAL VIEW explode(array(1)) AS x")
spark.sql("SELECT * FROM logs TABLESAMPLE (100 PERCENT)")
spark.sql("SELECT * FROM logs VERSION AS OF 1")
spark.sql("WITH RECURSIVE a AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM a) SELECT * FROM a")
spark.sql("SELECT * FROM IDENTIFIER('logs')")
spark.sql("SELECT ${spark.master}")
spark.sql("SELECT ai_query('x')")
spark.sql("CREATE TABLE x (a INT)")
spark.sql("CREATE FUNCTION f AS 'x.Y'")
spark.sql("CREATE TEMPORARY FUNCTION f AS 'x.Y' USING JAR 'PLACE'")
spark.sql("CREATE TEMPORARY VIEW v USING csv OPTIONS (path 'PLACE')")
spark.sql("INSERT OVERWRITE DIRECTORY 'PLACE' USING csv SELECT 1")
spark.sql("INSERT INTO logs VALUES (1)")
spark.sql("CACHE TABLE logs")
spark.sql("ADD JAR 'PLACE'")
spark.sql("LIST FILES")
spark.sql("SET spark.sql.restrictedMode.enabled=false")
spark.sql("SET")
spark.sql("RESET")
spark.sql("SHOW FUNCTIONS")
spark.sql("SHOW TABLES; DROP VIEW logs")
spark.sql("DESCRIBE EXTENDED logs")
spark.sql("DESCRIBE text.`/etc/passwd`")
spark.sql("DESCRIBE QUERY SELECT * FROM text.`/etc/passwd`")
spark.sql("EXPLAIN SELECT 1")
spark.sql("USE x")
spark.sql("EXECUTE IMMEDIATE 'SELECT 1'")
spark.sql("BEGIN SELECT 1; END")
spark.sql("SELECT 1; SELECT 2")
spark.sql("")
spark.sql(";")
spark.sql(None)
spark.sql("SELECT :x", {"x": 1})
spark.sql("SELECT * FROM {x}", x=batch)
batch._jdf
batch._sc
batch.sparkSession
batch.sql_ctx
batch.rdd.map(print)
batch.toLocalIterator()
batch.foreach(print)
batch.foreachPartition(print)
batch.mapInPandas(print, "a int")
batch.mapInArrow(print, "a int")
batch.transform(print)
batch.observe("x", F.lit(1))
batch.checkpoint()
batch.localCheckpoint()
batch.inputFiles()
batch.pandas_api()
batch.to_pandas_on_spark()
batch.hint("broadcast")
batch.plot
batch.writeTo("x")
batch.createGlobalTempView("x")
batch.registerTempTable("x")
batch.createOrReplaceTempView("x; DROP VIEW logs")
batch.semanticHash()
batch.groupBy("serverID").applyInPandas(print, "a int")
batch.groupBy("serverID").pivot("severity")
batch.groupBy("serverID").cogroup
batch.groupBy("serverID")._jgd
batch.crossJoin(batch)
batch.join(batch)
batch.where("java_method('java.lang.System', 'exit', 1) = 1")
batch.where("1 = 1) OR java_method('java.lang.System', 'exit', 1) = (1")
batch.where("severity IN (SELECT value FROM text.`/etc/passwd`)")
batch.where("EXISTS (SELECT 1)")
batch.where("severity = 0; SELECT 1")
batch.where("1 FROM logs")
batch.where(condition="reflect('a', 'b') = 1")
batch.filter("`reflect`('java.lang.System', 'exit', 1) = 1")
batch.selectExpr("reflect('java.lang.System', 'exit', 1)")
batch.selectExpr(["1", "reflect('java.lang.System', 'exit', 1)"])
batch.selectExpr("1, 2")
batch.selectExpr("1 FROM logs")
batch.selectExpr("/*+ x */ 1, java_method('a', 'b')")
batch.select(F.expr("reflect('java.lang.System', 'exit', 1)"))
batch.agg(F.expr("max(reflect('java.lang.System', 'exit', 1))"))
batch.agg({"severity": "reflect"})
batch.agg(*[{"severity": "java_method"}])
batch.select(F.java_method(F.lit("java.lang.System"), F.lit("exit")))
batch.select(F.reflect(F.lit("java.lang.System"), F.lit("exit")))
batch.select(F.call_function("reflect", F.lit("java.lang.System"), F.lit("exit")))
batch.select(F.udf(lambda x: x)("serverID"))
batch.select(F.repeat("serverID", 1000000000))
batch.select(F.sequence(F.lit(1), F.lit(10**9)))
batch.select(F.array_repeat("serverID", 10**9))
batch.select(F.lpad("serverID", 10**9, "x"))
batch.select(F.format_string("%1000000000d", "severity"))
batch.select(F.format_number("severity", 10**9))
batch.select(F.round("severity", 10**9))
batch.select(F.round(col="severity", scale=10**9))
batch.select(F.round("severity", F.lit(10**9)))
batch.select(F.regexp_replace("serverID", "(a+)+b", "x"))
batch.select(F.split("serverID", "(a+)+b"))
batch.select(F.col("serverID").rlike("(a+)+b"))
batch.select(F.col("serverID").rlike(other="(a*)*b"))
batch.select(F.col("serverID").like("%a%a%a%a%a%a%a%b"))
batch.select(F.window("timestamp", "1000000 hours", "1 microsecond"))
batch.select(F.approx_count_distinct("serverID", 0.0000001))
batch.select(F.transform("serverID", lambda x: x))
batch.select(F.aggregate("serverID", F.lit(0), lambda a, b: a))
F.col("x")._jc
F.col("x").__class__
F.col("x").transform(print)
F.col("x").over(1)
F.col("x").alias("y", metadata={"EXISTS_DEFAULT": "1"})
F.col("x").name("y", metadata={"EXISTS_DEFAULT": "1"})
F.col("x").withField("y", F.lit(1))
batch.write._jwrite
batch.write.csv("PLACE")
batch.write.csv(path="PLACE")
batch.write.csv(s3_log_data_uri + "../../x")
batch.write.mode("overwrite").csv("PLACE")
batch.write.save("PLACE", format="csv")
batch.write.save(path="PLACE")
batch.write.save(s3_lab9_output_uri + "x", format="orc")
batch.write.option("path", "PLACE")
batch.write.options(path="PLACE")
batch.write.text("PLACE")
batch.write.json("PLACE")
batch.write.parquet("PLACE", compression="x.Y")
batch.write.csv(s3_lab9_output_uri + "x", compression="x.Y")
batch.write.orc(s3_lab9_output_uri + "x")
batch.write.jdbc("jdbc:derby:memory:x;create=true", "t")
batch.write.saveAsTable("x")
batch.write.insertInto("x")
batch.write.format("jdbc")
batch.write.format("org.apache.spark.sql.jdbc")
batch.write.bucketBy(1, "x")
streamingLogData.writeStream._jwrite
streamingLogData.writeStream.start("PLACE")
streamingLogData.writeStream.start(path="PLACE")
streamingLogData.writeStream.start(format="console")
streamingLogData.writeStream.start(checkpointLocation="PLACE")
streamingLogData.writeStream.start(s3_lab9_output_uri, "csv", "append", None, "q", CheckpointLocation="PLACE")
streamingLogData.writeStream.start(**{"path": "PLACE"})
streamingLogData.writeStream.format("csv").option("path", "PLACE")
streamingLogData.writeStream.option("checkpointLocation", "PLACE")
streamingLogData.writeStream.options(CHECKPOINTLOCATION="PLACE")
streamingLogData.writeStream.option("kafka.bootstrap.servers", "x")
streamingLogData.writeStream.format("kafka")
streamingLogData.writeStream.format("console")
streamingLogData.writeStream.format("foreach")
streamingLogData.writeStream.foreach(print)
streamingLogData.writeStream.foreachBatch(eval)
streamingLogData.writeStream.foreachBatch("print")
streamingLogData.writeStream.foreachBatch(spark)
streamingLogData.writeStream.foreachBatch(empty_s3_folder)
streamingLogData.writeStream.toTable("x")
streamingLogData.writeStream.trigger(continuous="1 second")
streamingLogData.writeStream.trigger(realTime="1 second")
spark.streams._jsqm
spark.streams.addListener(print)
spark.streams.awaitAnyTermination()
spark.streams.awaitAnyTermination(10**9)
batch.toPandas().query("@__import__('os').system('touch MARK')")
batch.toPandas().eval("1")
batch.toPandas().to_csv("MARK")
batch.toPandas().to_pickle("MARK")
batch.toPandas().to_string("MARK")
batch.toPandas().to_string(buf="MARK")
batch.toPandas().apply(print)
batch.toPandas().pipe(print)
batch.toPandas().sort_values("severity", key=print)
batch.toPandas().sort_values("severity", inplace=True)
batch.toPandas().values
batch.toPandas().iloc[0]
batch.toPandas()[lambda x: x]
batch.toPandas()["severity"].map(print)
batch.toPandas()["severity"].to_csv("MARK")
batch.toPandas()._mgr
batch.toPandas().columns.__class__
batch.first().__class__
batch.first().__fields__
batch.first()._fields
batch.schema.fromDDL("a INT")
batch.schema.jsonValue.__self__
copy_s3_file_to_live_folder.__self__
copy_s3_file_to_live_folder.__func__
copy_s3_file_to_live_folder.__globals__
copy_s3_file_to_live_folder("../../../etc/passwd")
copy_s3_file_to_live_folder(spark)
empty_s3_folder("/tmp")
""".strip().splitlines()


def fails(cell, source):
    try:
        cell(source)
    except CellError:
        return True
    return False


def test_ways_out_of_spark_are_closed(learner, run_step):
    cell = opened(learner, run_step)
    cell('batch.createOrReplaceTempView("logs")')
    before = dict(cell.names)
    performed = [line for line in SPARK if not fails(cell, line.replace("PLACE", PLACE).replace("MARK", str(MARK)))]
    assert performed == []
    assert cell.names == before
    assert not MARK.exists()
    assert learner.workspace.active == ()
    assert cell("batch.count() > 0").text == "True"


def test_the_corpus_is_large_enough():
    assert len(PYTHON) + len(SPARK) > 350


def test_what_is_vetted_is_what_is_used(learner, run_step):
    """Another thread may change a list just after it has been looked at."""
    cell = opened(learner, run_step)
    cell(
        'paths = [s3_log_data_uri + "s115.csv"]\noptions = {"path": paths}\ndef read():\n    return spark.read.text(paths)'
    )

    def may_use(address):
        cell.names["paths"][:] = ["file:///etc/hostname"]
        return address.endswith("s115.csv")

    for source in (
        "spark.read.text(paths)",
        "spark.read.csv(paths)",
        "read()",
        "spark.read.schema('a STRING').json(**options)",
    ):
        cell.names["paths"][:] = [cell.names["s3_log_data_uri"] + "s115.csv"]
        _, output = run(f"[row[0] for row in {source}.select(F.input_file_name()).collect()]", cell.names, may_use)
        assert "s115.csv" in output.text
        assert "hostname" not in output.text


def test_sql_is_written_out_again(learner, run_step):
    """What Spark runs is what the vetting has understood, comments and odd strings included."""
    cell = opened(learner, run_step)
    assert cell(r"""spark.sql("SELECT 'it''s', 'a\\'b' /* /* */ x */ -- y").collect()[0][1]""").text
    assert cell("spark.sql(\"SELECT 1 AS `a b`, 'x' AS y -- z\").columns").text == "['a b', 'y']"
