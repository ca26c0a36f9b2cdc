package dev.meerkat.scripting;

import dev.meerkat.Connection;
import dev.meerkat.event.ReceiveBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A connection as a script sees it: the {@code c} of its functions. Text is UTF-8. */
public final class ScriptConnection {
    private final Connection connection;
    private @Nullable Object data;

    ScriptConnection(Connection connection) {
        this.connection = connection;
    }

    /**
     * The number of the connection.
     *
     * @return unique in its manager
     */
    public long id() {
        return connection.id();
    }

    /**
     * The peer's address.
     *
     * @return as text
     */
    public String remoteAddress() {
        return String.valueOf(connection.remoteAddress());
    }

    /**
     * Queues text to be sent.
     *
     * @param text the text
     * @return this
     */
    public ScriptConnection send(String text) {
        connection.send(text);
        return this;
    }

    /**
     * Takes all that was received and is unread.
     *
     * @return its text
     */
    public String takeText() {
        return connection.receiveBuffer().takeText();
    }

    /**
     * Takes one line of what was received.
     *
     * @return the line without its end, or null if no line is complete yet
     */
    public @Nullable String takeLine() {
        ReceiveBuffer buffer = connection.receiveBuffer();
        int end = buffer.indexOf((byte) '\n');
        if (end < 0) {
            return null;
        }
        String line = new String(buffer.takeArray(end + 1), 0, end, StandardCharsets.UTF_8);
        return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
    }

    /**
     * How much waits to be sent.
     *
     * @return bytes
     */
    public int pendingBytes() {
        return connection.pendingBytes();
    }

    /**
     * Has the function {@code timer} called once.
     *
     * @param milliseconds after how long
     */
    public void setTimer(double milliseconds) {
        connection.setTimer(ScriptManager.millis(milliseconds));
    }

    /** Takes {@link #setTimer} back. */
    public void clearTimer() {
        connection.clearTimer();
    }

    /** Sends what waits, then ends the connection. */
    public void close() {
        connection.close();
    }

    /** Ends the connection at once. */
    public void abort() {
        connection.abort();
    }

    /**
     * What the script keeps with the connection.
     *
     * @return what was kept last, or null
     */
    public @Nullable Object data() {
        return data;
    }

    /**
     * Keeps something with the connection.
     *
     * @param value anything
     */
    public void keep(@Nullable Object value) {
        data = value;
    }

    /**
     * Sets the time within which {@link #close} must have sent what waits.
     *
     * @param milliseconds the time
     */
    public void closeWithin(double milliseconds) {
        Duration timeout = ScriptManager.millis(milliseconds);
        connection.close(timeout);
    }
}
