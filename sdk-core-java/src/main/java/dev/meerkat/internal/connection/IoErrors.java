package dev.meerkat.internal.connection;

import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.internal.tls.TlsFailure;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Locale;

/**
 * The system's failures as kinds. The JDK has classes for a few of them only; the others differ by their message, which
 * on every system is the C library's sentence for the error number.
 */
final class IoErrors {
    private IoErrors() {}

    /** A failure to connect to {@code target}. */
    static ConnectionError ofConnect(String target, Exception failure) {
        Kind kind = kindOf(failure, Kind.CONNECT_TIMEOUT);
        return ConnectionError.of(kind, "connecting to " + target + ": " + sentence(failure), failure);
    }

    /** A failure of an established connection. */
    static ConnectionError ofTransfer(String operation, Exception failure) {
        if (failure instanceof TlsFailure tls) {
            return tls.error();
        }
        return ConnectionError.of(kindOf(failure, Kind.TIMED_OUT), operation + ": " + sentence(failure), failure);
    }

    /** Whether a Unix domain socket has no room for one more who connects. */
    static boolean isBusy(Exception failure) {
        return sentence(failure).toLowerCase(Locale.ROOT).contains("temporarily unavailable");
    }

    /**
     * Whether a failure to accept concerns the connection that was to be accepted, and not the listener: whoever wanted
     * to connect was gone before he was let in (accept(2): ECONNABORTED, and the errors of the network that Linux
     * passes on).
     */
    static boolean isOfAccepted(IOException failure) {
        String message = sentence(failure).toLowerCase(Locale.ROOT);
        return message.contains("abort")
                || message.contains("reset")
                || message.contains("protocol error")
                || message.contains("unreachable")
                || message.contains("no route")
                || message.contains("host is down")
                || message.contains("network is down");
    }

    private static Kind kindOf(Exception failure, Kind timeout) {
        if (failure instanceof UnknownHostException) {
            return Kind.UNKNOWN_HOST;
        }
        if (failure instanceof NoRouteToHostException) {
            return Kind.UNREACHABLE;
        }
        if (failure instanceof SocketTimeoutException) {
            return timeout;
        }
        String message = sentence(failure).toLowerCase(Locale.ROOT);
        if (message.contains("timed out")) {
            return timeout;
        }
        if (message.contains("unreachable") || message.contains("no route")) {
            return Kind.UNREACHABLE;
        }
        if (message.contains("reset") || message.contains("broken pipe") || message.contains("aborted")) {
            return Kind.RESET;
        }
        if (message.contains("too long")) {
            return Kind.MESSAGE_TOO_LONG;
        }
        if (message.contains("no such file") || message.contains("not a directory")) {
            return Kind.NOT_FOUND;
        }
        if (message.contains("permission denied") || message.contains("not permitted")) {
            return Kind.PERMISSION_DENIED;
        }
        if (failure instanceof ConnectException) {
            return Kind.REFUSED;
        }
        return Kind.IO;
    }

    private static String sentence(Exception failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }
}
