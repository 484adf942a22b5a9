"""Scala's closures as classes: Java verifies them, runs them as its own, and finds them in the archive."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pyspark
import pytest

from lab.engine.class_data import class_data
from lab.engine.java import class_path, find_java

CONF = "org/apache/spark/sql/internal/SQLConf$"
# A closure of each kind: it catches nothing, or values of each size; it takes and returns values of each kind; it has
# another interface, or a second method; its body belongs to another class, or needs a value that is boxed.
PROBE = """
import java.io.*;
import java.util.function.*;

public class Probe {
  interface Marker {}
  interface Joins<T> extends BiFunction<T, T, String>, Serializable {}
  interface JoinsTexts extends Joins<String> { String apply(String a, String b); }

  static String twice(String text) { return text + text; }
  static void say(String text) { System.out.println("said " + text); }
  static int half(int number) { return number / 2; }

  static Supplier<String> catches(byte a, long b, double c, float d, boolean e, char f, int[] g, String h) {
    return (Supplier<String> & Serializable) () -> a + " " + b + " " + c + " " + d + " " + e + f + g[1] + h;
  }

  String name = "own";
  Supplier<String> own() { return (Supplier<String> & Serializable) () -> name; }

  static <T> Function<T, T> same() { return (Function<T, T> & Serializable) value -> value; }

