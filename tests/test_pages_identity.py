"""The pages of a learner who enters a name, without a browser."""

import pytest
from paging import fields, learner_of, open_page, press, put, words

from lab import dataset
from lab.bucket import LOG_DATA, LOG_DATA_LIVE
from lab.errors import LabError
from lab.learner.identity import Identity
from lab.learner.progress import Progress
from lab.lesson.numbers import shortest_span, silences_in_words
from lab.lesson.predictions import PREDICTIONS
from lab.lesson.steps import STEPS
from lab.settings import CLASS_CODE
from lab.ui.parts import parts
from lab.ui.shell import PAGES

ADA = Identity("Ada", "cs-101")
IN_USE = f"log files of your own, seed `{ADA.dataset.seed[:8]}…`"
OF_THE_LAB = "In use: the log files of the lab."


@pytest.fixture
def class_code(monkeypatch):
    """Set the teacher's class code."""
    monkeypatch.setenv(CLASS_CODE, ADA.class_code)


def name_field(app):
    """Return the name field of the entrance, which is a form of Streamlit."""
    return next(field for field in app.text_input if field.label == "Your name")


def code_field(app):
    """Return the class code field of the entrance, where the teacher has set the code."""
    return next(field for field in app.text_input if field.label.startswith("Class code"))


def buttons(app):
    return [button.key for button in app.button]


def write(app, name, code=None):
    texts = learner_of(app).texts
    put(texts, "identity-name", name)
    if code is not None:
        put(texts, "identity-class_code", code)


def say(app, name, code=None):
    write(app, name, code)
    app.run()
    assert not app.exception
    return app


def files_shown(app):
    return [code.value for code in app.code if code.value.startswith(("s1,", "s2,"))]


def test_the_start_page_says_who_one_is_and_then_shows_ones_own_log_files(app):
    open_page(app, "start")
    assert OF_THE_LAB in words(app.caption)
    assert "s2 was silent at t1 and at t10" in words(app.markdown)
    say(app, " Ada ", "cs-101 ")
    assert "introduce-anew" not in buttons(app)
    press(app, "introduce")
    learner = learner_of(app)
    assert learner.progress.identity == ADA
    assert IN_USE in words(app.caption)
    assert files_shown(app) == [ADA.dataset.content(name).decode().strip() for name in dataset.FILES]
    frames = [
        frame.value for frame in app.dataframe if list(frame.value.columns) == ["serverID", "severity", "timestamp"]
    ]
    assert [len(frame) for frame in frames] == [len(ADA.dataset.log_file(name).records) for name in dataset.FILES]
    assert f"A server may have no record in a time unit: {silences_in_words(ADA.dataset)}." in words(app.markdown)
    assert "Who you are" in words(app.header)
    assert f"In use: {IN_USE.replace('`', '')}" in words(app.toast)
    # The name is there again when the page is opened again.
    app.switch_page("pages/schema.py").run()
    app.switch_page("pages/start.py").run()
    assert fields(app)["identity-name"] == "Ada"
    assert fields(app)["identity-class_code"] == "cs-101"


def test_what_is_only_written_is_said_to_be_kept_by_the_button(app):
    open_page(app, "start")
    assert "not in use yet" not in words(app.caption)
    say(app, "Ada")
    assert "What you wrote is not in use yet: press the button." in words(app.caption)
    press(app, "introduce")
    assert "not in use yet" not in words(app.caption)


def test_a_name_alone_leaves_the_files_as_they_are(app):
    open_page(app, "start")
    learner = learner_of(app)
    learner.workspace.deliver(*dataset.FIRST.files)
    say(app, "Ada")
    press(app, "introduce")
    assert learner.progress.identity == Identity("Ada")
    assert OF_THE_LAB in words(app.caption)
    assert len(learner.workspace.bucket.list(LOG_DATA_LIVE)) == 2


