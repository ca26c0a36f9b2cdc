package dev.meerkat.http;

import dev.meerkat.event.Bytes;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * An event of a stream that a server keeps sending (text/event-stream, HTML standard §9.2). Immutable.
 *
 * <pre>{@code
 * ServerSentEvent.of("21.5").withName("temperature").withId("1047")
 * }</pre>
 *
 * @param data the text, of any number of lines; empty for an event without data, which user agents do not deliver
 * @param name what the event is called; empty for {@code message}
 * @param id what the user agent sends as {@code Last-Event-ID} when it asks again
 * @param retry how long the user agent is to wait before that, to the millisecond
 * @param comment what nobody is told; of any number of lines
 */
public record ServerSentEvent(
        Optional<String> data,
        Optional<String> name,
        Optional<String> id,
        Optional<Duration> retry,
        Optional<String> comment) {
    // Rejects what would begin another field or would not be taken for what it is.
    public ServerSentEvent {
        Objects.requireNonNull(data, "data");
        Objects.requireNonNull(comment, "comment");
        name.ifPresent(text -> requireLine("name", text));
        id.ifPresent(text -> requireLine("id", text));
        retry.ifPresent(wait -> {
            if (wait.isNegative()) {
                throw new IllegalArgumentException("expected a retry from zero, found " + wait);
            }
        });
    }

    private static void requireLine(String what, String text) {
        if (text.chars().anyMatch(c -> c == '\n' || c == '\r' || c == 0)) {
            throw new IllegalArgumentException("expected the " + what
                    + " of an event without line break and NUL, found " + MalformedTextException.quote(text));
        }
    }

    /**
     * An event with data.
     *
     * @param data the text
     * @return an event
     */
    public static ServerSentEvent of(String data) {
        return new ServerSentEvent(
                Optional.of(data), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /**
     * A comment, which nobody is told.
     *
     * @param text the text
     * @return an event without data
     */
    public static ServerSentEvent comment(String text) {
        return new ServerSentEvent(
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(text));
    }

    /**
     * The same with a name.
     *
     * @param other what the event is called
     * @return an event
     * @throws IllegalArgumentException if it has a line break or NUL
     */
    public ServerSentEvent withName(String other) {
        return new ServerSentEvent(data, Optional.of(other), id, retry, comment);
    }

    /**
     * The same with an id.
     *
     * @param other the id; empty makes the user agent forget the last one
     * @return an event
     * @throws IllegalArgumentException if it has a line break or NUL
     */
    public ServerSentEvent withId(String other) {
        return new ServerSentEvent(data, name, Optional.of(other), retry, comment);
    }

    /**
     * The same with the time to wait before asking again.
     *
     * @param other from zero
     * @return an event
     * @throws IllegalArgumentException if it is negative
     */
    public ServerSentEvent withRetry(Duration other) {
        return new ServerSentEvent(data, name, id, Optional.of(other), comment);
    }

    /**
     * Writes the event: once, for any number of streams.
     *
     * @return UTF-8, with the empty line at its end
     */
    public Bytes encode() {
        StringBuilder text = new StringBuilder();
        comment.ifPresent(lines -> append(text, "", lines));
        name.ifPresent(line -> append(text, "event", line));
        data.ifPresent(lines -> append(text, "data", lines));
        id.ifPresent(line -> append(text, "id", line));
        retry.ifPresent(wait -> append(text, "retry", Long.toString(wait.toMillis())));
        return Bytes.utf8(text.append('\n'));
    }

    /** A field for each line, whichever of the three line ends it has. */
    private static void append(StringBuilder text, String field, String lines) {
        for (String line : lines.split("\r\n|\r|\n", -1)) {
            text.append(field).append(": ").append(line).append('\n');
        }
    }
}