  @SuppressWarnings("unchecked")
  static <T> T sent(T closure) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new ObjectOutputStream(bytes).writeObject(closure);
    return (T) new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
  }

  public static void main(String[] arguments) throws Exception {
    System.out.println(catches((byte) 1, 2, 3.5, 4.5f, true, 'x', new int[] {5, 6}, "end").get());
    System.out.println(sent(catches((byte) 1, -2, 3.5, 4.5f, false, 'y', new int[] {5, 7}, "sent")).get());
    System.out.println(((Function<String, String> & Serializable & Marker) Probe::twice).apply("ab"));
    Object marked = (Function<String, String> & Serializable & Marker) Probe::twice;
    System.out.println(marked instanceof Marker);
    ((Consumer<String> & Serializable) Probe::twice).accept("lost");
    ((Consumer<String> & Serializable) Probe::say).accept("this");
    System.out.println(((IntUnaryOperator & Serializable) Probe::half).applyAsInt(9));
    System.out.println(((Function<Integer, Integer> & Serializable) Probe::half).apply(8));
    System.out.println(((Function<String, Integer> & Serializable) Integer::parseInt).apply("12"));
    JoinsTexts joins = (a, b) -> a + "-" + b;
    System.out.println(joins.apply("a", "b") + ((Joins<String>) joins).apply("c", "d"));
    System.out.println(((DoubleBinaryOperator & Serializable) (a, b) -> a - b).applyAsDouble(5, 1.5));
    System.out.println(new Probe().own().get());
    System.out.println(same() == same());
    System.out.println(catches((byte) 0, 0, 0, 0, true, 'z', null, "") == catches((byte) 0, 0, 0, 0, true, 'z', null, ""));
    try {
      ((Function) (Function<String, String> & Serializable) Probe::twice).apply(1);
    } catch (ClassCastException error) {
      System.out.println("no text");
    }
    Object[] closures = {
      (Function<String, String> & Serializable) Probe::twice,
      catches((byte) 0, 0, 0, 0, true, 'z', null, ""),
      (Function<Integer, Integer> & Serializable) Probe::half,
      (Function<String, Integer> & Serializable) Integer::parseInt,
      new Probe().own()
    };
    for (Object closure : closures) {
      System.out.println(closure.getClass().getName().split("[/0-9]")[0]);
    }
  }
}
"""


def write(folder, names, before=""):
    """Have the classes of a list written; return the jar, its classes, and the new list."""
    listed, jar, result = folder / "list", folder / "closures.jar", folder / "with-closures"
    listed.write_text("".join(f"{name}\n" for name in names), encoding="utf-8")
    java("-cp", before + class_path(()), "lab.engine.Closures", listed, jar, result)
    with zipfile.ZipFile(jar) as made:
        classes = [name.removesuffix(".class") for name in made.namelist()]
    return jar, classes, result.read_text(encoding="utf-8").splitlines()


def java(*arguments):
    command = [find_java().executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_a_listed_class_of_spark_is_written_with_its_closures_and_the_list_has_them(tmp_path):
    given = [
        "# a comment",
        "java/lang/Object id: 0",
        f"{CONF} id: 7",
        "org/apache/spark/SparkConf id: 8 super: 0 source: jar",
        "no/such/Class id: 9",
        "@lambda-proxy java/lang/Module apply ()",
    ]
    _, classes, listed = write(tmp_path, given)
    assert listed[: len(given)] == given
    assert sorted(classes) == sorted([CONF, *listed[len(given) :]])
    assert len(classes) > 100
    assert all(name.startswith(f"{CONF}$$closure$") for name in listed[len(given) :])


@pytest.mark.slow
def test_closures_do_what_java_makes_of_them(tmp_path):
    javac = shutil.which("javac")
    if javac is None:
        pytest.skip("no Java compiler was found; on Debian: apt-get install default-jdk-headless")
    source = tmp_path / "Probe.java"
    source.write_text(PROBE, encoding="utf-8")
    subprocess.run([javac, "--release", "17", "-d", tmp_path, source], check=True, capture_output=True)
    probe = tmp_path / "probe.jar"
    with zipfile.ZipFile(probe, "w") as made:
        for file in tmp_path.glob("*.class"):
            made.write(file, file.name)
    names = [file.stem for file in tmp_path.glob("*.class")]
    # Java takes no class from elsewhere into a package of a jar that is signed or sealed.
    for file, content in (("META-INF/A.SF", ""), ("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\nSealed: true\n\n")):
        closed = tmp_path / f"{Path(file).stem}.jar"
        shutil.copyfile(probe, closed)
        with zipfile.ZipFile(closed, "a") as made:
            made.writestr(file, content)
        assert write(tmp_path, names, f"{closed}:")[1] == []
    jar, *_ = write(tmp_path, names, f"{probe}:")
    theirs = java("-cp", probe, "Probe").splitlines()
    ours = java("-Xverify:all", "-cp", f"{jar}:{probe}", "Probe").splitlines()
    assert ours[:-5] == theirs[:-5]
    assert theirs[-5:] == ["Probe$$Lambda"] * 5
    # Java boxes values, and calls methods of other classes and of objects: these closures it still makes itself.
    assert ours[-5:] == ["Probe$$closure$"] * 2 + ["Probe$$Lambda"] * 3


@pytest.mark.slow
def test_java_verifies_the_closures_of_spark_and_scala(tmp_path):
    names = []
    for file in sorted((Path(pyspark.__file__).parent / "jars").iterdir()):
        # The lab's class path is without mllib, which some classes of Spark Connect need.
        if file.name.startswith(("spark-", "scala-")) and "mllib" not in file.name and "connect" not in file.name:
            with zipfile.ZipFile(file) as jar:
                names += [name.removesuffix(".class") for name in jar.namelist() if name.endswith(".class")]
    jar, classes, _ = write(tmp_path, names[::20])
    assert len(classes) > 1000
    listed, log = tmp_path / "classes", tmp_path / "log"
    listed.write_text("".join(f"{name}\n" for name in classes), encoding="utf-8")
    dump = ("-Xshare:dump", f"-XX:SharedClassListFile={listed}", f"-XX:SharedArchiveFile={tmp_path / 'archive'}")
    java(*dump, f"-Xlog:cds*=warning:file={log}", "-cp", f"{jar}:{class_path(())}")
    assert "erification" not in log.read_text(encoding="utf-8")
    assert (tmp_path / "archive").exists()


@pytest.mark.slow
def test_the_spark_of_the_lab_has_them():
    data = class_data(find_java())
    if not data.made:
        pytest.skip("the archive of classes is not there; python -m lab class-data makes it")
    # In its own process, since each process has one SparkContext.
    code = f"""
from lab.lesson.warm_up import lesson_engine
engine = lesson_engine()
java = engine.wait()._jvm.java.lang
print(java.Class.forName("{CONF.replace("/", ".")}").getProtectionDomain().getCodeSource().getLocation().getPath())
engine.stop()
"""
    root = Path(__file__).resolve().parent.parent
    found = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert found.stdout.splitlines() == [str(data.closures)]
