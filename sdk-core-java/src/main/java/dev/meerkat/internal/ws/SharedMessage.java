package dev.meerkat.internal.ws;

import dev.meerkat.event.Bytes;
import dev.meerkat.internal.websocket.DeflatePool;
import dev.meerkat.internal.websocket.DeflateTerms;
import dev.meerkat.internal.websocket.FrameEncoder;
import dev.meerkat.websocket.Message;
import org.jspecify.annotations.Nullable;

/** A message for many receivers. What was made of it is kept; races are harmless, each thread would make the same. */
public final class SharedMessage implements Message {
    private final boolean text;
    private final Bytes bytes;
    /** It was sent before: there are many receivers. */
    private boolean sent;
    /** The frame that a server sends, uncompressed. */
    private @Nullable Bytes frame;
    /** The frames that a server sends compressed, by the receivers' windows; empty where it is better sent as it is. */
    private @Nullable Bytes @Nullable [] packed;

    /**
     * Makes a message.
     *
     * @param text whether it is a text
     * @param bytes its payload, of a text in UTF-8
     */
    public SharedMessage(boolean text, Bytes bytes) {
        this.text = text;
        this.bytes = bytes;
    }

    @Override
    public boolean isText() {
        return text;
    }

    @Override
    public Bytes bytes() {
        return bytes;
    }

    /**
     * Any thread. Whether this is the first receiver, who is the only one more often than not: no frame is kept for
     * him.
     */
    boolean isFirstReceiver() {
        if (sent) {
            return false;
        }
        sent = true;
        return true;
    }

    /** Any thread. The frame that a server sends, uncompressed: the same object for every receiver. */
    Bytes frame() {
        Bytes known = frame;
        if (known == null) {
            known = FrameWriter.frame(FrameWriter.head(text), bytes);
            frame = known;
        }
        return known;
    }

    /**
     * The frame that a server sends to who understands compressed ones; null if compressing does not make it shorter,
     * or the pool had no room. Compressed once for all who have agreed on the same window.
     *
     * @param pool of the loop that calls
     * @param windowBits how far back the receiver can look
     */
    @Nullable
    Bytes packed(DeflatePool pool, int windowBits) {
        @Nullable Bytes[] known = packed;
        if (known == null) {
            known = new Bytes[DeflateTerms.MOST_WINDOW_BITS + 1];
            packed = known;
        }
        Bytes present = known[windowBits];
        if (present == null) {
            Bytes payload = bytes.length() < pool.options().threshold()
                    ? null
                    : pool.compressShared(bytes.asByteBuffer(), windowBits);
            present = payload == null
                    ? Bytes.EMPTY
                    : FrameWriter.frame(FrameEncoder.head(FrameWriter.opcode(text), true, true), payload);
            known[windowBits] = present;
        }
        return present.isEmpty() ? null : present;
    }

    @Override
    public String toString() {
        return text ? "text of " + bytes.length() + " bytes" : "binary of " + bytes.length() + " bytes";
    }
}
