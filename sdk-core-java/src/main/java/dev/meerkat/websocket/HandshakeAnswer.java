package dev.meerkat.websocket;

import dev.meerkat.http.Headers;
import dev.meerkat.http.Response;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** What a peer that asks for a WebSocket is answered. Immutable. */
public sealed interface HandshakeAnswer {
    /**
     * It becomes a WebSocket.
     *
     * @param subprotocol which of those it asked for; empty for none
     * @param headers more fields of the answer, none of the handshake's own
     * @param session what the WebSocket's {@linkplain WebSocket#session session} is from the beginning; empty for what
     *     its protocol makes
     */
    record Accept(Optional<String> subprotocol, Headers headers, Optional<Object> session) implements HandshakeAnswer {
        // All are needed; a field that the handshake sets is an IllegalArgumentException.
        public Accept {
            Objects.requireNonNull(subprotocol, "subprotocol");
            Objects.requireNonNull(session, "session");
            for (int i = 0; i < headers.size(); i++) {
                HandshakeFields.requireFree(headers.name(i));
            }
        }

        /**
         * Accepts, with the session that its protocol makes.
         *
         * @param subprotocol which of those it asked for; empty for none
         * @param headers more fields of the answer, none of the handshake's own
         */
        public Accept(Optional<String> subprotocol, Headers headers) {
            this(subprotocol, headers, Optional.empty());
        }
    }

    /**
     * It does not.
     *
     * @param response what it is told
     */
    record Refuse(Response response) implements HandshakeAnswer {
        // Needs a final response: an upgrade is no refusal.
        public Refuse {
            if (response.status() < 300) {
                throw new IllegalArgumentException("a refusal has a status of 300 or more, found " + response.status());
            }
        }
    }

    /**
     * It is not known yet.
     *
     * @param answer completed on any thread; a failure is answered as one of an {@code HttpHandler}
     */
    record Later(CompletionStage<? extends HandshakeAnswer> answer) implements HandshakeAnswer {
        // Needs a stage.
        public Later {
            Objects.requireNonNull(answer, "answer");
        }
    }

    /**
     * An answer that is not known yet, for example because somebody else is asked who the peer is.
     *
     * @param answer completed on any thread
     * @return the answer
     */
    static HandshakeAnswer later(CompletionStage<? extends HandshakeAnswer> answer) {
        return new Later(answer);
    }

    /**
     * The same with one more field, in whatever way it answers.
     *
     * @param name of a field that is not the handshake's own ({@code Sec-WebSocket-…}, {@code Upgrade},
     *     {@code Connection})
     * @param value its value
     * @return an answer
     * @throws IllegalArgumentException if the field is the handshake's own or malformed
     */
    default HandshakeAnswer withHeader(String name, String value) {
        HandshakeFields.requireFree(name);
        if (this instanceof Accept accept) {
            return new Accept(
                    accept.subprotocol(),
                    accept.headers().toBuilder().add(name, value).build(),
                    accept.session());
        }
        if (this instanceof Refuse refuse) {
            return new Refuse(refuse.response().addHeader(name, value));
        }
        return new Later(((Later) this).answer().thenApply(known -> known.withHeader(name, value)));
    }

    /**
     * The same with what was found out about the peer, for instance who it is: {@link WebSocket#session} has it from
     * {@code Opened} on, and {@link WebSocketProtocol.Builder#session} is not asked. Nothing changes for a refusal.
     *
     * @param session the object
     * @return an answer
     */
    default HandshakeAnswer withSession(Object session) {
        Objects.requireNonNull(session, "session");
        if (this instanceof Accept accept) {
            return new Accept(accept.subprotocol(), accept.headers(), Optional.of(session));
        }
        return this instanceof Later later
                ? new Later(later.answer().thenApply(known -> known.withSession(session)))
                : this;
    }
}
