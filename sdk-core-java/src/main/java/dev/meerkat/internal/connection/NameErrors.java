package dev.meerkat.internal.connection;

import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What goes wrong with a look-up, or with the attempts that follow, as one error. */
final class NameErrors {
    private NameErrors() {}

    /** A look-up without an answer; no failure means that its time was over. */
    static ConnectionError ofLookup(String what, @Nullable Throwable failure, Duration timeout) {
        String subject = "looking up " + what + ": ";
        if (failure == null) {
            return ConnectionError.of(Kind.LOOKUP_TIMEOUT, subject + "no answer within " + timeout);
        }
        return failure instanceof UnknownHostException
                ? ConnectionError.of(Kind.UNKNOWN_HOST, subject + "no such host", failure)
                : ConnectionError.of(Kind.LOOKUP_FAILED, subject + failure, failure);
    }

    /**
     * Several errors as one. Its kind is that of the one which tells most: an answer of the peer before silence,
     * silence before what could not even be tried, and all of them before a look-up that failed.
     *
     * @param what what was tried
     * @param errors at least one
     */
    static ConnectionError combine(String what, List<ConnectionError> errors) {
        ConnectionError most = errors.get(0);
        boolean allAlike = true;
        for (ConnectionError each : errors) {
            allAlike &= each.equals(most);
            if (weight(each.kind()) > weight(most.kind())) {
                most = each;
            }
        }
        if (allAlike && errors.size() <= 2 && isLookup(most.kind())) {
            return most; // the same of both families
        }
        return errors.size() == 1 ? most : ConnectionError.of(most.kind(), what + ": " + list(errors), errors);
    }

    static String list(List<ConnectionError> errors) {
        return errors.stream().map(ConnectionError::message).collect(Collectors.joining("; "));
    }

    static boolean isLookup(Kind kind) {
        return kind == Kind.UNKNOWN_HOST || kind == Kind.LOOKUP_TIMEOUT || kind == Kind.LOOKUP_FAILED;
    }

    private static int weight(Kind kind) {
        return switch (kind) {
            case UNKNOWN_HOST -> 0;
            case LOOKUP_TIMEOUT -> 1;
            case LOOKUP_FAILED -> 2;
            case UNREACHABLE -> 4;
            case CONNECT_TIMEOUT -> 5;
            case RESET -> 6;
            case REFUSED -> 7;
            default -> 3;
        };
    }
}
