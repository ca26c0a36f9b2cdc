package dev.meerkat.http.client;

import dev.meerkat.event.Bytes;
import dev.meerkat.event.FileRegion;
import dev.meerkat.http.BodyProducer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Supplier;

/** What follows the head of a {@link ClientRequest}: how its bytes come to be. Immutable. */
public sealed interface ClientBody {
    /** No bytes. */
    record Empty() implements ClientBody {
        /** The one that is needed. */
        public static final Empty INSTANCE = new Empty();
    }

    /**
     * Bytes in memory.
     *
     * @param contentType the value of Content-Type; empty sends none
     * @param bytes all of them
     */
    record Whole(String contentType, Bytes bytes) implements ClientBody {
        // Rejects missing parts.
        public Whole {
            Objects.requireNonNull(contentType, "contentType");
            Objects.requireNonNull(bytes, "bytes");
        }
    }

    /**
     * Bytes that are made while the server takes them.
     *
     * @param contentType the value of Content-Type; empty sends none
     * @param length how many there will be, sent as Content-Length; -1 if nobody knows, then they are sent chunked
     * @param producer makes a producer for each time the request is sent
     * @param repeatable whether it can be asked more than once: for a redirect that keeps the body, or to try again on
     *     another connection
     */
    record Streamed(String contentType, long length, Supplier<? extends BodyProducer> producer, boolean repeatable)
            implements ClientBody {
        // Checks the length.
        public Streamed {
            Objects.requireNonNull(contentType, "contentType");
            Objects.requireNonNull(producer, "producer");
            if (length < -1) {
                throw new IllegalArgumentException("expected a length from 0, or -1 for unknown; found " + length);
            }
        }
    }

    /**
     * The value of Content-Type, unless the request's fields have one.
     *
     * @return the type; empty if there is none
     */
    default String type() {
        if (this instanceof Whole whole) {
            return whole.contentType();
        }
        return this instanceof Streamed streamed ? streamed.contentType() : "";
    }

    /**
     * Whether the body can be sent more than once.
     *
     * @return true but for what streams and says otherwise
     */
    default boolean isRepeatable() {
        return !(this instanceof Streamed streamed) || streamed.repeatable();
    }

    /**
     * Text.
     *
     * @param text sent in UTF-8 as text/plain
     * @return the body
     */
    static ClientBody text(CharSequence text) {
        return bytes("text/plain; charset=utf-8", Bytes.utf8(text));
    }

    /**
     * JSON that somebody else has made.
     *
     * @param json the text, not checked, sent in UTF-8 as application/json
     * @return the body
     */
    static ClientBody json(CharSequence json) {
        return bytes("application/json", Bytes.utf8(json));
    }

    /**
     * Bytes of any type.
     *
     * @param contentType the value of Content-Type
     * @param bytes the body
     * @return the body
     */
    static ClientBody bytes(String contentType, Bytes bytes) {
        return new Whole(contentType, bytes);
    }

    /**
     * Bytes that are made while the server takes them, of unknown length and once only.
     *
     * @param contentType the value of Content-Type
     * @param producer makes them
     * @return the body
     */
    static ClientBody once(String contentType, BodyProducer producer) {
        Objects.requireNonNull(producer, "producer");
        return new Streamed(contentType, -1, () -> producer, false);
    }

    /**
     * Bytes that are made while the server takes them, anew each time the request is sent.
     *
     * @param contentType the value of Content-Type
     * @param length how many there will be, or -1 if nobody knows
     * @param producer makes a producer each time
     * @return the body
     */
    static ClientBody stream(String contentType, long length, Supplier<? extends BodyProducer> producer) {
        return new Streamed(contentType, length, producer, true);
    }

    /**
     * A file, which is opened each time the request is sent and must have kept its length; the system sends it as it is
     * if it can.
     *
     * @param contentType the value of Content-Type
     * @param file the file
     * @return the body
     * @throws IOException if its length cannot be found out
     */
    static ClientBody file(String contentType, Path file) throws IOException {
        return stream(contentType, Files.size(file), () -> output -> {
            output.send(FileRegion.open(file)).end();
        });
    }
}
