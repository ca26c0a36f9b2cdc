package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.event.FileRegion;
import dev.meerkat.runtime.SocketOptions;
import dev.meerkat.runtime.StreamHandle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class NioLargeFileTest extends LargeFileRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }

    /** Counts what comes and keeps how it begins and how it ends. */
    private static final class Drain {
        private static final int KEPT = 8;

        private final StreamHandle handle;
        private final ByteBuffer scratch = ByteBuffer.allocateDirect(1 << 20);
        private final StringBuilder first = new StringBuilder();
        private String last = "";
        private boolean connected;
        private long count;

        Drain(StreamHandle handle) {
            this.handle = handle;
        }

        /** Reads what there is; true when so much has come. */
        boolean reached(long end) {
            try {
                connected = connected || handle.finishConnect();
                while (connected && count < end) {
                    int read = handle.read(scratch.clear());
                    if (read <= 0) {
                        return false;
                    }
                    take(scratch.flip());
                    count += read;
                }
                return connected;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void take(ByteBuffer come) {
            int missing = Math.min(KEPT - first.length(), come.remaining());
            first.append(StandardCharsets.ISO_8859_1.decode(come.duplicate().limit(come.position() + missing)));
            int tail = Math.min(KEPT, come.remaining());
            String newest = StandardCharsets.ISO_8859_1
                    .decode(come.duplicate().position(come.limit() - tail))
                    .toString();
            String all = last + newest;
            last = all.substring(Math.max(0, all.length() - KEPT));
        }
    }

    /** By the system's own means, which have limits of their own: 2,147,479,552 bytes a call on Linux. */
    @Test
    void aRegionOfMoreThanTwoGigabytesArrivesWhole() throws IOException {
        Script script = script();
        Drain drain = new Drain(arm.peers().connect(arm.addressOf(listen(script)), SocketOptions.DEFAULT));
        until("the connection", () -> drain.reached(0) && script.isOpened());
        long from = TWO_GIB - 4;
        long count = FOUR_GIB + 4 - from;
        FileRegion region = FileRegion.of(FileChannel.open(large), from, count);
        inTurn(() -> script.connection().send(region));
        until("all of it", () -> drain.reached(count));
        assertEquals(count, drain.count);
        assertEquals("aroundG2", drain.first.toString());
        assertEquals("aroundG4", drain.last);
        assertEquals(0, script.connection().pendingFileBytes());
        drain.handle.close();
        untilClosed(script);
    }
}
