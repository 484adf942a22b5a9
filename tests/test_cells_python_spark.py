"""Plain Python around Spark: caught errors, patterns in addresses, the session of a batch, pandas tables."""

# ruff: noqa: E501  # a program is easier to read in one line

import pytest
from cells_corpus import opened


@pytest.fixture
def cell(learner, run_step):
    return opened(learner, run_step)


LOOKS = [
    (
        'StructType.fromDDL("serverID STRING, severity INT") == StructType([StructField("serverID", StringType()), StructField("severity", IntegerType())])',
        "True",
    ),
    ("batch.transform(lambda frame: frame.where('severity = 0')).columns", "['serverID', 'severity', 'timestamp']"),
    ("batch.transform(lambda frame, n: frame.limit(n), 1).count()", "1"),
    ("isinstance(batch, DataFrame)", "True"),
    ("isinstance(logSchema['severity'].dataType, IntegerType)", "True"),
    ("isinstance(batch.first(), tuple)", "True"),
    ("batch.sparkSession.sql('SELECT 1 AS a').collect()", "[Row(a=1)]"),
    ("isinstance(F.col('x'), (Column, str))", "True"),
    ('"%s: %s" % (logSchema[0].name, logSchema[0].dataType)', "'serverID: StringType()'"),
    ("'{}'.format(batch.first()[0])", "'s1'"),
    ("import json\njson.loads(batch.schema.json())['type']", "'struct'"),
    (
        "try:\n    spark.sql('SELECT 1 FROM nowhere')\nexcept AnalysisException as e:\n    print(isinstance(e, AnalysisException), 'nowhere' in str(e))",
        "True True",
    ),
    (
        "try:\n    batch.select('nothing')\nexcept Exception as e:\n    print(type(e).__class__ if False else 'caught')",
        "caught",
    ),
    ("try:\n    streamingLogData.count()\nexcept PySparkException:\n    print('caught')", "caught"),
    (
        "spark.read.schema(logSchema).csv(s3_log_data_uri + 's1*.csv').select(F.input_file_name()).distinct().count() > 0",
        "True",
    ),
    ("spark.read.schema(logSchema).csv(s3_log_data_uri + 's[12]15.csv').select('serverID').distinct().count()", "2"),
    (
        "spark.read.schema(logSchema).csv(s3_log_data_uri + '{s115,s215}.csv').select('serverID').distinct().count()",
        "2",
    ),
    ("spark.read.schema(logSchema).csv([s3_log_data_uri + 's?15.csv']).count() > 0", "True"),
]
TABLE = """table = spark.sql("SELECT 's1' AS serverID, 1L AS n, 0.123456D AS x UNION ALL SELECT 's2', 2L, 2.5D").toPandas()"""
PANDAS = [
    ("table.set_index('serverID').round(2).loc['s1', 'x']", "0.12"),
    ("table.set_index('serverID').loc['s2', 'n']", "2"),
    ("table.set_index('serverID').loc['s2']['x']", "2.5"),
    ("table.set_index('serverID').reset_index().columns", "['serverID', 'n', 'x']"),
    ("table.iloc[0]['serverID']", "'s1'"),
    ("table.iloc[1, 1]", "2"),
    ("len(table.iloc[0:1])", "1"),
    ("table['x'].iloc[0] < 1", "True"),
    ("table.values.tolist()", "[['s1', 1, 0.123456], ['s2', 2, 2.5]]"),
    ("table['n'].values.tolist()", "[1, 2]"),
    ("table.to_dict('records')", "[{'serverID': 's1', 'n': 1, 'x': 0.123456}, {'serverID': 's2', 'n': 2, 'x': 2.5}]"),
    ("table['n'].to_dict()", "{0: 1, 1: 2}"),
    ("for i, row in table.iterrows():\n    print(i, row['serverID'], row.n)", "0 s1 1\n1 s2 2"),
    ("[(row.Index, row.serverID, row[2]) for row in table.itertuples()]", "[(0, 's1', 1), (1, 's2', 2)]"),
    ("table.rename(columns={'n': 'm'}).columns", "['serverID', 'm', 'x']"),
    ("table.astype({'n': float})['n'].tolist()", "[1.0, 2.0]"),
    ("table.dtypes.tolist()", "['object', 'int64', 'float64']"),
    ("table.describe().loc['mean', 'n']", "1.5"),
    ("table.T.shape", "(3, 2)"),
    ("table['serverID'].unique()", "['s1', 's2']"),
    ("dict(table['n'].items())", "{0: 1, 1: 2}"),
    ("table.sort_values('x', ascending=False).head(1)['serverID'].tolist()[0]", "'s2'"),
    ("table.index", "[0, 1]"),
]


def test_words_around_frames(cell):
    cell("from pyspark.sql import DataFrame, Column\nfrom pyspark.errors import AnalysisException, PySparkException")
    for source, shown in LOOKS:
        assert cell(source).text == shown, source


