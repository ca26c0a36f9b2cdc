package dev.meerkat.websocket;

import dev.meerkat.event.Bytes;
import dev.meerkat.internal.ws.SharedMessage;
import java.util.Objects;

/**
 * A message for any number of receivers, on any number of managers. Immutable; it is encoded at the first sending, and
 * compressed once for all who have agreed on compression.
 *
 * <pre>{@code
 * Message news = Message.text("{\"goal\": 1}");
 * for (WebSocket each : webSockets) {
 *     each.send(news);
 * }
 * }</pre>
 *
 * <p>Not for implementing.
 */
public interface Message {
    /**
     * A text.
     *
     * @param text sent in UTF-8; unpaired surrogates become question marks
     * @return the message
     */
    static Message text(CharSequence text) {
        return new SharedMessage(true, Bytes.utf8(text));
    }

    /**
     * A text that is UTF-8 already.
     *
     * @param utf8 not checked
     * @return the message
     */
    static Message text(Bytes utf8) {
        return new SharedMessage(true, Objects.requireNonNull(utf8, "utf8"));
    }

    /**
     * A binary message.
     *
     * @param bytes its payload
     * @return the message
     */
    static Message binary(Bytes bytes) {
        return new SharedMessage(false, Objects.requireNonNull(bytes, "bytes"));
    }

    /**
     * Tells what it is.
     *
     * @return whether it is a text
     */
    boolean isText();

    /**
     * The payload.
     *
     * @return its bytes, those of a text in UTF-8
     */
    Bytes bytes();

    /**
     * The payload as text.
     *
     * @return the text; malformed bytes become U+FFFD
     */
    default String text() {
        return bytes().utf8();
    }
}
