package lab.engine;

import java.util.LinkedHashSet;
import java.util.Set;
import org.apache.xbean.asm9.ClassWriter;
import org.apache.xbean.asm9.Handle;
import org.apache.xbean.asm9.MethodVisitor;
import org.apache.xbean.asm9.Opcodes;
import org.apache.xbean.asm9.Type;

/** One closure, as an instruction describes it that has Java make its class: see LambdaMetafactory.altMetafactory. */
final class Closure {
  private static final int SERIALIZABLE = 1;
  private static final int MARKERS = 2;
  private static final int BRIDGES = 4;
  private static final String FIELD = "caught";
  private static final String MAKE = "make";
  private static final String ONLY = "ONLY";

  /** The method with the closure's code. It takes what the closure has caught, and then what the closure is given. */
  final Handle body;

  private final String method;
  private final String type;
  private final Type[] caught;
  private final Set<String> interfaces = new LinkedHashSet<>();
  private final Set<String> descriptors = new LinkedHashSet<>();

  /** Takes the name of the closure's method, the types of what it catches and of itself, and altMetafactory's arguments. */
  Closure(String method, String type, Object[] arguments) {
    this.method = method;
    this.type = type;
    caught = Type.getArgumentTypes(type);
    body = (Handle) arguments[1];
    int flags = (Integer) arguments[3];
    int next = 4;
    interfaces.add(Type.getReturnType(type).getInternalName());
    if ((flags & SERIALIZABLE) != 0) {
      interfaces.add("java/io/Serializable");
    }
    if ((flags & MARKERS) != 0) {
      for (int left = (Integer) arguments[next++]; left > 0; left--) {
        interfaces.add(((Type) arguments[next++]).getInternalName());
      }
    }
    descriptors.add(((Type) arguments[0]).getDescriptor());
    if ((flags & BRIDGES) != 0) {
      for (int left = (Integer) arguments[next++]; left > 0; left--) {
        descriptors.add(((Type) arguments[next++]).getDescriptor());
      }
    }
  }

  /** Returns whether its methods can call the body with values as they are, or cast; Java can also box and widen them. */
  boolean fits() {
    return descriptors.stream().allMatch(this::fits);
  }

  private boolean fits(String descriptor) {
    Type[] given = Type.getArgumentTypes(descriptor);
    Type[] taken = Type.getArgumentTypes(body.getDesc());
    if (given.length + caught.length != taken.length) {
      return false;
    }
    for (int i = 0; i < given.length; i++) {
      if (!same(given[i], taken[caught.length + i])) {
        return false;
      }
    }
    Type wanted = Type.getReturnType(descriptor);
    return wanted.getSort() == Type.VOID || same(wanted, Type.getReturnType(body.getDesc()));
  }

  private static boolean same(Type one, Type other) {
    return isReference(one) && isReference(other) || one.equals(other);
  }

  private static boolean isReference(Type type) {
    return type.getSort() >= Type.ARRAY;
  }

  /** Adds what makes the closure, from what it catches on the stack: the class of this name must be there. */
  void make(MethodVisitor code, String name) {
    if (caught.length == 0) {
      code.visitFieldInsn(Opcodes.GETSTATIC, name, ONLY, "L" + name + ";");
    } else {
      code.visitMethodInsn(Opcodes.INVOKESTATIC, name, MAKE, type, false);
    }
  }

