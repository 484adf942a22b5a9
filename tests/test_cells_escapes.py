"""Ways out of the cell reader that an attacker would try: each is refused, and none has an effect."""

# ruff: noqa: E501, RUF001  # an attack in a line; some are written in letters that only look like those of Python

from pathlib import Path

import pytest
from cells_corpus import opened, refused, run

from lab.cells import CellError

MARK = Path("/tmp/spark-streaming-lab-escaped")  # noqa: S108  # no file may ever be created there
PLACE = f"file://{MARK}"

# Attempts that need no Spark.
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
'{0.__class__.__mro__}'.format(())
'{0[__class__]}'.format({})
'{.real}'.format(1)
'{a.b}'.format(a=1)
'{0:{1.__class__}}'.format(1, 2)
'{0:{1[0]}}'.format(1, [2])
'{0!r:{1:{2}}}'.format(1, 2, 3)
'{:{}}'.format(1, 10 ** 9)
'{:>99999}'.format(1)
'{0:9999999999}'.format(1)
'{:.999999999f}'.format(1.5)
'{:x}'.format(print)
'{:>9}'.format([])
'{}' .format.owner
'{99999999999999999999}'.format(1)
format(1, '>999999999')
format(print, '>9')
'%999999999d' % 1
'%.999999999f' % 1
'%*d' % (999999999, 1)
'%.*f' % (999999999, 1.5)
'%(a)999999999s' % {'a': 1}
'%(a.b)s' % {'a': 1}
'%(a)s' % print
'%d' % print
'%c' % 10 ** 9
'%s%s' % ('a' * 9000, 'b' * 9000)
f'{1 .__class__}'
f'{().__class__.__name__}'
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
import sys
import os; os.system('id')
import os; os.popen('id').read()
import os; os.environ
import os; os.getcwd()
import os; os.listdir('/')
import os; os.path.exists('/etc/passwd')
import os; os.path.os.system('id')
import os; os.path.expanduser('~')
import os; os.path.realpath('.')
import os; os.path.genericpath
import os; os.path.join(['a'], 'b')
from os import environ
from os import *
from os.path import exists
import sys as s
from pathlib import Path; Path('/etc/passwd').read_text()
from pathlib import Path; Path('/etc/passwd').open()
from pathlib import Path; Path('.').absolute()
from pathlib import Path; Path('.').exists()
from pathlib import Path; Path.home()
from pathlib import Path; Path.cwd()
from pathlib import Path; Path('a')._address
from pathlib import Path; Path('a').joined('b')
from pathlib import Path; Path('a').holds
from pathlib import Path; Path.__subclasses__()
from pathlib import Path; Path.names
from pathlib import Path; Path.types
from pathlib import os
import datetime; datetime.sys
import datetime; datetime.datetime.__subclasses__()
import datetime; datetime.datetime.mro
import datetime; datetime.datetime.now().__class__
import datetime; datetime.datetime.now().__reduce__()
import datetime; datetime.datetime.now().strftime('%999999999d')
import datetime; datetime.datetime.now().strftime('%' * 300)
import datetime; f'{datetime.datetime.now():%999999999Y}'
import datetime; '{:%999999999Y}'.format(datetime.datetime.now())
import datetime; datetime.tzinfo
import datetime; datetime.datetime.now(tz=1)
import datetime; datetime.datetime.strptime('1', '%d')
import time; time.strftime('%999999999d')
import time; time.strftime('%d', 1)
import time; time.clock_settime(1, 1)
import json; json.decoder
import json; json.codecs
import json; json.dumps(print)
import json; json.dumps(1, cls=print)
import json; json.dumps(1, default=print)
import json; json.dumps(1, indent=10 ** 9)
import json; json.dumps({1: [2] * 9999}, indent=8)
import json; json.loads('[' * 9000)
import json; json.loads('{"a":' * 1500)
import json; json.loads('9' * 4000)
import json; json.loads('1', object_hook=print)
import json; json.load(1)
import math; math.factorial(10 ** 6)
import math; math.comb(10 ** 6, 10 ** 5)
import math; math.floor(1e300)
import functools; functools.partial(print)
import functools; functools.wraps
from functools import lru_cache
import collections; collections.namedtuple('A', 'b')
import collections; collections.abc
import typing; typing.sys
import typing; typing.List.__class__
import typing; typing.Any()
import warnings; warnings.sys
import warnings; warnings.catch_warnings()
import itertools
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
from pyspark.sql import SparkSession; SparkSession.builder.config("spark.jars", "/etc/passwd").getOrCreate()
from pyspark.sql import SparkSession; SparkSession.builder.remote("sc://localhost").getOrCreate()
from pyspark.sql import SparkSession; SparkSession.builder._options
from pyspark.sql import SparkSession; SparkSession.builder.config(map={"a": "b"})
from pyspark.sql import SparkSession; SparkSession.builder.create()
from pyspark.sql import SparkSession; SparkSession._instantiatedSession
import findspark; findspark.os
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
while [0]: 1
async def f(): await f()
@exec
try: 1 / 0\nfinally: pass
try: ().__class__\nexcept: print(1)
try: ().__class__\nexcept Exception: print(1)
try: open('x')\nexcept NameError: print(1)
try: import socket\nexcept Exception: print(1)
try: 'a' * 10 ** 9\nexcept Exception: print(1)
try: 10 ** 10 ** 10\nexcept Exception: print(1)
try:\n while True: pass\nexcept Exception: print(1)
try:\n while True: pass\nfinally: print(1)
while True:\n try:\n  while True: pass\n except Exception: pass
while True:\n try: pass\n finally: continue
while True:\n try: ().__class__\n finally: break
def f():\n try: ().__class__\n finally: return 1\nf()
def f():\n try: f()\n except Exception: f()\nf()
def f():\n try: f()\n finally: f()\nf()
def f():\n try: return f()\n except RecursionError: return 1\nf()
try: 1 / 0\nexcept Exception as e: e.__traceback__
try: 1 / 0\nexcept Exception as e: e.__class__
try: 1 / 0\nexcept Exception as e: e.args
try: 1 / 0\nexcept Exception as e: e.kind
try: 1 / 0\nexcept Exception as e: e.message.__class__
try: 1 / 0\nexcept Exception as e: type(e).kind
try: 1 / 0\nexcept Exception as e: type(e).__mro__
try: 1 / 0\nexcept Exception as __e: pass
try: 1 / 0\nexcept print: pass
try: 1 / 0\nexcept 'x': pass
try: 1 / 0\nexcept (ValueError, [KeyError]): pass
try: 1 / 0\nexcept BaseException: pass
try: 1 / 0\nexcept SystemExit: pass
ValueError.__subclasses__()
ValueError.kind
Exception.__init__.__globals__
ValueError('x').__class__
ValueError('x').with_traceback
ValueError(print).__traceback__
raise
raise 1
raise KeyboardInterrupt
raise print
raise ValueError('x') from ().__class__
from pyspark.errors import StreamingQueryException; raise StreamingQueryException('x')
from pyspark.errors import get_error_class
from pyspark.sql.utils import get_active_spark_context
from pyspark.sql.utils import ForeachBatchFunction
with open('x'): pass
class X: pass
global x; x.y = 1
def f():\n global __builtins__\n __builtins__ = 1\nf()
def f():\n nonlocal x\n x = 1\nf()
(__x := 1)
[(__x := 1) for x in [1]]
del __builtins__
del nothing
del print
def f(*a): a.__class__\nf(1)
def f(**a): a.__class__\nf(b=1)
def f(*a): pass\nf(**{1: 2})
a, *b.c = [1, 2]
*a, *b = [1]
{**print}
{**[1]}
isinstance(1, 1)
isinstance(1, print)
isinstance.__self__
type(1).kind
type(1).name
type(1).mro()
type(print).__globals__
map(1, [1])
map(eval, ['1'])
map(print, print)
filter(open, ['x'])
callable(eval)
chr(-1)
ord('ab')
hex('x')
pow(10, 10 ** 10)
pow(10 ** 30, 10 ** 30)
pow(base=2, exp=10 ** 10)
'a'.ljust(10 ** 9)
'a'.zfill(10 ** 9)
'a'.center(10 ** 9, 'b')
[3, 1].sort(key=eval)
[3, 1].sort(key='x')
{1}.update(print)
'a'.encode()
'a'.translate({})
'a'.maketrans
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
spark.sparkContext.getConf()
spark.sparkContext._conf
spark.sparkContext.parallelize([1])
spark.sparkContext.hadoopConfiguration
spark.sparkContext.stop()
spark.sparkContext.setSystemProperty("a", "b")
spark.builder
spark.conf._jconf
spark.conf.getAll
spark.conf.get("spark.hadoop.fs.s3a.secret.key")
spark.conf.get("spark.driver.host")
spark.conf.get("spark.sql.catalog.shop.password")
spark.conf.get("spark.sql.warehouse.dir")
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
spark.read.csv(s3_log_data_uri + "../*")
spark.read.csv(s3_log_data_uri + "*/../../../*")
spark.read.csv(s3_log_data_uri + "{..,x}/*")
spark.read.csv(s3_log_data_uri + "{a/b,../../c}")
spark.read.csv(s3_log_data_uri + "[/]etc")
spark.read.csv(s3_log_data_uri + "\\*")
spark.read.csv(s3_log_data_uri + "*/*/*")
spark.read.csv(s3_log_data_uri + "{" * 50 + "a" + "}" * 50)
spark.read.csv(s3_log_data_uri + "*,file:///etc/*")
spark.read.csv(s3_log_data_uri + "* ")
spark.read.csv(s3_log_data_uri[:-9] + "*/*.csv")
spark.read.csv(s3_log_data_uri[:-9] + "{LogData,x}/*.csv")
spark.read.csv("file:///etc/*")
spark.read.csv("*")
spark.read.csv("file:///*/*")
spark.read.load("/e*/passwd", format="text")
spark.read.option("path", "file:///etc/*")
batch.write.csv(s3_lab9_output_uri + "*")
batch.write.csv(s3_lab9_output_uri + "{a,b}")
streamingLogData.writeStream.option("checkpointLocation", s3_lab9_output_uri + "*")
streamingLogData.writeStream.option("queryName", "a`; DROP")
streamingLogData.writeStream.option("queryName", "x" * 999)
streamingLogData.writeStream.option("queryName", print)
streamingLogData.writeStream.options(queryName="a`; DROP")
streamingLogData.writeStream.options(QUERYNAME="a`; DROP")
spark.readStream.option("queryName", "x")
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
batch.sparkSession._jvm
batch.sparkSession.stop()
batch.sparkSession.sql("SELECT * FROM text.`/etc/passwd`")
batch.sql_ctx
batch.rdd.map(print)
batch.toLocalIterator()
batch.foreach(print)
batch.foreachPartition(print)
batch.mapInPandas(print, "a int")
batch.mapInArrow(print, "a int")
batch.transform(print)
batch.transform(eval)
batch.transform("x")
batch.transform(lambda frame: frame._jdf)
batch.transform(lambda frame: 1)
StructType.fromDDL("a INT DEFAULT reflect('java.lang.System', 'exit', 1)")
StructType.fromDDL("a INT, b " + "array<" * 300 + "int" + ">" * 300)
StructType.fromDDL("${spark.master}")
StructType.fromDDL(["a INT"])
StructType.fromDDL(ddl="a INT")
StructType.fromJson({})
StringType.fromDDL("a INT")
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
streamingLogData.writeStream.toTable("PLACE")
streamingLogData.writeStream.toTable("parquet.`PLACE`")
streamingLogData.writeStream.toTable("x", path="PLACE")
streamingLogData.writeStream.toTable("x", checkpointLocation="PLACE")
streamingLogData.writeStream.toTable("x", format="PLACE")
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
batch.toPandas().values.dtype
batch.toPandas().values.tofile("MARK")
batch.toPandas().values.values
batch.toPandas().iloc.obj
batch.toPandas().iloc.table
batch.toPandas().iloc[print]
batch.toPandas().iloc[lambda x: 0]
batch.toPandas().loc[0, 0, 0]
batch.toPandas().iloc[0] = 1
batch.toPandas().set_index("serverID", inplace=True)
batch.toPandas().set_index(print)
batch.toPandas().round(10**9)
batch.toPandas().rename(columns=print)
batch.toPandas().rename(str)
batch.toPandas().astype("category")
batch.toPandas().astype(print)
batch.toPandas().to_dict(into=print)
batch.toPandas().to_dict("records", into=dict)
batch.toPandas().T.to_csv("MARK")
batch.toPandas().dtypes.to_csv("MARK")
batch.toPandas().describe(include=print)
batch.toPandas().index.__class__
batch.toPandas().reset_index(inplace=True)
batch.toPandas().agg(print)
batch.toPandas().transform(print)
batch.toPandas().style
batch.toPandas().plot()
batch.toPandas().to_markdown("MARK")
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
    assert len(PYTHON) + len(SPARK) > 550


def test_what_is_vetted_is_what_is_used(learner, run_step):
    """Another thread may change a list just after the check."""
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
    """Spark runs the SQL that the check has understood, including comments and odd strings."""
    cell = opened(learner, run_step)
    assert cell(r"""spark.sql("SELECT 'it''s', 'a\\'b' /* /* */ x */ -- y").collect()[0][1]""").text
    assert cell("spark.sql(\"SELECT 1 AS `a b`, 'x' AS y -- z\").columns").text == "['a b', 'y']"