def test_looking_at_pandas_tables(cell):
    cell(TABLE)
    for source, shown in PANDAS:
        assert cell(source).text == shown, source
    assert cell("table.set_index('serverID').round(1)").table.index.tolist() == ["s1", "s2"]
    twice = "spark.sql('SELECT 1 AS a, 2 AS a').toPandas()"
    for look in ("set_index('a')", "describe()", "iterrows()", "iloc[0]", "to_dict()", "reset_index()"):
        assert "a column twice" in cell.refused(f"{twice}.{look}").message, look


def test_a_stream_from_a_pattern_with_a_name_by_option(cell):
    cell(
        "import os, json\n"
        "stream = spark.readStream.schema(logSchema).csv(os.path.join(s3_log_data_live_uri, '*.csv'))\n"
        "query = (stream.groupBy('serverID').count().writeStream.format('memory').option('queryName', 'by_option')\n"
        "    .outputMode('complete').start())\n"
        "copy_s3_file_to_live_folder('s115.csv')\nquery.processAllAvailable()"
    )
    assert cell("query.name, spark.table('by_option').count()").text == "('by_option', 1)"
    assert cell("json.loads(json.dumps(query.lastProgress, default=str))['name']").text == "'by_option'"
    assert (
        cell("while spark.streams.active:\n    spark.streams.active[0].stop()\nlen(spark.streams.active)").text == "0"
    )


def test_a_stream_from_a_pattern_does_not_read_what_it_writes(cell):
    cell(
        "stream = spark.readStream.schema(logSchema).csv(s3_lab9_output_uri + '*')\n"
        "writer = stream.writeStream.format('csv').option('checkpointLocation', s3_lab9_output_uri + 'c')"
    )
    error = cell.refused("writer.start(s3_lab9_output_uri + 'again')")
    assert "would read what it writes" in error.message


def test_the_session_of_a_batch(cell):
    cell('copy_s3_file_to_live_folder("s115.csv")\nbatch.createOrReplaceTempView("mine")')
    cell(
        "seen = {}\nn = 0\n"
        "def save(df, batch_id):\n"
        "    global n\n"
        "    n += 1\n"
        "    df.createOrReplaceTempView('one_batch')\n"
        "    seen['rows'] = df.sparkSession.sql('SELECT * FROM one_batch').count()\n"
        "    seen['table'] = df.sparkSession.table('one_batch').count()\n"
        "query = streamingLogData.writeStream.foreachBatch(save).start()\nquery.processAllAvailable()\nquery.stop()"
    )
    assert cell("seen['rows'] == seen['table'] > 0, n").text == "(True, 1)"
    for source, words in [
        ("df.sparkSession.sql('SELECT * FROM mine')", "'mine' in the session of a batch"),
        ("df.sparkSession.table('mine')", "'mine' in the session of a batch"),
        ("df.sparkSession.readStream", "'readStream' of a SparkSession"),
        ("df.sparkSession.streams", "'streams' of a SparkSession"),
        ("df.sparkSession.session", "'session' of a SparkSession"),
        ("df.sparkSession.sql('SELECT * FROM text.`/etc/passwd`')", "lab"),
        ("try:\n        df.rdd\n    except Exception:\n        print('hidden')", "'rdd' of a DataFrame"),
    ]:
        cell(f"def save(df, n):\n    {source}\nquery = streamingLogData.writeStream.foreachBatch(save).start()")
        assert words in cell.refused("query.processAllAvailable()").message, source


def test_a_session_of_a_batch_that_is_kept_offers_no_more_later(cell):
    cell(
        'copy_s3_file_to_live_folder("s115.csv")\nkept = []\n'
        "streamingLogData.createOrReplaceTempView('stream_of_logs')\n"
        "def save(df, n):\n    kept.append(df.sparkSession)\n    kept.append(df)\n"
        "query = streamingLogData.writeStream.foreachBatch(save).start()\nquery.processAllAvailable()\nquery.stop()"
    )
    assert "in the session of a batch" in cell.refused("kept[0].table('stream_of_logs')").message
    assert (
        "in the session of a batch" in cell.refused("kept[1].sparkSession.sql('SELECT * FROM stream_of_logs')").message
    )


def test_a_failing_query_is_caught(cell):
    cell('copy_s3_file_to_live_folder("s115.csv")\nfrom pyspark.sql.utils import StreamingQueryException')
    shown = cell(
        "def save(df, n):\n    raise ValueError('full')\n"
        "query = streamingLogData.writeStream.foreachBatch(save).start()\n"
        "try:\n    query.processAllAvailable()\nexcept StreamingQueryException as e:\n    print('full' in str(e))\nfinally:\n    query.stop()"
    ).text
    assert shown == "True"


def test_a_stream_into_a_table_adds_its_rows(cell):
    cell('query = streamingLogData.where("severity = 0").writeStream.toTable("severe")')
    cell('copy_s3_file_to_live_folder("s115.csv")\nquery.processAllAvailable()')
    count = cell('spark.sql("SELECT count(*) AS n FROM severe").first().n').text
    assert count == cell('batch.where("severity = 0").count()').text
    cell("query.stop()")
    # An aggregation cannot run in append mode: Spark says so itself.
    error = cell.refused('streamingLogData.groupBy("serverID").count().writeStream.toTable("counts")')
    assert "append" in error.message
    assert cell("len(spark.streams.active)").text == "0"
