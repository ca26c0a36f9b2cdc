package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.websocket.ReconnectPolicy;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When a client comes again, to the nanosecond. */
class SimWebSocketReconnectTest extends WebSocketReconnectRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }

    private static ReconnectPolicy.Builder exact() {
        return ReconnectPolicy.builder()
                .firstDelay(Duration.ofSeconds(1))
                .longestDelay(Duration.ofSeconds(5))
                .jitter(0);
    }

    @Test
    void eachDelayIsLongerThanTheOneBefore() {
        server.refusals = 6;
        connect(exact().attempts(6).build());
        Duration before = ((SimArm) arm).now();
        until("the end", () -> client.told.contains("end, unsent 0"));
        assertEquals(List.of(1, 2, 4, 5, 5).stream().map(Duration::ofSeconds).toList(), client.delays);
        assertEquals(Duration.ofSeconds(17), ((SimArm) arm).now().minus(before));
    }

    @Test
    void aServerThatNamesATimeIsWaitedForThatLong() {
        server.refusals = 2;
        server.retryAfter = "3";
        connect(exact().build());
        until("it", () -> client.told.contains("Opened"));
        assertEquals(List.of(Duration.ofSeconds(3), Duration.ofSeconds(3)), client.delays);
    }

    @Test
    void delaysBeginAnewWhenItHasLasted() {
        server.refusals = 2;
        connect(exact().build());
        until("it", () -> client.told.contains("Opened"));
        arm.advance(Duration.ofSeconds(10));
        inTurn(() -> server.refusals = 0);
        arm.advance(Duration.ofSeconds(1));
        assertEquals(List.of(Duration.ofSeconds(1), Duration.ofSeconds(2)), client.delays);
        server.last.abort();
        until("the next", () -> client.delays.size() == 3);
        assertEquals(Duration.ofSeconds(1), client.delays.get(2));
    }

    @Test
    void chanceSpreadsThoseWhoComeBack() {
        server.refusals = 20;
        connect(ReconnectPolicy.builder()
                .firstDelay(Duration.ofSeconds(8))
                .longestDelay(Duration.ofSeconds(8))
                .attempts(21)
                .build());
        until("it", () -> client.told.contains("Opened"));
        assertTrue(client.delays.stream().allMatch(delay -> delay.compareTo(Duration.ofSeconds(8)) <= 0));
        assertEquals(20, new HashSet<>(client.delays).size());
    }
}