  /** Returns the closure's class. */
  byte[] write(String name) {
    String init = Type.getMethodDescriptor(Type.VOID_TYPE, caught);
    ClassWriter closure = new ClassWriter(ClassWriter.COMPUTE_MAXS);
    // Not synthetic: ClosureCleaner would take it for a closure of Java's.
    int mode = Opcodes.ACC_FINAL | Opcodes.ACC_SUPER;
    closure.visit(Opcodes.V1_8, mode, name, null, "java/lang/Object", interfaces.toArray(new String[0]));
    int constant = Opcodes.ACC_PRIVATE | Opcodes.ACC_STATIC | Opcodes.ACC_FINAL;
    // Without it, Java computes one of the whole class when it first serializes a closure.
    closure.visitField(constant, "serialVersionUID", "J", null, 1L).visitEnd();
    for (int i = 0; i < caught.length; i++) {
      closure.visitField(Opcodes.ACC_PRIVATE | Opcodes.ACC_FINAL, FIELD + i, caught[i].getDescriptor(), null, null).visitEnd();
    }
    MethodVisitor code = closure.visitMethod(Opcodes.ACC_PRIVATE, "<init>", init, null, null);
    code.visitCode();
    code.visitVarInsn(Opcodes.ALOAD, 0);
    code.visitMethodInsn(Opcodes.INVOKESPECIAL, "java/lang/Object", "<init>", "()V", false);
    int slot = 1;
    for (int i = 0; i < caught.length; i++) {
      code.visitVarInsn(Opcodes.ALOAD, 0);
      code.visitVarInsn(caught[i].getOpcode(Opcodes.ILOAD), slot);
      code.visitFieldInsn(Opcodes.PUTFIELD, name, FIELD + i, caught[i].getDescriptor());
      slot += caught[i].getSize();
    }
    end(code, Opcodes.RETURN);
    writeMaker(closure, name, init);
    for (String descriptor : descriptors) {
      writeMethod(closure, name, descriptor);
    }
    closure.visitEnd();
    return closure.toByteArray();
  }

  /** A closure that catches nothing is always the same object, and one that does is always a new one, as with Java's. */
  private void writeMaker(ClassWriter closure, String name, String init) {
    boolean only = caught.length == 0;
    if (only) {
      closure.visitField(Opcodes.ACC_STATIC | Opcodes.ACC_FINAL, ONLY, "L" + name + ";", null, null).visitEnd();
    }
    MethodVisitor code = closure.visitMethod(Opcodes.ACC_STATIC, only ? "<clinit>" : MAKE, only ? "()V" : type, null, null);
    code.visitCode();
    code.visitTypeInsn(Opcodes.NEW, name);
    code.visitInsn(Opcodes.DUP);
    int slot = 0;
    for (Type each : caught) {
      code.visitVarInsn(each.getOpcode(Opcodes.ILOAD), slot);
      slot += each.getSize();
    }
    code.visitMethodInsn(Opcodes.INVOKESPECIAL, name, "<init>", init, false);
    if (only) {
      code.visitFieldInsn(Opcodes.PUTSTATIC, name, ONLY, "L" + name + ";");
    }
    end(code, only ? Opcodes.RETURN : Opcodes.ARETURN);
  }

  private void writeMethod(ClassWriter closure, String name, String descriptor) {
    MethodVisitor code = closure.visitMethod(Opcodes.ACC_PUBLIC, method, descriptor, null, null);
    code.visitCode();
    for (int i = 0; i < caught.length; i++) {
      code.visitVarInsn(Opcodes.ALOAD, 0);
      code.visitFieldInsn(Opcodes.GETFIELD, name, FIELD + i, caught[i].getDescriptor());
    }
    Type[] given = Type.getArgumentTypes(descriptor);
    Type[] taken = Type.getArgumentTypes(body.getDesc());
    int slot = 1;
    for (int i = 0; i < given.length; i++) {
      code.visitVarInsn(given[i].getOpcode(Opcodes.ILOAD), slot);
      slot += given[i].getSize();
      cast(code, given[i], taken[caught.length + i]);
    }
    code.visitMethodInsn(Opcodes.INVOKESTATIC, body.getOwner(), body.getName(), body.getDesc(), body.isInterface());
    Type wanted = Type.getReturnType(descriptor);
    Type returned = Type.getReturnType(body.getDesc());
    if (wanted.getSort() != Type.VOID) {
      cast(code, returned, wanted);
    } else if (returned.getSort() != Type.VOID) {
      code.visitInsn(returned.getSize() == 2 ? Opcodes.POP2 : Opcodes.POP);
    }
    end(code, wanted.getOpcode(Opcodes.IRETURN));
  }

  private static void cast(MethodVisitor code, Type from, Type to) {
    if (isReference(to) && !to.equals(from) && !to.getInternalName().equals("java/lang/Object")) {
      code.visitTypeInsn(Opcodes.CHECKCAST, to.getInternalName());
    }
  }

  private static void end(MethodVisitor code, int instruction) {
    code.visitInsn(instruction);
    code.visitMaxs(0, 0);
    code.visitEnd();
  }
}
