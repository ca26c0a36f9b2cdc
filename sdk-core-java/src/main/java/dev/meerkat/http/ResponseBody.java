package dev.meerkat.http;

import dev.meerkat.Handler;
import dev.meerkat.event.Bytes;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** What follows the head of a {@link Response}: how its bytes come to be. Immutable, to be shared by connections. */
public sealed interface ResponseBody {
    /** No bytes. */
    record Empty() implements ResponseBody {
        /** The one that is needed. */
        public static final Empty INSTANCE = new Empty();
    }

    /**
     * Bytes in memory.
     *
     * @param bytes all of them
     */
    record Whole(Bytes bytes) implements ResponseBody {
        // Rejects missing bytes.
        public Whole {
            Objects.requireNonNull(bytes, "bytes");
        }
    }

    /**
     * Bytes that are made while the peer takes them.
     *
     * @param length how many there will be, sent as Content-Length; -1 if nobody knows, then they are sent chunked
     * @param producer makes a producer for each time the response is sent
     */
    record Streamed(long length, Supplier<? extends BodyProducer> producer) implements ResponseBody {
        // Checks the length.
        public Streamed {
            Objects.requireNonNull(producer, "producer");
            if (length < -1) {
                throw new IllegalArgumentException("expected a length from 0, or -1 for unknown; found " + length);
            }
        }
    }

    /**
     * No body but another protocol on the same connection (RFC 9110 §7.8).
     *
     * @param protocol the value of the field {@code Upgrade}, for messages
     * @param handler takes the place of HTTP on the connection
     */
    record Upgrade(String protocol, Handler handler) implements ResponseBody {
        // Rejects missing parts.
        public Upgrade {
            Objects.requireNonNull(protocol, "protocol");
            Objects.requireNonNull(handler, "handler");
        }
    }

    /**
     * A response that is not known yet.
     *
     * @param response completes with it, on any thread
     */
    record Later(CompletionStage<? extends Response> response) implements ResponseBody {
        // Rejects a missing stage.
        public Later {
            Objects.requireNonNull(response, "response");
        }
    }
}