def test_what_would_be_lost_is_said_before_on_a_button_of_its_own(app):
    open_page(app, "start")
    learner = learner_of(app)
    learner.workspace.deliver(*dataset.FIRST.files)
    # The press arrives together with the text, on the button that was harmless until then.
    write(app, "Ada", "cs-101")
    app.button(key="introduce").click().run()
    assert not app.exception
    assert learner.progress.identity == Identity()
    assert app.button(key="introduce-anew").label == "Use this, and start over"
    assert f"You would then have {IN_USE}" in words(app.warning)
    assert "stops your queries" in words(app.warning)
    press(app, "introduce-anew")
    assert learner.progress.identity == ADA
    assert list(learner.workspace.bucket.list(LOG_DATA_LIVE)) == []
    assert not app.warning


@pytest.mark.parametrize("begun", ["scratch", "step", "result", "own file", "changed file"])
def test_whatever_would_be_lost_counts_as_begun(app, begun):
    open_page(app, "start")
    learner = learner_of(app)
    match begun:
        case "scratch":
            learner.run_scratch("1")
        case "step":
            learner.run(STEPS["schema"])
        case "result":
            learner.progress.check_result("log-first")
        case "own file":
            learner.workspace.bucket.write(LOG_DATA + "own.csv", b"s1,2,1\n")
        case "changed file":
            learner.workspace.bucket.write(LOG_DATA + "s115.csv", b"s1,2,1\n")
    say(app, "Ada", "cs-101")
    assert "introduce-anew" in buttons(app)
    assert "introduce" not in buttons(app)


def test_a_name_that_is_none_is_refused_with_a_sentence(app):
    open_page(app, "start")
    say(app, "Ada\u202e")
    assert "The name has a character that nobody sees, U+202E, in place 4." in words(app.error)
    assert not {"introduce", "introduce-anew"} & set(buttons(app))
    assert OF_THE_LAB in words(app.caption)


def test_a_change_that_is_refused_is_a_sentence(app, monkeypatch):
    open_page(app, "start")
    say(app, "Ada", "cs-101")

    def fail(*_):
        raise LabError("It cannot be kept.", "See to the database.")

    monkeypatch.setattr("lab.store.Store.save", fail)
    app.button(key="introduce").click().run()
    assert "It cannot be kept. See to the database." in words(app.error)
    assert OF_THE_LAB in words(app.caption)


def test_what_another_tab_has_said_is_followed(app):
    open_page(app, "start")
    learner_of(app).introduce(ADA)
    app.run()
    assert fields(app)["identity-name"] == "Ada"
    assert IN_USE in words(app.caption)
    app.checkbox(key="forget").check().run()
    press(app, "start-over")
    assert fields(app)["identity-name"] == ""
    assert OF_THE_LAB in words(app.caption)


def test_without_a_class_code_of_the_teacher_no_page_asks_for_a_name(app):
    for name, _, _ in PAGES:
        open_page(app, name)
        assert "Your class works with" not in words(app.markdown)
        assert ("introduce" in buttons(app)) == (name == "start")


def test_in_a_class_every_page_first_asks_for_the_name_and_the_code(class_code, app):
    for name, _, _ in PAGES:
        open_page(app, name)
        assert "Who are you?" in words(app.markdown)
        assert code_field(app).value == ""
        # The page never reveals the code.
        assert ADA.class_code not in words([*app.markdown, *app.caption, *app.text_input])
        assert len(app.button) == 1
    for who, code, said in (
        ("", ADA.class_code, "Your name is still missing."),
        ("Ada", "cs-102", "That is not the code of this class."),
        ("Ada\u202e", ADA.class_code, "a character that nobody sees"),
    ):
        name_field(app).input(who)
        code_field(app).input(code)
        app.button[0].click().run()
        assert said in words(app.error)
        assert not app.exception
    name_field(app).input("Ada")
    code_field(app).input("CS-101 ")
    app.button[0].click().run()
    assert learner_of(app).progress.identity == ADA
    for name, _, _ in PAGES:
        open_page(app, name)
        assert "Who are you?" not in words(app.markdown)
    app.switch_page("pages/start.py").run()
    assert code_field(app).disabled
    assert IN_USE in words(app.caption)


