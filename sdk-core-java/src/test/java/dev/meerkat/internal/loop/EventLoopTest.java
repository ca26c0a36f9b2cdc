package dev.meerkat.internal.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.meerkat.runtime.Handle;
import dev.meerkat.runtime.TimeSource;
import dev.meerkat.runtime.Transport;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a loop does when those whom it serves fail. */
class EventLoopTest {
    private final List<Throwable> reported = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private boolean memory;
    private boolean open = true;

    private final ReadyListener poor = new ReadyListener() {
        @Override
        public void onReady(int ops) {
            told.add("ready");
            throw new OutOfMemoryError("expected");
        }

        @Override
        public void onFailure(Throwable failure) {
            told.add("failure");
            if (!memory) {
                throw new OutOfMemoryError("expected");
            }
        }
    };

    private final Handle handle = fake(Handle.class, (method) -> switch (method) {
        case "attachment" -> poor;
        case "close" -> {
            open = false;
            yield null;
        }
        default -> null;
    });

    private interface Answer {
        Object to(String method);
    }

    private static <T> T fake(Class<T> type, Answer answer) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (self, method, arguments) -> answer.to(method.getName())));
    }

    private final Transport transport = (Transport) Proxy.newProxyInstance(
            Transport.class.getClassLoader(), new Class<?>[] {Transport.class}, (self, method, arguments) -> {
                if (method.getName().equals("poll") && open) {
                    ((Transport.ReadySink) arguments[1]).ready(handle, Handle.READ); // at once, each time
                }
                return null;
            });

    private final TimeSource time = fake(TimeSource.class, method -> 0L);

    private final EventLoop loop =
            new EventLoop(transport, time, new Mailbox(10), 10, (source, failure) -> reported.add(failure));

    @Test
    void whoCannotEvenBeGivenUpKeepsNoLoopTurning() {
        loop.runOnce(0);
        assertFalse(open, "the handle is closed");
        int first = told.size();
        loop.runOnce(0);
        assertEquals(List.of("failure"), told.subList(first, told.size()), "another try, and nothing to read");
        assertEquals(2, reported.size());
        memory = true;
        loop.runOnce(0);
        int last = told.size();
        loop.runOnce(0);
        assertEquals(last, told.size(), "given up at last, once");
        assertEquals(2, reported.size());
    }
}
