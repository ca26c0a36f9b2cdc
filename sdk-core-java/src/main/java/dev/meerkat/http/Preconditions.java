package dev.meerkat.http;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * Whether a request is to be performed at all, by the conditions that it sets (RFC 9110 §13). Pure: the request and
 * what is known of the resource in, the outcome out.
 */
final class Preconditions {
    /** What is to be done. */
    enum Outcome {
        /** What was asked for. */
        PERFORM,
        /** As if no range had been asked for: the resource is not the one that the peer has a part of. */
        PERFORM_WITHOUT_RANGE,
        /** 304: the peer has it already. */
        NOT_MODIFIED,
        /** 412: it is not what the peer takes it for. */
        FAILED
    }

    private Preconditions() {}

    /**
     * Evaluates them in the order of RFC 9110 §13.2.2.
     *
     * @param head the request
     * @param tag of the selected representation
     * @param modified when it was last modified
     * @param now the wall clock
     * @param dateIsStrong whether it cannot have changed twice in the second of {@code modified} (§8.8.2.2)
     */
    static Outcome evaluate(RequestHead head, EntityTag tag, Instant modified, Instant now, boolean dateIsStrong) {
        Headers headers = head.headers();
        boolean reads = head.isMethod("GET") || head.isMethod("HEAD");
        Instant second = modified.truncatedTo(ChronoUnit.SECONDS);

        if (headers.contains("If-Match")) {
            if (!tag.isIn(headers.elements("If-Match"), true)) {
                return Outcome.FAILED;
            }
        } else {
            Optional<Instant> unmodifiedSince = date(headers, "If-Unmodified-Since", now);
            if (unmodifiedSince.isPresent() && second.isAfter(unmodifiedSince.get())) {
                return Outcome.FAILED;
            }
        }

        if (headers.contains("If-None-Match")) {
            if (tag.isIn(headers.elements("If-None-Match"), false)) {
                return reads ? Outcome.NOT_MODIFIED : Outcome.FAILED;
            }
        } else if (reads) {
            Optional<Instant> modifiedSince = date(headers, "If-Modified-Since", now);
            if (modifiedSince.isPresent() && !second.isAfter(modifiedSince.get())) {
                return Outcome.NOT_MODIFIED;
            }
        }

        if (head.isMethod("GET") && headers.contains("If-Range") && headers.contains("Range")) {
            return isSame(headers.all("If-Range"), tag, second, now, dateIsStrong)
                    ? Outcome.PERFORM
                    : Outcome.PERFORM_WITHOUT_RANGE;
        }
        return Outcome.PERFORM;
    }

    /** Whether the value of If-Range names what is there; both kinds of validator have to be strong (§13.1.5). */
    private static boolean isSame(
            List<String> ifRange, EntityTag tag, Instant second, Instant now, boolean dateIsStrong) {
        if (ifRange.size() != 1) {
            return false;
        }
        Optional<EntityTag> named = EntityTag.parse(ifRange.get(0));
        if (named.isPresent()) {
            return named.get().isSameBytes(tag);
        }
        Optional<Instant> date = HttpDate.parse(ifRange.get(0), now);
        return dateIsStrong && date.isPresent() && date.get().equals(second);
    }

    /** A field with a date; one that comes twice, or is none, is to be ignored (§13.1.3). */
    private static Optional<Instant> date(Headers headers, String name, Instant now) {
        List<String> values = headers.all(name);
        return values.size() == 1 ? HttpDate.parse(values.get(0), now) : Optional.empty();
    }
}
