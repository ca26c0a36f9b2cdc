package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.ObserveOptions;
import dev.meerkat.internal.websocket.Opcode;
import dev.meerkat.testkit.websocket.FrameLog;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Frames in readable lines, of real connections as of simulated ones. */
abstract class FrameLogRules extends WebSocketRules {
    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());

    @Test
    void whatPassesIsToldInTheOrderInWhichItPasses() {
        use(options -> options.observe(ObserveOptions.tappedBy(FrameLog.to(lines::add))));
        Peer client = ask(ECHO);
        client.send(joined(part(Opcode.TEXT, "hel"), masked(Opcode.CONTINUATION, utf8("lo"))));
        expect(client, "TEXT hello");
        endInOrder(client);
        assertEquals(
                List.of(
                        "<- text, more follows, masked, 3 bytes: \"hel\"",
                        "<- continuation, masked, 2 bytes: \"lo\"",
                        "-> text, 5 bytes: \"hello\"",
                        "<- close, masked, 2 bytes: 1000",
                        "-> close, 2 bytes: 1000"),
                lines.stream().map(line -> line.split(" ", 3)[2]).toList());
    }
}
