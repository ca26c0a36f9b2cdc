package dev.meerkat.examples.chat;

import dev.meerkat.Connection;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.Handler;
import dev.meerkat.ListenOptions;
import dev.meerkat.SlowReceiverPolicy;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.Event;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.event.TcpEvent;
import java.time.Duration;

/** A chat room: everybody hears every line, and who says nothing for half a minute is sent home. */
final class ChatHandler implements Handler {
    /** How long a guest may be silent. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    /** The longest line in bytes, without its end. */
    static final int LINE_LIMIT = 1024;

    /**
     * A guest who does not read goes without what the others say, from a megabyte on. One who pastes a book is read in
     * pieces, each of which, as lines with a name in front, is less than that.
     */
    static final ListenOptions LISTEN = ListenOptions.builder()
            .connection(ConnectionOptions.builder()
                    .slowReceiver(SlowReceiverPolicy.DROP)
                    .highWaterMark(1024 * 1024)
                    .receiveLimit(64 * 1024)
                    .build())
            .build();

    @Override
    public void onEvent(Connection guest, Event event) {
        if (event instanceof TcpEvent.Opened) {
            guest.send("welcome\n").setTimer(PATIENCE);
        } else if (event instanceof TcpEvent.Received received) {
            listen(guest, received.buffer());
        } else if (event instanceof TcpEvent.Broadcast message) {
            guest.send(message.bytes());
        } else if (event instanceof TcpEvent.TimerFired) {
            guest.send("bye\n").close();
        }
    }

    /** Takes the complete lines; what is left of one waits in the buffer for its end. */
    @SuppressWarnings("FutureReturnValueIgnored") // nobody asks how many heard it
    private static void listen(Connection guest, ReceiveBuffer input) {
        StringBuilder said = new StringBuilder();
        int end = input.indexOf((byte) '\n');
        while (end >= 0 && lengthOf(input, end) <= LINE_LIMIT) {
            said.append(guest.id())
                    .append(": ")
                    .append(input.take(lengthOf(input, end)).utf8())
                    .append('\n');
            input.discard(input.indexOf((byte) '\n') + 1);
            end = input.indexOf((byte) '\n');
        }
        if (!said.isEmpty()) {
            guest.manager().broadcast(Bytes.utf8(said));
            guest.setTimer(PATIENCE);
        }
        if (lengthOf(input, input.size()) > LINE_LIMIT) {
            guest.send("line too long\n").close();
        }
    }

    /** A carriage return before the end of a line is not part of it. */
    private static int lengthOf(ReceiveBuffer input, int end) {
        return end > 0 && input.get(end - 1) == '\r' ? end - 1 : end;
    }
}
