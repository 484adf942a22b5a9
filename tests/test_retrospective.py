"""The retrospective's PDF: all text of a learner is in it unchanged and on the page, and nothing else is."""

import os
import subprocess
import sys
import unicodedata
from datetime import UTC, datetime

import numpy as np
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.errors import LabError
from lab.handin.retrospective import fonts
from lab.handin.retrospective.pdf import Retrospective, filled, missing, to_pdf, to_pictures, unshowable
from lab.handin.retrospective.typesetting import MAX_INDENTATION, cleaned, paragraphs, pieces
from lab.learner.progress import Progress
from lab.learner.retrospective import MAX_CHARACTERS
from lab.store import Store

MADE = datetime(2026, 11, 24, 20, 15, tzinfo=UTC)
RECEIPT = (
    ("Log files", "shipped"),
    ("This text", "sha256 " + "2c26b46b68ffc68f" * 4),
    ("Made", "2026-11-24 20:15 UTC"),
)
NAMES = (
    "Zoë Ångström",
    "Nguyễn Thị Ánh",
    "Ελένη Παπαδοπούλου",
    "Юлия Щербакова",
    "محمد الفارسي",
    "שרה כהן",
    "अनुष्का शर्मा",
    "สมชาย ใจดี",
    "გიორგი",
    "Արամ Խաչատրյան",
    "王小明",
    "山田 太郎",
    "김민수",
    "বাংলা",
    "தமிழ்",
    "తెలుగు",
    "ಕನ್ನಡ",
    "മലയാളം",
    "ગુજરાતી",
    "ਪੰਜਾਬੀ",
    "ଓଡ଼ିଆ",
    "සිංහල",
    "ខ្មែរ",
    "ລາວ",
    "မြန်မာ",
    "አበበ",
    "😀🎉👍🏽🔥✅❤️",
)
# Points; 72 are an inch.
A4 = (595, 842)
MARGIN = 70


@pytest.fixture
def alone(monkeypatch):
    """Hide the fonts of this machine."""
    monkeypatch.setattr(fonts, "_machine_characters", frozenset)


def document(retrospective, receipt=RECEIPT):
    return pypdfium2.PdfDocument(to_pdf(retrospective, receipt, made=MADE))


def text_of(pdf):
    return "\n".join(page.get_textpage().get_text_range() for page in pdf).replace("\r\n", "\n")


def letters(text):
    """Return a text's letters, independent of order, line breaks, and the encoding of accents."""
    normal = unicodedata.normalize("NFKD", text)
    return {each for each in normal if not each.isspace() and unicodedata.category(each) not in {"Cf", "Mn"}}


def ink(pdf):
    """Return the printed area of each page: left, top, right, bottom, in points."""
    found = []
    for page in pdf:
        dark = np.asarray(page.render(scale=1).to_pil().convert("L")) < 200
        rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
        found.append((columns[0], rows[0], columns[-1], rows[-1]))
    return found


# --- what is in it


def test_the_four_parts_and_the_receipt_are_there_under_their_headings():
    pdf = document(Retrospective("Ada Lovelace", "1 h 25 min", "Sorting a stream.", "A plan is no query."))
    text = text_of(pdf)
    said = [
        "Retrospective",
        "Spark Streaming for log processing",
        "Ada Lovelace · 24 November 2026",
        "Name\nAda Lovelace",
        "Time spent\n1 h 25 min",
        "Challenging or confusing\nSorting a stream.",
        "Takeaways\nA plan is no query.",
        "Receipt\nLog files shipped",
        "Made 2026-11-24 20:15 UTC",
        "1 / 1",
    ]
    places = [text.find(each) for each in said]
    assert -1 not in places, dict(zip(said, places, strict=True))
    metadata = pdf.get_metadata_dict()
    assert metadata["Title"] == "Retrospective: Spark Streaming for log processing"
    assert metadata["Author"] == "Ada Lovelace"
    assert metadata["CreationDate"] == "D:20261124201500Z"
    assert len(pdf) == 1
    assert tuple(map(round, pdf[0].get_size())) == A4


def test_it_is_tagged_for_who_does_not_see_it():
    pdf = to_pdf(Retrospective("Ada"), made=MADE)
    assert b"/MarkInfo" in pdf
    assert b"/StructTreeRoot" in pdf
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_shown_without_a_font_of_this_machine(name, alone):
    assert unshowable(name) == ()
    pdf = document(Retrospective(name, takeaways=f"I am {name}."))
    shown = letters(text_of(pdf))
    # Skin tones are left out: in black and white they would be a colour swatch.
    assert letters(name) - {"🏽"} <= shown
    assert cleaned(name) in pdf.get_metadata_dict()["Author"]


