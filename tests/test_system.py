"""Differences between Windows, macOS and Linux; each is tested here as far as this system allows."""

import io
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path, PurePosixPath, PureWindowsPath
from types import SimpleNamespace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lab.bucket import FOLDERS, LOG_DATA, require_usable_name
from lab.bucket.folder import FolderBucket, _parts, local_path, spark_address
from lab.engine.cluster import Cluster, named_cluster
from lab.engine.java import Java, class_path, java_command, start_jvm
from lab.engine.master import Master
from lab.engine.settings import JVM_FLAGS, LOCAL_FILES, MODULE_FLAGS, OWN_JAR, spark_settings
from lab.errors import LabError
from lab.settings import Settings
from lab.store import Store
from lab.store.database import journal_of
from lab.system import (
    command_line,
    delete_folder,
    detached_process_args,
    is_on_network,
    long_path,
    refusal_of_file_name,
    require_readable_by_java,
    retry_while_in_use,
    speak_any_console,
)

ROOT = Path(__file__).resolve().parent.parent
SYSTEMS = ("linux", "darwin", "win32")
# Letters that every Windows code page has.
LETTERS = st.characters(codec="ascii" if os.name == "nt" else "utf-8", exclude_characters="\0")

# --- Java's command


def test_no_flag_of_java_is_for_one_system_alone():
    """Java ignores unknown `-XX` flags (they may be another Java's), but it does not accept every property."""
    flags = [*(flag.name for flag in JVM_FLAGS), *MODULE_FLAGS]
    executors = Cluster(Master("spark://127.0.0.1:7077"), address="127.0.0.1").settings(spark_settings(Path("/run")))
    flags += [setting.value for setting in executors if "JavaOptions" in setting.name]
    assert not [flag for flag in flags if "launchMechanism" in flag]
    # `java -XX:+PrintFlagsFinal` lists these flags on all three systems; flags of other forms are the same everywhere.
    assert {flag.name.removeprefix("-XX:").lstrip("+-").partition("=")[0] for flag in JVM_FLAGS} == {
        "Tier3DelayOn",
        "Tier4InvocationThreshold",
        "Tier4MinInvocationThreshold",
        "Tier4CompileThreshold",
        "Tier4BackEdgeThreshold",
        "UseSerialGC",
        "ReservedCodeCacheSize",
        "MetaspaceSize",
        "MaxRAMPercentage",
        "ExitOnOutOfMemoryError",
        "UsePerfData",
    }


def test_the_labs_own_local_files_are_for_its_own_java_alone():
    own = {setting.name: setting.value for setting in spark_settings(Path("/run"))}
    assert own["spark.hadoop.fs.file.impl"] == LOCAL_FILES
    cluster = Cluster(Master("spark://127.0.0.1:7077"), address="127.0.0.1").settings(spark_settings(Path("/run")))
    values = [setting.value for setting in cluster if setting.name == "spark.hadoop.fs.file.impl"]
    assert values == ["org.apache.hadoop.fs.RawLocalFileSystem"]


def test_hadoops_own_defaults_count_only_where_more_than_local_files_may_be_used():
    """Java takes the first `core-default.xml` on the class path."""
    own = str(OWN_JAR)
    assert class_path(()).split(os.pathsep)[0] == own
    assert class_path((Path("more.jar"),)).split(os.pathsep)[-2:] == [own, "more.jar"]


def test_the_class_path_names_files_and_never_a_pattern():
    """Windows rejects a command of that length, so Java reads it from a file, on every system."""
    files = class_path((Path("more.jar"),)).split(os.pathsep)
    assert str(OWN_JAR) in files
    assert files[-1] == "more.jar"
    assert not [file for file in files if "*" in file]


