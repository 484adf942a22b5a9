"""The English article follows the sound of a word."""

import pytest

from lab.cells.articles import a


@pytest.mark.parametrize(
    "title",
    [
        "an int",
        "an array<int>",
        "an IntegerType",
        "an interval",
        "an Observation",
        "an unknown name",
        "an upper case",
        "an RDD",
        "an SQLContext",
        "an S3 bucket",
        "an F",
        "an ndarray",
        "a str",
        "a StructType",
        "a NoneType",
        "a union",
        "a UnionType",
        "a user",
        "a UDF",
        "a UserDefinedFunction",
        "a URI",
        "a ufunc",
        "a DataFrame",
        "a float",
        "a ",
    ],
)
def test_each_title_has_its_own(title):
    assert a(title.partition(" ")[2]) == title
    assert a(title.partition(" ")[2], upper=True) == title[0].upper() + title[1:]
