package lab.engine;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.security.AccessControlException;

/**
 * Hadoop's local file system on java.nio, for every system.
 *
 * <p>Hadoop's own starts a child process for each permission that it sets, and on Windows it needs hadoop.dll and
 * winutils.exe, which nobody has. After a change, run tools/lab_jar.py: it makes lab.jar anew.
 */
public class LocalFiles extends RawLocalFileSystem {
  private static final boolean POSIX = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
  /** From the lowest bit of a mode to its highest. */
  private static final PosixFilePermission[] BITS = {
    PosixFilePermission.OTHERS_EXECUTE, PosixFilePermission.OTHERS_WRITE, PosixFilePermission.OTHERS_READ,
    PosixFilePermission.GROUP_EXECUTE, PosixFilePermission.GROUP_WRITE, PosixFilePermission.GROUP_READ,
    PosixFilePermission.OWNER_EXECUTE, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_READ,
  };
  /** Between the tries of a rename; all waits together are 2.5 seconds. */
  private static final int FIRST_WAIT_MS = 10;
  private static final int LAST_WAIT_MS = 2000;

  private long blockSize;

  @Override
  public void initialize(URI uri, Configuration configuration) throws IOException {
    super.initialize(uri, configuration);
    blockSize = getDefaultBlockSize(new Path(uri));
  }

  /**
   * Open a file.
   *
   * <p>One that is there and may not be read is an error of its own. By Hadoop's own, Spark would take it for a file that is
   * gone or broken, and read none of its records without a word.
   */
  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    try {
      return super.open(path, bufferSize);
    } catch (FileNotFoundException error) {
      if (Files.isRegularFile(file(path))) {
        throw new AccessControlException("Java may not read " + path);
      }
      throw error;
    }
  }

  /** Set a file's permissions; do nothing on Windows, where a file has the rights of its folder. */
  @Override
  public void setPermission(Path path, FsPermission permission) throws IOException {
    var view = Files.getFileAttributeView(file(path), PosixFileAttributeView.class);
    if (view == null) {
      return;
    }
    try {
      view.setPermissions(permissions(permission.toShort()));
    } catch (FileSystemException error) {
      throw explained(error, path);
    }
  }

  /** Do nothing: only an administrator may do this, and Spark does not need it. */
  @Override
  public void setOwner(Path path, String user, String group) {}

  /** Describe a file or folder. The owner and the group stay empty: Spark does not ask for them. */
  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    try {
      return status(file(path), makeQualified(path));
    } catch (FileSystemException error) {
      throw explained(error, path);
    }
  }

  /** Describe what a link points to, and not the link: the lab makes no links. */
  @Override
  public FileStatus getFileLinkStatus(Path path) throws IOException {
    return getFileStatus(path);
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    var folder = getFileStatus(path);
    if (!folder.isDirectory()) {
      return new FileStatus[] {folder};
    }
    List<FileStatus> found = new ArrayList<>();
    try (DirectoryStream<java.nio.file.Path> files = Files.newDirectoryStream(file(path))) {
      for (java.nio.file.Path file : files) {
        // Three arguments, for a name may contain a colon.
        var name = new Path(null, null, file.getFileName().toString());
        try {
          found.add(status(file, new Path(folder.getPath(), name)));
        } catch (FileSystemException error) {
          // Somebody may have deleted the file while we listed the folder. On Windows, it can be there and refuse itself then.
          if (file.toFile().exists()) {
            throw error;
          }
        }
      }
    } catch (DirectoryIteratorException error) {
      throw error.getCause();
    } catch (FileSystemException error) {
      throw explained(error, path);
    }
    return found.toArray(new FileStatus[0]);
  }

  /**
   * Rename a file, also over another one, in one step: a reader sees the old file or the new one.
   *
   * <p>On Windows, Hadoop's own would copy instead, and a reader could see half of a file. There, a virus scanner may hold a
   * file for a moment, so this tries again.
   */
  @Override
  public boolean rename(Path from, Path to) throws IOException {
    if (!Files.isRegularFile(file(from)) || Files.isDirectory(file(to))) {
      return super.rename(from, to);
    }
    for (int waitMs = FIRST_WAIT_MS; ; waitMs *= 2) {
      try {
        Files.move(file(from), file(to), StandardCopyOption.ATOMIC_MOVE);
        return true;
      } catch (FileSystemException error) {
        if (!isHeld(error, to)) {
          // Another disk, or a folder that is not there yet: Hadoop copies the file, or says what is wrong.
          return super.rename(from, to);
        }
        if (waitMs > LAST_WAIT_MS || !slept(waitMs)) {
          throw error;
        }
      }
    }
  }

  @Override
  public boolean supportsSymlinks() {
    return false;
  }

  /** Tell whether another program may have one of the files open. Java has no exception of its own for that. */
  private boolean isHeld(FileSystemException error, Path to) {
    var denied = error instanceof AccessDeniedException || error.getClass() == FileSystemException.class;
    return denied && Files.isDirectory(file(to).getParent());
  }

  private static boolean slept(int waitMs) {
    try {
      Thread.sleep(waitMs);
      return true;
    } catch (InterruptedException error) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private java.nio.file.Path file(Path path) {
    return pathToFile(path).toPath();
  }

  private FileStatus status(java.nio.file.Path file, Path path) throws IOException {
    BasicFileAttributes attributes =
        POSIX
            ? Files.readAttributes(file, PosixFileAttributes.class)
            : Files.readAttributes(file, BasicFileAttributes.class);
    var isFolder = attributes.isDirectory();
    return new FileStatus(
        isFolder ? 0 : attributes.size(), isFolder, 1, blockSize, attributes.lastModifiedTime().toMillis(),
        attributes.lastAccessTime().toMillis(), permission(attributes), "", "", path);
  }

  private static FsPermission permission(BasicFileAttributes attributes) {
    if (!(attributes instanceof PosixFileAttributes posix)) {
      return attributes.isDirectory() ? FsPermission.getDirDefault() : FsPermission.getFileDefault();
    }
    var permissions = posix.permissions();
    int mode = 0;
    for (int bit = 0; bit < BITS.length; bit++) {
      mode |= permissions.contains(BITS[bit]) ? 1 << bit : 0;
    }
    return new FsPermission((short) mode);
  }

  private static Set<PosixFilePermission> permissions(int mode) {
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    for (int bit = 0; bit < BITS.length; bit++) {
      if ((mode >> bit & 1) == 1) {
        permissions.add(BITS[bit]);
      }
    }
    return permissions;
  }

  /**
   * Return the error that Hadoop expects.
   *
   * <p>Java has several for a file that is not there: what should be its folder may be a file, and on Windows the file may be
   * on its way out.
   */
  private IOException explained(FileSystemException error, Path path) {
    return pathToFile(path).exists() ? error : new FileNotFoundException("File " + path + " does not exist");
  }
}
