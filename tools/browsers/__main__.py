"""Does the lab in the browsers that the tests do not have: Firefox ESR and WebKitGTK, driven by Selenium.

    python -m tools.browsers
    python -m tools.browsers --only firefox --pictures pictures/

It starts a lab. In one browser after the other, a person does it from the first page to the executed notebook. It needs
the packages of `.ci/requirements.txt` and `tests/requirements.txt`, and the programs that `drivers.py` names. It exits
with 1 if a check failed, and with 2 if a browser could not be tried.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Final

from tools.browsers.drivers import BROWSERS, Browser, missing_of, opened
from tools.browsers.lap import do_lap
from tools.browsers.person import Person
from tools.server.table import Table, say

ROOT: Final = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
from browsing import Server  # noqa: E402


def main() -> int:
    """Try the browsers; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.browsers", description=__doc__.partition("\n")[0])
    parser.add_argument("--only", choices=list(BROWSERS), help="one of them")
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="keep pictures of the pages there")
    options = parser.parse_args()
    chosen = [BROWSERS[options.only]] if options.only else list(BROWSERS.values())
    missing = [line for browser in chosen for line in missing_of(browser)]
    if missing:
        say("\n".join(dict.fromkeys(missing)))
        return 2
    table = Table()
    with tempfile.TemporaryDirectory(prefix="lab-browsers-") as folder:
        server = Server(LAB_STORE=f"sqlite:///{folder}/lab.sqlite")
        try:
            for browser in chosen:
                _try(browser, server.url, table, options.pictures or Path(folder), Path(folder))
        finally:
            server.stop()
        table.row("the server has raised nothing", "Traceback" not in "".join(server.said))
    return int(table.failed > 0)


def _try(browser: Browser, url: str, table: Table, pictures: Path, work: Path) -> None:
    """Do the lab in one browser; an error becomes a row of the table, so that the next browser is still tried."""
    downloads = work / browser.name
    for place in (downloads, pictures):
        place.mkdir(parents=True, exist_ok=True)
    with opened(browser, downloads) as driver:
        say(f"\n{browser.title} {driver.capabilities.get('browserVersion', '')}")
        person = Person(driver, url)
        try:
            do_lap(person, table, pictures / browser.name, downloads if browser.downloads else None)
        except Exception as error:
            person.picture(pictures / f"{browser.name}-failed.png")
            table.row("the lap", held=False, seen=f"{type(error).__name__}: {error}".splitlines()[0])


if __name__ == "__main__":
    sys.exit(main())
