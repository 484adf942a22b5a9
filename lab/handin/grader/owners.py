"""The owner of a file and the attempt, from the names of the file and its folders; the file is not read."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from lab.variants import canonical_name

MAX_NAME: Final = 100
# Characters of a path. A longer one is not searched, and has no owner.
_MAX_PLACE: Final = 2_000
# The endings of notebooks, longest first: some browsers and mail programs append one of their own.
ENDINGS: Final = (".ipynb.json", ".ipynb.txt", ".ipynb")
_DASHES: Final = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_MOODLE: Final = re.compile(r"(?P<who>.+?)_(?P<id>\d+)_assignsubmission_[a-z]+(?:_(?P<file>.*))?", re.IGNORECASE)
# A name with only one number may be a course and its year instead of an account.
_CANVAS: Final = re.compile(
    r"(?P<who>[^_]*[^\W\d_][^_]*)_(?:LATE_)?(?P<id>\d{3,})(?:_(?P<number>\d{3,}))?_(?P<file>.+)", re.IGNORECASE
)
# Blackboard adds a receipt, `.txt`, whose name does not end with the name of a file.
_BLACKBOARD: Final = re.compile(
    r"(?:.*_)?(?P<who>[^_]+)_attempt_(?P<when>\d{4}(?:-\d{2}){5})(?:_(?P<file>.+)|\.txt)", re.IGNORECASE
)
# A folder for each submission, with a number and no name.
_GRADESCOPE: Final = re.compile(r"submission_(?P<id>\d+)", re.IGNORECASE)
_LAB: Final = re.compile(r"(?<![^\W_])lab[ _-]*0?8(?![0-9])", re.IGNORECASE)
# What Jupyter, browsers, file managers and users append to the name of a copy.
_COPY: Final = re.compile(
    r"[ _-]*\((?P<number>\d{1,3})\)$|[ _-]+(?:copy ?(?P<copy>\d{0,3})|(?P<final>final)|v(?P<version>\d{1,2}))$",
    re.IGNORECASE,
)
_COPY_OF: Final = re.compile(r"copy of ", re.IGNORECASE)
_FINAL: Final = 99
# The number of an attempt in Canvas; without Canvas, it may be a part of the name.
_COUNT: Final = re.compile(r"-(?P<number>\d{1,2})$")
_NO_NAMES: Final = frozenset({"yourname", "my", "the", "spark", "sparkstreaming", "streaming", "untitled"})
_NAME: Final = re.compile(r"[^\W\d_][^\d_]*")
# Where one word of `JaneDoe` ends.
_HUMP: Final = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])")


@dataclass(frozen=True)
class Owner:
    """What a file's name and folders say about its owner.

    `named` is the learner's name in the file's name, `listed` the one from Moodle, Blackboard or Canvas; each is empty
    if there is none. `account` is the platform with the learner's number or login, for Gradescope the number of the
    submission; empty without a platform. `attempt` orders the attempts of one learner, newest last: the platform's
    number or time, then the number of the copy.
    """

    named: str = ""
    listed: str = ""
    account: str = ""
    attempt: tuple[int, int] = (0, 0)

    @property
    def name(self) -> str:
        """The best name that is known without opening the file."""
        return self.named or self.listed


def owner_in(place: str) -> Owner:
    """Return the owner of a file from its path, i.e. its folders and its name, such as `Jane Doe_12_…/lab8.ipynb`."""
    if len(place) > _MAX_PLACE:
        return Owner()
    *folders, file = (_DASHES.sub("-", unicodedata.normalize("NFC", part)) for part in place.split("/"))
    listed = account = ""
    number = 0
    numbered_by_canvas = False
    if found := _last(_MOODLE, folders) or _MOODLE.fullmatch(file):
        listed, account = found["who"], f"Moodle {found['id']}"
        file = (found["file"] or "") if found.string == file else file
    elif found := _BLACKBOARD.fullmatch(file) or _last(_BLACKBOARD, folders):
        listed, account = found["who"], f"Blackboard {found['who']}"
        number = int(found["when"].replace("-", ""))
        file = (found["file"] or "") if found.string == file else file
    elif found := _last(_GRADESCOPE, folders):
        account = f"Gradescope {found['id']}"
    elif found := _canvas(file) or _last(_CANVAS, folders):
        if found["number"]:
            listed, account, number = found["who"], f"Canvas {found['id']}", int(found["number"])
            numbered_by_canvas = True
        file = found["file"] if found.string == file else file
    named, copy = _named(_without_ending(file), numbered=numbered_by_canvas)
    return Owner(named, _blank(listed), account, (number, copy))


def squashed(name: str) -> str:
    """Return a name reduced to letters and digits: `Jane Doe`, `jane_doe` and `JaneDoe` become the same."""
    return "".join(filter(str.isalnum, canonical_name(name)))


def without_count(name: str) -> tuple[str, int]:
    """Return a name without the number at its end, and that number; 0 if there is none."""
    found = _COUNT.search(name)
    return (name[: found.start()], int(found["number"])) if found and found.start() else (name, 0)


def spellings(name: str) -> tuple[str, ...]:
    """Return the spellings under which a learner may have entered a name, the given one first; case does not matter."""
    words = re.split(r"[\s_,-]+", _HUMP.sub(" ", name).strip(" _,-"))
    orders = (words, [*words[1:], words[0]], [words[-1], *words[:-1]]) if len(words) > 1 else ()
    found = [name, *(joint.join(order) for order in orders for joint in (" ", "", "-", "_"))]
    return _once(found)


def split_names(last_first: str) -> tuple[str, ...]:
    """Return the names that Canvas's `lastfirst` may stand for: first and last name, split at every position."""
    return tuple(f"{last_first[at:]} {last_first[:at]}" for at in range(1, len(last_first)))