def test_words_from_right_to_left_begin_on_the_right(alone):
    pdf = document(Retrospective(challenges="كان الترتيب صعبا جدا: Spark يرفض\n\nThen in English."), ())
    page = pdf[0].get_textpage()
    boxes = {
        word: page.get_charbox(page.get_text_range().replace("\r\n", "\n\n").find(word)) for word in ("Spark ي", "Then")
    }
    left, right = boxes["Then"][0], boxes["Spark ي"][2]
    assert left < 100
    # The Latin word is in the middle of the line, to the left of the text that precedes it.
    assert right < 480
    dark = np.asarray(pdf[0].render(scale=1).to_pil().convert("L")) < 128
    line = dark[int(A4[1] - boxes["Spark ي"][3]) - 2 : int(A4[1] - boxes["Spark ي"][1]) + 2]
    assert np.flatnonzero(line.any(axis=0))[-1] > A4[0] - 90


HOSTILE = (
    '#read("/etc/passwd")',
    "$x^2$ *a* _b_ `c` <label> @ref",
    "// no comment /* nor this */",
    "back\\slash \\u{41} ~ -- ... [x]",
    '= Heading\n- item\n#import "@preview/x:1.0.0": *',
    '"}],"title":"mine"',
    "<b>x</b> &amp; %s {0} ${y}",
    "single ' and double \" quotes",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_looks_like_markup_is_text(text):
    everywhere = Retrospective(text, text, text, text)
    shown = text_of(document(everywhere, ((text, text),)))
    for line in text.split("\n"):
        assert shown.count(line) >= 4, shown
    assert "root:" not in shown


def test_lines_and_paragraphs_stay_as_they_were_written():
    shown = text_of(document(Retrospective(challenges="one\ntwo\r\n\r\n\n  three\tfour", takeaways="- a\n- b")))
    assert "one\ntwo\n" in shown
    assert "- a\n- b\n" in shown
    assert [len(paragraph.lines) for paragraph in paragraphs(cleaned("one\ntwo\r\n\r\n\n  three"))] == [2, 1]


def test_spaces_that_indent_code_are_kept():
    assert len(pieces(" " * 500 + "a")[0]) == MAX_INDENTATION + 1
    assert pieces("    a = 1") == ("\u00a0\u00a0\u00a0\u00a0a = 1",)


def test_controls_are_taken_out_and_accents_joined():
    assert cleaned("a\x00b\x1b[0m\u202ec\u2066d\ufeff\x0be\u2028f\ud800") == "ab[0mcd\ne\nf"
    assert cleaned("Zoe\u0308") == "Zoë"
    # Without these characters, Persian and Hindi words look different.
    assert cleaned("\u0645\u06cc\u200c\u062e") == "\u0645\u06cc\u200c\u062e"


# --- what no font can show


def test_characters_that_no_font_has_are_named_and_spelled_out(alone):
    assert unshowable("a𒀀b𠮷𒀀", "é\n\u200d\ufe0f") == ("𒀀", "𠮷")
    shown = text_of(document(Retrospective("𒀀", takeaways="see 𠮷 there")))
    assert "[U+12000]" in shown
    assert "see [U+20BB7] there" in shown


def test_a_font_that_promises_more_than_it_has_costs_the_standard_not_the_pdf(monkeypatch):
    monkeypatch.setattr(fonts, "_bundled_characters", lambda: frozenset(range(0x110000)))
    pdf = to_pdf(Retrospective("𒀀"), made=MADE)
    assert b"pdfuaid" not in pdf
    assert len(pypdfium2.PdfDocument(pdf)) == 1


@pytest.mark.parametrize("character", ["\u0378", "\ue000", "\U0010ffff", "\ufdd0"])
def test_what_is_no_character_is_not_shown_as_one(character, alone):
    assert unshowable(character) == (character,)


# --- on the page


WIDE = {
    "a long word": "x" * 3000,
    "an address": "https://example.org/" + "a-path/with?a=query&" * 40,
    "an address without marks": "https://example.org/" + "Q" * 500,
    "a hash": "2c26b46b" * 30,
    "Thai that is no language": "ก" * 2000,
    "Chinese": "王" * 2000,
    "Korean": "김" * 500,
    "Arabic": "ب" * 1000,
    "emoji": "🔥" * 300,
    "accents": "e\u0301\u0323" * 500,
    "wide letters": ("W" * 29 + " ") * 30,
    "underscores": "_" * 500,
    "no-break spaces": "a\u00a0" * 500,
    "an indented line": "x\n" + " " * 500 + "y " * 60,
}


@pytest.mark.parametrize("text", WIDE.values(), ids=WIDE.keys())
def test_nothing_runs_off_the_page(text):
    pdf = document(Retrospective(text[:200], text[:200], text, f"before {text}"), (("Notebook", text[:300]),))
    for left, top, right, bottom in ink(pdf):
        assert left >= MARGIN
        assert top >= MARGIN
        assert right <= A4[0] - MARGIN
        assert bottom <= A4[1] - 40


def test_long_texts_go_on_on_more_pages_with_their_numbers():
    sentence = "Each delivery becomes one batch, and the report follows. "
    short, long = (document(Retrospective("Ada", challenges=sentence * number)) for number in (5, 250))
    assert len(short) == 1
    assert len(long) >= 4
    for number, page in enumerate(long, start=1):
        assert f"{number} / {len(long)}" in page.get_textpage().get_text_range()
    shown = " ".join(text_of(long).split())
    assert shown.count("the report follows.") >= 245
    assert len(ink(long)) == len(long)


def test_a_text_that_is_too_long_is_refused_with_a_sentence():
    with pytest.raises(LabError, match=r'"Takeaways" has 1,000,000 characters, and may have 20,000\. Shorten it\.'):
        to_pdf(Retrospective(takeaways="x" * 1_000_000))
    assert to_pdf(Retrospective(*["x " * (MAX_CHARACTERS // 2)] * 4))


def test_an_empty_retrospective_says_so_and_is_missing_everything():
    assert missing(Retrospective()) == ("Your name", "Time spent", "Challenging or confusing", "Takeaways")
    assert missing(Retrospective("Ada", "1 h", "\n \u200e", "x")) == ("Challenging or confusing",)
    assert missing(Retrospective("Ada", "1 h", "a", "b")) == ()
    assert text_of(document(Retrospective())).count("Nothing was written here.") == 4


# --- always the same, whatever is written


def test_the_same_input_gives_the_same_bytes_in_another_process_too():
    retrospective = Retrospective(*NAMES[:4])
    once = to_pdf(retrospective, RECEIPT, made=MADE)
    assert to_pdf(retrospective, RECEIPT, made=MADE) == once
    program = (
        "import sys; from datetime import datetime, UTC; from lab.handin.retrospective.pdf import *\n"
        "sys.stdout.buffer.write("
        f"to_pdf(Retrospective(*{NAMES[:4]!r}), {RECEIPT!r}, made=datetime(2026, 11, 24, 20, 15, tzinfo=UTC)))"
    )
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout
    assert other == once
    assert to_pdf(Retrospective(*NAMES[1:5]), RECEIPT, made=MADE) != once


@settings(max_examples=120)
@given(st.text(max_size=80), st.text(max_size=300), st.text(max_size=80))
def test_any_text_makes_a_pdf_in_which_every_glyph_is_a_character(name, text, label):
    """PDF/UA, which is requested, does not allow a glyph for a missing character: the compiler would refuse."""
    pdf = document(Retrospective(name, text, text, name), ((label, text),))
    assert len(pdf) >= 1


@given(st.text(max_size=400))
def test_pieces_put_together_are_the_line(text):
    line = cleaned(text).replace("\n", " ")
    assert "".join(pieces(line)) == line


@given(st.text(alphabet="aéب\u0301\u200d\n /-", max_size=300))
def test_cleaning_twice_changes_nothing(text):
    assert cleaned(cleaned(text)) == cleaned(text)


def test_pictures_are_those_of_the_pages():
    pictures = to_pictures(Retrospective("Ada", challenges="a line\n" * 120), made=MADE)
    pdf = document(Retrospective("Ada", challenges="a line\n" * 120), ())
    assert len(pictures) == len(pdf) > 1
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)


# --- what a learner has written so far


def test_a_name_and_a_time_that_were_not_written_are_filled_in(tmp_path):
    store = Store(f"sqlite:///{tmp_path}/lab.sqlite")
    now = [0.0]
    progress = Progress(store, "1" * 32, lambda: now[0])
    progress.write_scratch("1")
    now[0] = 500.0
    progress.write_retrospective(Retrospective(takeaways="Much."))
    assert filled(progress, "Ada") == Retrospective("Ada", "8 min", "", "Much.")
    progress.write_retrospective(Retrospective("Zoë", "2 h", "", "Much."))
    assert filled(progress, "Ada") == Retrospective("Zoë", "2 h", "", "Much.")
    store.close()


def test_fonts_are_whole_however_many_processes_unpack_them_at_once(tmp_path, monkeypatch):
    monkeypatch.setenv("LAB_CACHE", str(tmp_path))
    program = "from lab.handin.retrospective.fonts import _packaged_folder as f; print(f())"
    running = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) for _ in range(3)]
    folders = {process.communicate(timeout=60)[0].strip() for process in running}
    assert len(folders) == 1
    folder = next(iter(folders))
    assert folder.startswith(str(tmp_path))
    kept = sorted(path.name for path in tmp_path.glob("fonts-*/*"))
    assert kept == ["FiraGO-Bold.ttf", "FiraGO-Regular.ttf", "NotoSansMath-Regular.ttf"]


def test_who_has_no_cache_gets_the_same_pdf_and_nothing_stays_behind(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "temporary").mkdir()
    program = (
        "import sys; from datetime import datetime, UTC; from lab.handin.retrospective.pdf import *\n"
        "sys.stdout.buffer.write(to_pdf(Retrospective('Zoë'), made=datetime(2026, 11, 24, 20, 15, tzinfo=UTC)))"
    )
    without = os.environ | {"LAB_CACHE": str(tmp_path / "file"), "TMPDIR": str(tmp_path / "temporary")}
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, env=without).stdout
    assert shown == to_pdf(Retrospective("Zoë"), made=MADE)
    assert list((tmp_path / "temporary").iterdir()) == []


def test_no_room_for_the_fonts_at_all_is_explained(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "file"))
    monkeypatch.setattr(fonts, "_own_folder", fonts._own_folder.__wrapped__)
    with pytest.raises(LabError) as raised:
        fonts._packaged_folder()
    assert str(tmp_path) in str(raised.value)
