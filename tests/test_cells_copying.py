"""A notebook's own ways to deliver log files count as deliveries, and can reach nothing else."""

import pytest
from cells_corpus import refused, run

FOLDERS = {"LogData/": ["s115.csv", "s215.csv"], "LogDataLive/": ["s1610.csv"]}


def done(source, names=None):
    """Return what a cell delivers, with "empty" for each time that it empties the live folder."""
    did = []
    _, output = run(
        source, names, deliver=did.append, empty=lambda: did.append("empty"), names_in=lambda folder: FOLDERS[folder]
    )
    return did, output


WAYS = [
    "import boto3\ns3 = boto3.client('s3', region_name='eu-west-1')\n"
    "s3.copy_object(Bucket='b', CopySource={'Bucket': 'b', 'Key': 'LogData/s115.csv'}, Key='LogDataLive/s115.csv')",
    "import boto3\ns3 = boto3.client('s3')\n"
    "s3.copy_object(Bucket='b', CopySource='b/LogData/s115.csv', Key='LogDataLive/' + 's115.csv')",
    "import boto3\ns3 = boto3.resource('s3')\n"
    "s3.meta.client.copy({'Bucket': 'b', 'Key': 'LogData/s115.csv'}, 'b', 'LogDataLive/s115.csv')",
    "import boto3\nbucket = boto3.resource('s3').Bucket('b')\n"
    "bucket.copy({'Bucket': 'b', 'Key': 'LogData/s115.csv'}, 'LogDataLive/s115.csv')",
    "import boto3\ns3 = boto3.resource('s3')\n"
    "s3.Object('b', 'LogDataLive/s115.csv').copy_from(CopySource='b/LogData/s115.csv')",
    "import boto3\nboto3.client('s3').upload_file('LogData/s115.csv', 'b', 'LogDataLive/s115.csv')",
    "import boto\nbucket = boto.connect_s3(host='s3.amazonaws.com').get_bucket('b')\n"
    "bucket.copy_key('LogDataLive/s115.csv', 'b', 'LogData/s115.csv')",
    "import shutil\nshutil.copy('/data/LogData/s115.csv', '/data/LogDataLive/')",
    "from shutil import copyfile\ncopyfile('LogData/s115.csv', 'LogDataLive/s115.csv')",
    "dbutils.fs.cp('s3://b/LogData/s115.csv', 's3://b/LogDataLive/s115.csv')",
]


@pytest.mark.parametrize("source", WAYS)
def test_a_copy_from_log_data_to_the_live_folder_is_a_delivery(source):
    assert done(source)[0] == ["s115.csv"]


@pytest.mark.parametrize(
    "source",
    [
        "import boto3\ns3 = boto3.client('s3')\n"
        "for each in s3.list_objects_v2(Bucket='b', Prefix='LogDataLive/')['Contents']:\n"
        "    s3.delete_object(Bucket='b', Key=each['Key'])",
        "import boto3\nboto3.resource('s3').Bucket('b').objects.filter(Prefix='LogDataLive/').delete()",
        "import boto3\nbucket = boto3.resource('s3').Bucket('b')\n"
        "for each in bucket.objects.filter(Prefix='LogDataLive/').all():\n    each.delete()",
        "import boto3\n"
        "boto3.client('s3').delete_objects(Bucket='b', Delete={'Objects': [{'Key': 'LogDataLive/s1610.csv'}]})",
        "import boto\nfor key in boto.connect_s3().get_bucket('b').list(prefix='LogDataLive/'):\n"
        "    if not str(key).endswith('/>'):\n        key.delete()",
        "dbutils.fs.rm('s3://b/LogDataLive/', True)",
    ],
)
def test_what_is_deleted_in_the_live_folder_empties_it(source):
    assert done(source)[0] == ["empty"]


ATTEMPTS = """
import shutil; shutil.copy('/etc/passwd', 'LogDataLive/passwd')
import shutil; shutil.copy('LogData/s115.csv', '/tmp/s115.csv')
import shutil; shutil.copy('LogData/../../etc/passwd', 'LogDataLive/')
import shutil; shutil.copy('LogData/s115.csv', 'LogDataLive/../x')
import shutil; shutil.copy('LogData/s115.csv', 'LogDataLive/s215.csv')
import shutil; shutil.copy('LogData/', 'LogDataLive/')
import shutil; shutil.copy(['LogData/s115.csv'], 'LogDataLive/')
import shutil; shutil.copy(None, None)
import shutil; shutil.copy()
import shutil; shutil.rmtree('LogDataLive')
import shutil; shutil.os
import shutil; shutil.copy.__globals__
import boto3; boto3.client('ec2')
import boto3; boto3.client()
import boto3; boto3.session
import boto3; boto3.client('s3')._endpoint
import boto3; boto3.client('s3').get_object(Bucket='b', Key='LogData/s115.csv')
import boto3; boto3.client('s3').put_object(Bucket='b', Key='LogDataLive/x.csv', Body='s1,0,1')
import boto3; boto3.client('s3').list_buckets()
import boto3; boto3.client('s3').delete_object(Bucket='b', Key='LogData/s115.csv')
import boto3; boto3.client('s3').delete_object(Bucket='b', Key='store.sqlite')
import boto3; boto3.client('s3').delete_objects(Bucket='b', Delete={'Objects': ['x']})
import boto3; boto3.client('s3').delete_objects(Bucket='b', Delete={'Objects': {}})
import boto3; boto3.client('s3').list_objects_v2(Bucket='b', Prefix='')
import boto3; boto3.client('s3').list_objects_v2(Bucket='b')
import boto3; boto3.client('s3').copy_object(Bucket='b', CopySource={'Key': 'LogData/x'}, Key=['LogDataLive/x'])
import boto3; boto3.resource('s3').Bucket('b').objects.all()
import boto3; boto3.resource('s3').Bucket('b').objects.delete()
import boto3; boto3.resource('s3').Object('b', 'x').delete()
import boto3; boto3.resource('s3').Object('b', 1)
import boto3; boto3.resource('s3').meta.client.meta
import boto; boto.config
dbutils.secrets
dbutils.fs.ls('/')
dbutils.fs.head('LogData/s115.csv')
dbutils.fs.rm('/', True)
dbutils.fs.put('LogDataLive/x', 'y')
dbutils.notebook.run('x')
""".strip().splitlines()


@pytest.mark.parametrize("source", ATTEMPTS)
def test_nothing_else_is_reached(source):
    did = []
    refused(
        source.replace("; ", "\n", 1), deliver=did.append, empty=lambda: did.append("empty"), names_in=lambda _: ["x"]
    )
    assert did == []


@pytest.mark.slow
def test_long_texts_take_no_time_and_a_bucket_holds_little():
    refused("import shutil\nshutil.copy('a/' * 4000 + 'LogData/x', 'LogDataLive/')")
    refused("import boto3\nb = boto3.resource('s3').Bucket('x')\nc = [b] * 9999\nfor x in range(400):\n    print(c)")
