"""The fonts of the PDF: which characters they can show, and where the compiler finds them.

The bundled fonts cover most of the world's living scripts, so a name looks the same on a machine without fonts. Fonts
of the machine are used only for characters that the bundled ones do not have.
"""

import functools
import importlib.metadata
import tempfile
import unicodedata
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Final

import pymupdf_fonts
import typst
from fontTools.ttLib import TTFont, TTLibError

from lab.bucket.folder import explain_os_error
from lab.engine.cache import user_cache
from lab.system import retry_while_in_use

FOLDER: Final = Path(__file__).with_name("fonts")
# In the order in which they are searched for a character. FiraGO: Latin, Greek, Cyrillic, Arabic, Hebrew, Devanagari,
# Georgian, Thai; Droid: Chinese, Japanese, Korean.
FAMILIES: Final = (
    "FiraGO",
    *(
        f"Noto Sans {script}"
        for script in (
            "Armenian",
            "Bengali",
            "Ethiopic",
            "Gujarati",
            "Gurmukhi",
            "Kannada",
            "Khmer",
            "Lao",
            "Malayalam",
            "Myanmar",
            "Oriya",
            "Sinhala",
            "Tamil",
            "Telugu",
        )
    ),
    "Droid Sans Fallback",
    "Noto Sans Math",
    "Symbola",
)
# Keys of `pymupdf_fonts.fontbuffers`.
_PACKAGED: Final = {"figo": "FiraGO-Regular.ttf", "figbo": "FiraGO-Bold.ttf", "math": "NotoSansMath-Regular.ttf"}
# A font of macOS that shows every character as a box.
_LAST_RESORT: Final = "LastResort"
# Characters that affect or separate their neighbours, and are invisible themselves.
_SILENT: Final = frozenset("\n \u00a0\u00ad\u061c\u200b\u200c\u200d\u200e\u200f")


def unshowable(text: str) -> tuple[str, ...]:
    """Return the characters of a text that no font here can show, each once, in the order of the text."""
    rest = _without(text, _bundled_characters())
    return tuple(_without("".join(rest), _machine_characters())) if rest else ()


def fonts_for(text: str) -> typst.Fonts:
    """Return the bundled fonts and, if the text has characters that they lack, those of this machine.

    Raises LabError when the fonts cannot be put where the compiler can read them.
    """
    return _fonts(with_machine=bool(_without(text, _bundled_characters())))


def _without(text: str, characters: frozenset[int]) -> Iterable[str]:
    return [
        each
        for each in dict.fromkeys(text)
        if each not in _SILENT and ord(each) not in characters and not _is_variation_selector(each)
    ]


def _is_variation_selector(character: str) -> bool:
    return "VARIATION SELECTOR" in unicodedata.name(character, "")


@functools.cache
def _fonts(*, with_machine: bool) -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=with_machine,
        include_embedded_fonts=False,
        font_paths=[str(FOLDER), str(_packaged_folder())],
    )


@functools.cache
def _bundled_characters() -> frozenset[int]:
    return _characters(_fonts(with_machine=False))


@functools.cache
def _machine_characters() -> frozenset[int]:
    return _characters(_fonts(with_machine=True))


def _characters(fonts: typst.Fonts) -> frozenset[int]:
    found: set[int] = set()
    for font in fonts.fonts():
        if font.path is None or _LAST_RESORT in Path(font.path).stem.replace(" ", ""):
            continue
        try:
            with TTFont(font.path, fontNumber=font.index, lazy=True) as opened:
                found |= (opened.getBestCmap() or {}).keys()
        except (TTLibError, OSError, KeyError, ValueError, AssertionError):
            # Skip a broken font of this machine.
            continue
    return frozenset(found)


def _packaged_folder() -> Path:
    """Return the folder with the fonts of a Python package, unpacked as files, because the compiler reads only files.

    It is in the user's cache or, for a user without one, a folder that is deleted with this process. Raises LabError
    when there is no room for them.
    """
    version = importlib.metadata.version("pymupdf-fonts")
    folder = user_cache() / f"fonts-{version}"
    try:
        return _unpacked(folder)
    except OSError:
        try:
            return _unpacked(Path(_own_folder().name))
        except OSError as error:
            raise explain_os_error(error, Path(tempfile.gettempdir())) from error


def _unpacked(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for key, name in _PACKAGED.items():
        if not (folder / name).exists():
            # Rename the complete file: another process may be writing or reading it at the same time.
            with tempfile.NamedTemporaryFile(dir=folder, prefix=".", delete=False) as file:
                file.write(pymupdf_fonts.fontbuffers[key]())
            retry_while_in_use(partial(Path(file.name).replace, folder / name))
    return folder


@functools.cache
def _own_folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="spark-streaming-lab-fonts-")
