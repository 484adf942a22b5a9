"""Somebody who knows the lab's code and tries to stop the class: one cell after another, without a break."""

import asyncio

from .person import Person
from .tree import PageError

# Spark may be restarting, or the lab may make this person wait.
RESULT_SECONDS = 150.0
PAUSE_SECONDS = 1.0
_NAME = "Mallory"
# The block of the scratch cell, with its output.
_BLOCK = "scratch"

# Each attempt once ended or blocked a server, or resembles one that did. The vocabulary refuses most of them; the
# others run within limits.
ATTEMPTS = (
    "x = ()\nfor i in range(40000):\n    x = (x,)\n{x}",
    "x = []\nx.append(x)\nprint(x)",
    "d = {i * (2**61 - 1): i for i in range(5000)}",
    "-" * 4900 + "1",
    'spark.sql("SELECT CAST(1 AS DECIMAL(`10)), VALUE FROM TEXT.``/???/??????`` WHERE 1 IN ((1`))").show()',
    "spark.sql('SELECT * FROM text.`/etc/passwd`').show()",
    "spark.sql('SELECT 1' + ' UNION ALL SELECT 1' * 300).show()",
    "spark.sql('SELECT ' + 'struct(' * 20 + '1' + ')' * 20).show()",
    "spark.sql('SELECT ' + '(' * 400 + '1' + ')' * 400).show()",
    "from pyspark.sql import functions as F\nspark.sql('SELECT 1 x').select(F.lit('x' * 60).rlike('x?' * 45 + 'y')).show()",
    "from pyspark.sql import functions as F\nF.lit('1e-100000000').cast('decimal(38,10)')",
    "batch = spark.read.text(s3_log_data_uri)\nspark.sql('SELECT 1 x').select(*['*'] * 3000).select(*['*'] * 3000).count()",
    "from pyspark.sql import functions as F\nf = spark.read.text(s3_log_data_uri)\nfor i in range(4):\n"
    "    f = f.crossJoin(spark.read.text(s3_log_data_uri))\nf.count()",
    "from pyspark.sql import functions as F\nf = spark.read.text(s3_log_data_uri)\nfor i in range(8):\n"
    "    f = f.withColumn('value', F.explode(F.split('value', '')))\nf.count()",
    "from pyspark.sql import functions as F\nf = spark.read.text(s3_log_data_uri)\nfor n in range(2):\n"
    "    for i in range(6):\n        f = f.union(f)\n    f.write.mode('overwrite').text(s3_lab9_output_uri + f'many{n}')\n"
    "    f = spark.read.text(s3_lab9_output_uri + f'many{n}')\n"
    "f = f.select(F.lit(1).alias('k'))\nf.join(f, 'k').join(f, 'k').count()",
    "f = spark.read.text(s3_log_data_uri)\nf.filter(f.value.contains(f.value)).count()",
    "f = spark.read.text(s3_log_data_uri)\nf.write.mode('overwrite').csv(s3_lab9_output_uri + 'a/' * 1200)",
    "f = spark.readStream.text(s3_log_data_live_uri)\nq = f.writeStream.format('text').option('checkpointLocation', "
    "s3_lab9_output_uri + 'c').start(s3_log_data_live_uri)",
    "rows = spark.read.text(s3_log_data_uri).collect()\nkept = [rows * 100 for i in range(100)]",
    "import time\ntime.sleep(9)\ntime.sleep(9)\ntime.sleep(9)",
    "x = 'x' * 9999\nfor i in range(100):\n    print(x)",
    "for i in range(9000):\n    for j in range(9000):\n        pass",
)


class Hostile(Person):
    """Runs the attempts in the scratch cell until the class is over; opens a new page when one breaks."""

    async def attend(self) -> None:
        """Run one attempt after another, again and again."""
        try:
            while True:
                for source in ATTEMPTS:
                    await self._try(source)
        finally:
            await self.leave()

    async def _try(self, source: str) -> None:
        try:
            if not self.is_here:
                await self._enter()
            page = self.page
            await page.write("code-scratch", source)
            await page.press("run-scratch")
            self.book.count("hostile cells")
            if await page.shows(lambda: page.is_settled and page.words(_BLOCK), RESULT_SECONDS):
                self.book.count("hostile cells answered")
        except (PageError, OSError, TimeoutError):
            self.book.count("hostile pages that broke")
            await self.leave()
        await asyncio.sleep(PAUSE_SECONDS)

    async def _enter(self) -> None:
        await self.come()
        await self.page.write("identity-name", f"{_NAME} {self.number}.{self.persons}")
        await self.press("introduce", "use a name", lambda: self.page.is_settled, "the name")

    def _see(self, *_: object) -> None:
        """Ignore what arrives: this person provokes errors."""