@given(st.lists(st.text(LETTERS, max_size=30), max_size=5))
@example(["C:\\Program Files\\Java\\", 'a "b"', "'c'", "#d", "@e", "-Df=g h", "", "i\r\nj"])
def test_java_reads_its_arguments_as_they_were_meant(tmp_path_factory, arguments):
    """The rules are those of the Java launcher (`args.c` of the JDK): in quotes, a backslash keeps the next letter."""
    file = tmp_path_factory.mktemp("arguments") / "arguments"
    assert java_command(Java(Path("java"), 21), arguments, file) == ["java", f"@{file}"]
    read = []
    encoding = "mbcs" if os.name == "nt" else sys.getfilesystemencoding()
    for line in file.read_bytes().decode(encoding).removesuffix("\n").split("\n") if arguments else ():
        assert line[0] == line[-1] == '"'
        letters, word = iter(line[1:-1]), ""
        for letter in letters:
            kept = next(letters) if letter == "\\" else ""
            word += {"n": "\n", "r": "\r"}.get(kept, kept) or letter
        read.append(word)
    assert read == arguments


def test_java_starts_below_a_folder_with_a_blank_a_quote_and_umlauts(tmp_path):
    folder = tmp_path / "Jörg's lab"
    folder.mkdir()
    from lab.engine.java import find_java  # noqa: PLC0415

    start_jvm(find_java(), folder, spark_settings(folder)).stop()


@pytest.mark.parametrize("path", ["C:/Users/李/lab", "D:/Łukasz/lab"])
def test_a_folder_that_javas_code_page_does_not_have_is_a_sentence(path):
    with pytest.raises(LabError, match=r"Java cannot open .*: this machine's code page does not have '.*C:\\lab"):
        require_readable_by_java([Path("C:/Jürgen"), Path(path)], "cp1252")
    require_readable_by_java([Path(path)], "utf-8")
    require_readable_by_java([Path(path)], "")


def test_on_windows_a_cluster_is_refused_with_a_sentence(monkeypatch):
    monkeypatch.setattr("lab.engine.cluster.IS_WINDOWS", True)
    with pytest.raises(
        LabError, match=r"On Windows, the lab cannot leave its work to .*spark://one:7077.*Unset SPARK_MASTER"
    ):
        named_cluster(Settings(spark_master="spark://one:7077"))
    assert not named_cluster(Settings()).master.is_cluster


# --- processes


def test_a_child_is_out_of_reach_for_ctrl_c_on_each_system():
    for system in ("linux", "darwin"):
        assert detached_process_args(platform=system) == {"start_new_session": True}
    # CREATE_NEW_PROCESS_GROUP, and BELOW_NORMAL_PRIORITY_CLASS.
    assert detached_process_args(platform="win32") == {"creationflags": 0x200}
    assert detached_process_args(background=True, platform="win32") == {"creationflags": 0x4200}


@pytest.mark.skipif(os.name == "nt", reason="sends the signal to a group of processes as a terminal does elsewhere")
def test_ctrl_c_does_not_reach_a_detached_child():
    code = (
        "import signal, subprocess, sys; from lab.system import detached_process_args; "
        # Python ignores SIGINT when a shell has started the tests in the background.
        "signal.signal(signal.SIGINT, signal.default_int_handler); "
        "child = subprocess.Popen([sys.executable, '-c', 'input()'], stdin=subprocess.PIPE, **detached_process_args()); "
        "\ntry: print(child.pid, flush=True); child.wait()\n"
        "except KeyboardInterrupt: print(child.poll(), flush=True); child.stdin.close(); child.wait()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert parent.stdout.readline().strip().isdigit()
    os.killpg(parent.pid, signal.SIGINT)
    assert parent.communicate(timeout=30)[0].strip() == "None"


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_command_is_one_text_for_the_shell_of_each_system(tmp_path, system):
    command = ["C:\\Program Files\\python.exe", "100%.py", "AWS_PROFILE=a&b"]
    text = command_line(command, tmp_path, system)
    if system != "win32":
        assert text == "'C:\\Program Files\\python.exe' 100%.py 'AWS_PROFILE=a&b'"
        return
    # cmd.exe keeps quotes around a single file name, but strips the outer quotes of a longer command.
    script = tmp_path / "command.cmd"
    assert text == f'"{script}"'
    lines = script.read_bytes().split(b"\r\n")
    assert lines == [
        b"@chcp 65001 >nul",
        b'@"C:\\Program Files\\python.exe" "100%%.py" "AWS_PROFILE=a&b"',
        b"",
    ]


# --- files that another program holds


class Held:
    """An action that fails `times` times, as while another program holds the file."""

    def __init__(self, times):
        self.times = times

    def __call__(self):
        self.times -= 1
        if self.times >= 0:
            raise PermissionError(13, "used by another process")
        return "done"


def test_what_another_program_holds_is_tried_again():
    assert retry_while_in_use(Held(3), seconds=20) == "done"
    with pytest.raises(PermissionError):
        retry_while_in_use(Held(1), seconds=0)


def test_a_folder_that_another_program_holds_is_deleted_when_it_lets_go(tmp_path, monkeypatch):
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "jvm.log").touch()
    (folder / "other").touch()
    unlink, held = Path.unlink, Held(2)

    def refuse(path):
        if path.name == "jvm.log":
            held()
        unlink(path)

    monkeypatch.setattr(Path, "unlink", refuse)
    assert not delete_folder(folder, seconds=0)
    # The files that nobody holds are gone.
    assert [path.name for path in folder.iterdir()] == ["jvm.log"]
    assert delete_folder(folder, seconds=20)
    assert not folder.exists()