def _once(names: list[str]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(canonical_name(name), name)
    return tuple(found.values())


def _last(pattern: re.Pattern[str], folders: list[str]) -> re.Match[str] | None:
    """Return the match of a platform's innermost folder; for Canvas, that is a zip whose name has both numbers."""
    found = filter(None, map(pattern.fullmatch, reversed(folders)))
    return next((each for each in found if pattern is not _CANVAS or each["number"]), None)


def _canvas(file: str) -> re.Match[str] | None:
    found = _CANVAS.fullmatch(file)
    return None if found and (_LAB.fullmatch(found["who"]) or found["who"].lower() == "lab") else found


def _without_ending(file: str) -> str:
    ending = next((each for each in (*ENDINGS, ".zip") if file.lower().endswith(each)), "")
    return file[: len(file) - len(ending)] if ending else file.rpartition(".")[0]


def _named(stem: str, *, numbered: bool) -> tuple[str, int]:
    """Return the learner's name in a file's name (without ending), and the number of the copy; of several, the last."""
    copy = 0
    if _COPY_OF.match(stem):
        stem, copy = _COPY_OF.sub("", stem, count=1), 1
    marks: list[int] = []
    while found := _COPY.search(stem) or (_COUNT.search(stem) if numbered and not marks else None):
        said = found.groupdict()
        marks.append(_FINAL if said.get("final") else int(next(filter(None, said.values()), "1")))
        stem = stem[: found.start()]
    copy = marks[0] if marks else copy
    lab = _LAB.search(stem)
    if not lab:
        return "", copy
    after, before = _blank(stem[lab.end() :]), _blank(stem[: lab.start()])
    return _real(after) if after else _real(before) if _NAME.fullmatch(before) else "", copy


def _real(name: str) -> str:
    return "" if squashed(name) in {"", *_NO_NAMES} else name


def _blank(text: str) -> str:
    return " ".join(text.replace("_", " ").strip(" -.,").split())[:MAX_NAME]
