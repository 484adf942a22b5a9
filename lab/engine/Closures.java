package lab.engine;

import java.io.BufferedOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.apache.xbean.asm9.ClassReader;
import org.apache.xbean.asm9.ClassVisitor;
import org.apache.xbean.asm9.ClassWriter;
import org.apache.xbean.asm9.Handle;
import org.apache.xbean.asm9.MethodVisitor;
import org.apache.xbean.asm9.Opcodes;

/**
 * Writes the closures of Scala's code as classes, so that Java's archive of classes can hold them.
 *
 * <p>Scala's compiler leaves it to Java to make the class of a closure when it is first needed
 * (LambdaMetafactory.altMetafactory). Spark needs some 4,500 in its start, and the archive of Java 21 takes none that can be
 * serialized (LambdaProxyClassArchive.register). Spark's ClosureCleaner, too, reads the byte code around each such
 * closure, and has nothing to do for one with a class of its own. After a change, run tools/lab_jar.py.
 */
public final class Closures {
  private static final int FAST = 1;
  private static final String END = ".class";

  private final String owner;
  private final boolean isInterface;
  private final Map<String, Integer> access = new HashMap<>();
  private final Set<String> opened = new HashSet<>();
  private final Map<String, byte[]> classes = new LinkedHashMap<>();

  private Closures(ClassReader reader) {
    owner = reader.getClassName();
    isInterface = (reader.getAccess() & Opcodes.ACC_INTERFACE) != 0;
  }

  /**
   * Takes a class list of Java's, which may lack its end, and writes two files: a jar of those classes on its own class
   * path that have closures, with the closures; and the same list, with the closures.
   */
  public static void main(String[] files) throws IOException {
    List<String> list = new ArrayList<>(Files.readAllLines(Path.of(files[0])));
    Set<String> listed = new HashSet<>();
    for (String line : list) {
      // A class with a source has a class loader of its own.
      if (!line.startsWith("#") && !line.startsWith("@") && !line.contains(" source: ")) {
        listed.add(line.split(" ", 2)[0]);
      }
    }
    Set<String> left = new HashSet<>(listed);
    try (ZipOutputStream jar = new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(Path.of(files[1]))))) {
      jar.setLevel(FAST);
      for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
        for (Map.Entry<String, byte[]> made : inJar(new File(entry), left).entrySet()) {
          ZipEntry file = new ZipEntry(made.getKey() + END);
          file.setTime(0);
          jar.putNextEntry(file);
          jar.write(made.getValue());
          jar.closeEntry();
          if (!listed.contains(made.getKey())) {
            list.add(made.getKey());
          }
        }
      }
    }
    Files.write(Path.of(files[2]), list);
  }

  /** Returns those classes of a jar that are left and have closures, and the closures, by their names. */
  private static Map<String, byte[]> inJar(File file, Set<String> left) throws IOException {
    Map<String, byte[]> made = new LinkedHashMap<>();
    if (!file.isFile()) {
      return made;
    }
    try (JarFile jar = new JarFile(file, false, ZipFile.OPEN_READ, JarFile.runtimeVersion())) {
      boolean keepsOut = keepsOut(jar);
      for (JarEntry entry : (Iterable<JarEntry>) jar.versionedStream()::iterator) {
        String name = entry.getName();
        // Java takes a class from the first jar that has it.
        if (name.endsWith(END) && left.remove(name.substring(0, name.length() - END.length())) && !keepsOut) {
          made.putAll(of(jar.getInputStream(entry).readAllBytes()));
        }
      }
    }
    return made;
  }

  /** Returns whether Java takes no class from elsewhere into the packages of a jar: it is signed, or sealed. */
  private static boolean keepsOut(JarFile jar) throws IOException {
    Manifest manifest = jar.getManifest();
    boolean isSealed = manifest != null && "true".equalsIgnoreCase(manifest.getMainAttributes().getValue("Sealed"));
    return isSealed || jar.stream().anyMatch(entry -> entry.getName().matches("META-INF/[^/]+\\.SF"));
  }

  /** Returns a class whose closures are classes, and these, by their names; nothing if it has none. */
  static Map<String, byte[]> of(byte[] content) {
    ClassReader reader = new ClassReader(content);
    Closures closures = new Closures(reader);
    closures.look(reader);
    ClassWriter writer = new ClassWriter(reader, 0);
    reader.accept(closures.writeTo(writer), 0);
    if (!closures.classes.isEmpty()) {
      closures.classes.put(closures.owner, writer.toByteArray());
    }
    return closures.classes;
  }

  /** Notes who may call which method, and which private ones a closure calls: it may no longer do so as a class. */
  private void look(ClassReader reader) {
    reader.accept(
        new ClassVisitor(Opcodes.ASM9) {
          @Override
          public MethodVisitor visitMethod(int mode, String name, String descriptor, String signature, String[] errors) {
            access.put(name + descriptor, mode);
            return null;
          }
        },
        ClassReader.SKIP_CODE);
    reader.accept(
        new ClassVisitor(Opcodes.ASM9) {
          @Override
          public MethodVisitor visitMethod(int mode, String name, String descriptor, String signature, String[] errors) {
            return new MethodVisitor(Opcodes.ASM9) {
              @Override
              public void visitInvokeDynamicInsn(String method, String type, Handle maker, Object... arguments) {
                Closure closure = closure(method, type, maker, arguments);
                if (closure != null) {
                  opened.add(closure.body.getName() + closure.body.getDesc());
                }
              }
            };
          }
        },
        ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
  }

  private ClassVisitor writeTo(ClassWriter writer) {
    return new ClassVisitor(Opcodes.ASM9, writer) {
      @Override
      public MethodVisitor visitMethod(int mode, String name, String descriptor, String signature, String[] errors) {
        int seen = opened.contains(name + descriptor) ? mode & ~Opcodes.ACC_PRIVATE : mode;
        return new MethodVisitor(Opcodes.ASM9, super.visitMethod(seen, name, descriptor, signature, errors)) {
          @Override
          public void visitInvokeDynamicInsn(String method, String type, Handle maker, Object... arguments) {
            Closure closure = closure(method, type, maker, arguments);
            if (closure == null) {
              super.visitInvokeDynamicInsn(method, type, maker, arguments);
              return;
            }
            // Not $anonfun$: ClosureCleaner would take it for a closure of an older Scala.
            String name = owner + "$$closure$" + classes.size();
            classes.put(name, closure.write(name));
            closure.make(mv, name);
          }
        };
      }
    };
  }

  /** Returns the closure that an instruction makes, or null if it is to stay as it is. */
  private Closure closure(String method, String type, Handle maker, Object[] arguments) {
    if (!maker.getOwner().equals("java/lang/invoke/LambdaMetafactory") || !maker.getName().equals("altMetafactory")) {
      return null;
    }
    Closure closure = new Closure(method, type, arguments);
    Integer mode = access.get(closure.body.getName() + closure.body.getDesc());
    boolean isOwn = closure.body.getTag() == Opcodes.H_INVOKESTATIC && closure.body.getOwner().equals(owner) && mode != null;
    // All methods of an interface are public or private.
    return isOwn && !(isInterface && (mode & Opcodes.ACC_PRIVATE) != 0) && closure.fits() ? closure : null;
  }
}
