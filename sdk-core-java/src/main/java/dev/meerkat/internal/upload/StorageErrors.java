package dev.meerkat.internal.upload;

import dev.meerkat.multipart.MultipartError;
import dev.meerkat.multipart.MultipartError.Kind;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.Locale;
import java.util.concurrent.RejectedExecutionException;

/** What went wrong at the disk, for programs and for the peer, who learns nothing of paths. */
final class StorageErrors {
    /** The systems' own sentences, which Java hands on in the language of the C locale. */
    private static final String[] FULL = {"no space left", "quota", "not enough space", "disk full"};

    private StorageErrors() {}

    /** Whether it is a fault of this machine, and not of a peer that chose a name or came at a bad time. */
    static boolean isOurs(MultipartError error) {
        return error.kind() == Kind.DISK_FULL
                || error.kind() == Kind.PERMISSION_DENIED
                || error.kind() == Kind.STORAGE_FAILED;
    }

    static MultipartError of(Throwable failure) {
        if (failure instanceof FileAlreadyExistsException) {
            return MultipartError.of(Kind.NAME_TAKEN, "there is a file of that name already", failure);
        }
        if (failure instanceof AccessDeniedException
                || failure instanceof ReadOnlyFileSystemException
                || failure instanceof SecurityException) {
            return MultipartError.of(Kind.PERMISSION_DENIED, "the file could not be stored", failure);
        }
        if (failure instanceof RejectedExecutionException) {
            return MultipartError.of(Kind.OVERLOADED, "too many files are being stored", failure);
        }
        String message = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        for (String sentence : FULL) {
            if (message.contains(sentence)) {
                return MultipartError.of(Kind.DISK_FULL, "no room is left to store the file", failure);
            }
        }
        return MultipartError.of(Kind.STORAGE_FAILED, "the file could not be stored", failure);
    }
}