def deepen(folder, levels):
    """Create folders nested in `folder`, with a file in each."""
    if os.name == "nt":
        path = long_path(folder)
        for _ in range(levels):
            path += "\\deep"
            Path(path).mkdir()
            Path(path, "file").touch()
        return
    here = Path.cwd()
    try:
        # Only relative paths can be that deep.
        os.chdir(folder)
        for _ in range(levels):
            Path("deep").mkdir()
            Path("file").touch()
            os.chdir("deep")
    finally:
        os.chdir(here)


def test_a_folder_is_deleted_however_deep_it_is(tmp_path):
    """A path of 1,200 levels is too long for the system, and for the recursion of Python 3.11.

    Windows accepts paths of 32,767 characters; under Wine, the limit is Linux's.
    """
    folder = tmp_path / "run"
    folder.mkdir()
    deepen(folder, 500 if os.name == "nt" else 1200)
    assert delete_folder(folder, seconds=0)
    assert not folder.exists()


def test_deleting_a_folder_leaves_alone_what_a_link_in_it_leads_to(tmp_path):
    folder, kept = tmp_path / "run", tmp_path / "kept"
    (folder / "d").mkdir(parents=True)
    kept.mkdir()
    (kept / "file").touch()
    try:
        (folder / "d" / "link").symlink_to(kept)
    except OSError:
        pytest.skip("this user may make no links, which Windows leaves to administrators")
    assert delete_folder(folder, seconds=0)
    assert [path.name for path in kept.iterdir()] == ["file"]


def test_a_folder_with_names_like_those_it_moves_folders_to_is_deleted(tmp_path):
    folder = tmp_path / "run"
    for name in ("a", ".1", ".2"):
        (folder / name / ".1" / "d").mkdir(parents=True)
        (folder / name / "file").touch()
    assert delete_folder(folder, seconds=0)


def test_a_delivery_waits_for_a_file_that_another_program_holds(tmp_path, monkeypatch):
    monkeypatch.setattr("lab.bucket.folder.retry_while_in_use", lambda action: retry_while_in_use(action, seconds=20))
    bucket = FolderBucket(tmp_path)
    bucket.write(LOG_DATA + "a.csv", b"s1,0,1\n")
    held, replace = Held(2), Path.replace

    def refuse(path, target):
        held()
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", refuse)
    bucket.write(LOG_DATA + "a.csv", b"s1,0,2\n")
    assert bucket.read(LOG_DATA + "a.csv") == b"s1,0,2\n"


