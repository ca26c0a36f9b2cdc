package dev.meerkat.internal.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.ErrorHook;
import dev.meerkat.internal.connection.OperatorLog.Message;
import dev.meerkat.runtime.TimeSource;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OperatorLogTest {
    private final List<String> lines = new ArrayList<>();
    private long now;

    private final OperatorLog log = new OperatorLog(
            "srv",
            new TimeSource() {
                @Override
                public long nanoTime() {
                    return now;
                }

                @Override
                public Instant wallTime() {
                    return Instant.EPOCH;
                }
            },
            new Logger() {
                @Override
                public String getName() {
                    return "test";
                }

                @Override
                public boolean isLoggable(Level level) {
                    return true;
                }

                @Override
                public void log(
                        Level level, @Nullable ResourceBundle bundle, @Nullable String text, @Nullable Throwable e) {
                    lines.add(level + " " + text + (e == null ? "" : " <- " + e.getMessage()));
                }

                @Override
                public void log(
                        Level level,
                        @Nullable ResourceBundle bundle,
                        @Nullable String format,
                        @Nullable Object... arguments) {
                    lines.add(level + " " + format);
                }
            });

    private void fail(ErrorHook.Source source) {
        log.onError(source, Optional.empty(), new IllegalStateException("cause"));
    }

    @Test
    void aMessageTellsWhoWhatAndWhy() {
        fail(ErrorHook.Source.TASK);
        assertEquals(List.of("ERROR srv: a posted task threw <- cause"), lines);
    }

    @Test
    void eachMessageComesTenTimesInTenSecondsAndThenTellsHowManyWereLeftOut() {
        for (int i = 0; i < OperatorLog.MOST; i++) {
            fail(ErrorHook.Source.HANDLER);
        }
        assertEquals(10, lines.size(), "n");
        fail(ErrorHook.Source.HANDLER);
        fail(ErrorHook.Source.HANDLER);
        assertEquals(10, lines.size(), "n + 1 and n + 2");
        now = OperatorLog.WINDOW_NANOS - 1;
        fail(ErrorHook.Source.HANDLER);
        assertEquals(10, lines.size(), "just before the window ends");
        now = OperatorLog.WINDOW_NANOS;
        fail(ErrorHook.Source.HANDLER);
        assertEquals(11, lines.size());
        assertTrue(lines.get(10).contains("(3 more like it were not logged)"), lines.get(10));
    }

    @Test
    void oneMessageDoesNotKeepOutAnother() {
        for (int i = 0; i <= OperatorLog.MOST; i++) {
            fail(ErrorHook.Source.HANDLER);
        }
        fail(ErrorHook.Source.TIMER);
        assertTrue(lines.get(OperatorLog.MOST).contains("timer"));
    }

    @Test
    void everySourceOfFailuresHasAMessage() {
        for (ErrorHook.Source source : ErrorHook.Source.values()) {
            assertNotEquals(Message.OTHER_FAILED, Message.of(source), source::toString);
        }
    }

    @Test
    void everyMessageIsInTheDocumentation() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "observing.md"));
        for (Message message : Message.values()) {
            String row = "| " + message.level + " | " + message.text + " |";
            assertTrue(page.contains(row), "docs/observing.md lacks: " + row);
        }
    }
}
