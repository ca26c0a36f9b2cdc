package dev.meerkat.internal.ws;

import dev.meerkat.event.Bytes;
import dev.meerkat.websocket.Message;
import org.jspecify.annotations.Nullable;

/** A message for many receivers. What was made of it is kept; races are harmless, each thread would make the same. */
public final class SharedMessage implements Message {
    private final boolean text;
    private final Bytes bytes;
    /** The frame that a server sends, uncompressed. */
    private @Nullable Bytes frame;

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

    /** Any thread. The frame that a server sends, uncompressed: the same object for every receiver. */
    Bytes frame() {
        Bytes known = frame;
        if (known == null) {
            known = FrameWriter.frame(FrameWriter.head(text), bytes);
            frame = known;
        }
        return known;
    }

    @Override
    public String toString() {
        return text ? "text of " + bytes.length() + " bytes" : "binary of " + bytes.length() + " bytes";
    }
}
