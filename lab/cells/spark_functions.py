"""The allow-list of Spark functions for cells.

It leaves out functions that run foreign code (udf, reflect), that make texts or lists of any length (repeat, sequence,
lpad), that match any regular expression, that compare each value with each other (array_distinct), or that this lab does
not need.
"""

from types import MappingProxyType
from typing import Final


def words(text: str) -> frozenset[str]:
    """Return the words of a text, the form in which vocabularies are written down."""
    return frozenset(text.split())


# Most digits to round to: a scale of a thousand million would keep a core busy for hours.
MAX_SCALE: Final = 38

_AGGREGATES: Final = """
    any_value approx_count_distinct array_agg avg bool_and bool_or collect_list collect_set corr count count_distinct
    count_if countDistinct covar_pop covar_samp every first first_value kurtosis last last_value max max_by mean median
    min min_by mode skewness some std stddev stddev_pop stddev_samp sum sum_distinct try_avg try_sum var_pop var_samp
    variance
"""
_CONDITIONS: Final = """
    coalesce greatest ifnull isnan isnotnull isnull least nanvl nullif nullifzero nvl nvl2 zeroifnull equal_null
"""
_NUMBERS: Final = """
    abs acos asin atan atan2 bin cbrt ceil ceiling cos degrees exp expm1 floor hypot ln log log10 log1p log2 negate
    negative pmod positive pow power radians rint round sign signum sin sqrt tan tanh try_add try_divide try_mod
    try_multiply try_subtract
"""
_TEXTS: Final = """
    ascii btrim char_length character_length concat concat_ws contains endswith initcap instr lcase left length locate
    lower ltrim reverse right rtrim startswith substr substring substring_index trim ucase upper
"""
_TIMES: Final = """
    add_months curdate current_date current_timestamp date_add date_diff date_format date_sub date_trunc datediff day
    dayofmonth dayofweek dayofyear from_unixtime hour last_day make_date minute month months_between next_day now quarter
    second timestamp_seconds to_date to_timestamp to_unix_timestamp trunc try_to_timestamp unix_timestamp weekday
    weekofyear year
"""
_COLLECTIONS: Final = """
    array array_contains array_max array_min array_position array_size array_sort cardinality
    explode named_struct size sort_array struct
"""
_OTHERS: Final = "hash md5 monotonically_increasing_id rand randn sha2 spark_partition_id typeof xxhash64"

# Only in the functions module: what SQL has syntax for, and functions whose arguments are checked.
_ONLY_PYTHON: Final = """
    asc asc_nulls_first asc_nulls_last col column desc desc_nulls_first desc_nulls_last element_at expr input_file_name lit
    split when window
"""
# Only in SQL.
_ONLY_SQL: Final = """
    case cast dense_rank int string double float bigint boolean char_length current_date current_timestamp date if
    input_file_name lag lead rank row_number try_cast
"""
_BOTH: Final = f"{_AGGREGATES} {_CONDITIONS} {_NUMBERS} {_TEXTS} {_TIMES} {_COLLECTIONS} {_OTHERS}"

FUNCTIONS: Final = words(_BOTH) - {"named_struct"} | words(_ONLY_PYTHON)
SQL_FUNCTIONS: Final = words(f"{_BOTH} {_ONLY_SQL}".lower())
TYPES: Final = words(
    """
    ArrayType BooleanType ByteType DataType DateType DecimalType DoubleType FloatType IntegerType LongType MapType NullType
    Row ShortType StringType StructField StructType TimestampNTZType TimestampType VarcharType
    """
)
ADVICE_FOR_SQL: Final = MappingProxyType(
    {
        "range": "Read a table by its name.",
        "countif": "Write count_if(condition).",
        "iff": "Write if(condition, value, other).",
        "len": "Write length(text).",
        "regexp_like": "Use LIKE.",
        "transform": "Use the functions that take plain columns.",
        "java_method": "Nothing outside Spark and your three folders can be reached from a cell.",
        "reflect": "Nothing outside Spark and your three folders can be reached from a cell.",
    }
)