def test_a_key_is_checked_without_a_look_at_its_file(tmp_path, monkeypatch):
    """On Windows, a file that is being replaced cannot be looked at."""
    bucket = FolderBucket(tmp_path)

    def refuse(*_, **__):
        raise PermissionError(13, "being replaced")

    monkeypatch.setattr(Path, "resolve", refuse)
    key = LOG_DATA + "a.csv"
    bucket.write(key, b"s1,0,1\n")
    assert bucket.read(key) == b"s1,0,1\n"
    assert [entry.key for entry in bucket.list(LOG_DATA)] == [key]
    assert bucket.uri(LOG_DATA).endswith("/LogData/")
    bucket.remove(key)
    assert bucket.delete(LOG_DATA) == 0


# --- names and addresses of files


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("file:/C:/a b/c", "C:/a b/c"),
        ("file:///C:/a/c", "C:/a/c"),
        ("file:/srv/x", "/srv/x"),
        ("file:///srv/x", "/srv/x"),
        ("/srv/x", "/srv/x"),
    ],
)
def test_an_address_of_spark_is_a_path_again(address, path):
    assert local_path(address) == path


def test_a_path_of_windows_becomes_an_address_and_a_path_again():
    path = PureWindowsPath("C:\\Users\\Jörg Maier\\run")
    assert PureWindowsPath(local_path(spark_address(path))) == path


KEYS_OF_LINUX = ["LogData/a:b.csv", "LogData/a\\b", "LogData/nul"]
NEVER = ["", "/", "../x", "LogData/../../x", "/etc/passwd", "LogData//x", "LogData/./x", "LogData/a\0b"]


@pytest.mark.parametrize("key", [*NEVER, *KEYS_OF_LINUX, "C:\\x", "C:x", "LogData/C:", "LogData/..\\..\\x"])
def test_on_windows_no_key_leads_out_of_the_bucket_or_to_a_device(key):
    with pytest.raises(LabError, match="not inside your bucket"):
        _parts(key, windows=True)


@pytest.mark.parametrize("key", NEVER)
def test_no_key_leads_out_of_the_bucket(tmp_path, key):
    with pytest.raises(LabError, match="not inside your bucket"):
        FolderBucket(tmp_path).read(key)


@pytest.mark.parametrize("key", [*FOLDERS, *KEYS_OF_LINUX])
def test_elsewhere_a_name_may_be_one_that_windows_refuses(key):
    assert "/".join(_parts(key, windows=False)) == key.removesuffix("/")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a?b.csv", "contains '?', which no file name may contain on Windows"),
        ("a:b.csv", "contains ':'"),
        ("a/b.csv", "contains '/'"),
        ("a\\b.csv", "contains '\\\\'"),
        ("a\nb.csv", "contains '\\n'"),
        ("nul.csv", "is the name of a device on Windows"),
        ("COM1.csv", "is the name of a device on Windows"),
        ("a.csv ", "ends in a blank or a dot"),
        ("ü" * 140 + ".csv", "is longer than a file name may be"),
        ("S1.CSV", "'s1.csv' is there already, and on Windows and macOS 'S1.CSV' is the same name"),
    ],
)
def test_a_name_that_a_file_cannot_have_everywhere_is_a_sentence(name, words):
    with pytest.raises(LabError) as caught:
        require_usable_name(name, ["s1.csv"])
    assert words in caught.value.what
    assert "Rename the file" in caught.value.advice


@pytest.mark.parametrize("name", ["s1.csv", "console.csv", "com.csv", "null.csv", "Protokoll über März.csv", "a.b.csv"])
def test_a_name_that_a_file_can_have_everywhere_is_taken(name):
    assert refusal_of_file_name(name) == ""
    require_usable_name(name, ["s1.csv", "other.csv"])


def test_a_path_of_windows_may_be_longer_than_260_characters():
    assert long_path(Path("C:\\lab"), "win32") == "\\\\?\\C:\\lab"
    # It has a prefix already, is on another machine, or is not an absolute path.
    for path in ("\\\\?\\C:\\lab", "\\\\server\\share\\lab", "lab\\data", "C:lab"):
        assert long_path(path, "win32") == path
    assert long_path(PurePosixPath("/srv/x"), "linux") == "/srv/x"