def test_a_name_is_shown_and_never_becomes_markdown(app):
    open_page(app, "start")
    say(app, "![x](http://example.org/x.png) **b**", "cs-101")
    press(app, "introduce")
    everything = " ".join(str(element.value) for element in [*app.markdown, *app.caption, *app.toast])
    assert "example.org" not in everything


def test_the_numbers_on_the_pages_are_those_of_the_learners_log_files(app):
    open_page(app, "schema")
    for identity in (Identity(), ADA):
        learner_of(app).introduce(identity)
        own = identity.dataset
        open_page(app, "schema")
        records = own.log_file("s115.csv").records
        assert f"{len(records) - 1} rows here instead of {len(records)}" in words(app.markdown)
        assert f"`{records[0].timestamp}` is no date" in words(app.markdown)
        open_page(app, "volume_report")
        short = shortest_span(own)
        span = f"{short.server} runs from t{short.first} to t{short.last}: {short.units} units."
        assert f"In the first pair, {span}" in words(app.markdown)
        learner = learner_of(app)
        for pair in dataset.PAIRS:
            learner.progress.predict(f"{pair.name}-pair", "0.5")
            learner.workspace.deliver(*pair.files)
            app.run()
            assert PREDICTIONS[f"{pair.name}-pair"].then(own) in words(app.info)
    assert len({shortest_span(own) for own in (dataset.SHIPPED, ADA.dataset)}) == 2


def test_the_original_that_is_put_back_is_the_learners_own(app):
    open_page(app, "volume_report")
    learner = learner_of(app)
    learner.introduce(ADA)
    bucket = learner.workspace.bucket
    app.run()
    app.selectbox(key="single-file").select("s115.csv").run()
    assert "take-back" not in buttons(app)
    bucket.write(LOG_DATA + "s115.csv", dataset.SHIPPED.content("s115.csv"))
    app.run()
    press(app, "take-back")
    assert bucket.read(LOG_DATA + "s115.csv") == ADA.dataset.content("s115.csv")


def test_other_log_files_in_the_bucket_are_pointed_out_and_replaced_when_one_says_so(app):
    open_page(app, "schema")
    learner = learner_of(app)
    learner.introduce(ADA)
    bucket = learner.workspace.bucket
    for name in dataset.FILES:
        bucket.write(LOG_DATA + name, dataset.SHIPPED.content(name))
    learner.bucket_set_up._ask_again_at = 0
    app.run()
    assert "There are other log files in your bucket" in words(app.markdown)
    assert "set-up" not in buttons(app)
    assert bucket.read(LOG_DATA + "s115.csv") == dataset.SHIPPED.content("s115.csv")
    press(app, "own-log-files")
    assert bucket.read(LOG_DATA + "s115.csv") == ADA.dataset.content("s115.csv")
    assert "There are other log files" not in words(app.markdown)


def test_what_a_learner_must_be_told_is_said_on_every_page_until_they_have_read_it(app):
    open_page(app, "start")
    learner_of(app).progress.tell("This was changed elsewhere.")
    for name in ("start", "schema"):
        open_page(app, name)
        assert "This was changed elsewhere." in words(app.warning)
    press(app, "dismiss-notice")
    assert "This was changed elsewhere." not in words(app.warning)


def test_of_two_names_said_on_two_servers_the_one_that_was_overtaken_stays_in_its_field(app):
    open_page(app, "start")
    learner = learner_of(app)
    other = Progress(parts().classroom._store, learner.id)
    other.introduce(Identity("Grace"))
    # Without opening the page again, which would load the newer state.
    put(learner.texts, "identity-name", "Ada")
    app.run()
    press(app, "introduce")
    assert "changed elsewhere" in words(app.warning)
    # The field still has the text that was written here, and says that it is not in use.
    assert (fields(app)["identity-name"], learner.progress.identity) == ("Ada", Identity("Grace"))
    assert "not in use yet" in words(app.caption)
    app.switch_page("pages/schema.py").run()
    assert "changed elsewhere" in words(app.warning)