# --- consoles


def test_what_a_console_cannot_show_is_written_as_an_escape(monkeypatch):
    written = io.BytesIO()
    console = io.TextIOWrapper(written, encoding="cp1252", newline="\n", write_through=True)
    monkeypatch.setattr("sys.stdout", console)
    speak_any_console()
    print("Łukasz: 1 → 2, “ü”")
    assert written.getvalue().decode("cp1252") == "\\u0141ukasz: 1 \\u2192 2, “ü”\n"


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "cp437"])
def test_a_command_speaks_on_a_console_of_any_code_page(encoding):
    done = subprocess.run(
        [sys.executable, "-m", "lab", "check", "schema", "Łódź → 李.py"],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(b"\\u0141")
    assert b"\\u674e.py: No such file or directory" in done.stderr


# --- the store


@pytest.mark.skipif(os.name == "nt", reason="no name of a file contains a backslash on Windows")
def test_a_store_of_windows_is_shown_as_a_person_writes_it(tmp_path):
    store = Store(f"sqlite:///{tmp_path}/C:\\lab ü.sqlite")
    assert store.shown == f"sqlite:///{tmp_path}/C:\\lab ü.sqlite"
    store.close()


DISKS = [
    SimpleNamespace(mountpoint="/", fstype="ext4", opts="rw"),
    SimpleNamespace(mountpoint="/home", fstype="nfs4", opts="rw,remote=no"),
    SimpleNamespace(mountpoint="/home/local", fstype="xfs", opts="rw"),
    SimpleNamespace(mountpoint="/Volumes/home", fstype="smbfs", opts="rw"),
]


needs_names_of_file_systems = pytest.mark.skipif(os.name == "nt", reason="Windows is asked about one drive alone")


@needs_names_of_file_systems
@pytest.mark.parametrize(
    ("path", "journal"),
    [
        ("/srv/lab.sqlite", "WAL"),
        ("/home/ada/lab.sqlite", "DELETE"),
        ("/homes/lab.sqlite", "WAL"),
        ("/home/local/lab.sqlite", "WAL"),
        ("/Volumes/home/lab.sqlite", "DELETE"),
    ],
)
def test_a_store_on_another_machine_has_no_write_ahead_log(monkeypatch, path, journal):
    monkeypatch.setattr("psutil.disk_partitions", lambda **_: DISKS)
    assert journal_of(Path(path)) == journal


def test_a_share_of_windows_is_on_another_machine(monkeypatch):
    monkeypatch.setattr("os.path.abspath", str)
    assert is_on_network(PureWindowsPath("\\\\server\\home\\lab.sqlite"))


@pytest.mark.parametrize("journal", ["WAL", "DELETE"])
def test_a_store_keeps_what_is_written_with_either_log(tmp_path, monkeypatch, journal):
    monkeypatch.setattr("lab.store.database.journal_of", lambda _: journal)
    url = f"sqlite:///{tmp_path}/lab.sqlite"
    first, second = Store(url), Store(url)
    threads = [
        threading.Thread(
            target=lambda store=store, number=number: store.save("1" * 32, ("answer", str(number)), number)
        )
        for number, store in enumerate([first, second] * 10)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = {key: document.value for key, document in first.load("1" * 32).items()}
    assert kept == {("answer", str(number)): number for number in range(20)}
    for store in (first, second):
        store.close()


if os.name == "nt":  # other systems have no drives, and this must not count as a skipped test

    def test_a_drive_of_this_machine_is_found_without_asking_the_others(tmp_path, monkeypatch):
        monkeypatch.setattr("psutil.disk_partitions", None)
        assert not is_on_network(tmp_path)


@needs_names_of_file_systems
def test_a_store_names_its_journal_to_sqlite(tmp_path, monkeypatch):
    monkeypatch.setattr("psutil.disk_partitions", lambda **_: [SimpleNamespace(mountpoint="/", fstype="nfs", opts="")])
    store = Store(f"sqlite:///{tmp_path}/lab.sqlite")
    with store._database._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "delete"
    store.close()
