package dev.meerkat.examples.datagrams;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.EventManager;
import dev.meerkat.UdpPeerOptions;
import dev.meerkat.UdpPeers;
import dev.meerkat.testkit.Link;
import dev.meerkat.testkit.SimHost;
import dev.meerkat.testkit.SimWorld;
import dev.meerkat.testkit.junit.OnHost;
import dev.meerkat.testkit.junit.SimTest;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** The examples at work. */
class DatagramsTest {
    private static final Duration GIVEN_UP = Duration.ofMillis(6_200);

    /** A client that is not ours. */
    @Test
    void clockAnswersAPlainSocketOfTheJdk() throws Exception {
        try (EventManager manager = EventManager.create();
                DatagramSocket client = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            int port = manager.listenUdp("udp://127.0.0.1:0", new Clock()).port();
            manager.start();
            client.setSoTimeout(20_000);
            client.send(new DatagramPacket(new byte[0], 0, InetAddress.getLoopbackAddress(), port));
            DatagramPacket answer = new DatagramPacket(new byte[100], 100);
            client.receive(answer);
            String time = new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8);
            assertTrue(Instant.parse(time.strip()).isAfter(Instant.EPOCH));
        }
    }

    /** How a request ended, and after how long. */
    private record Outcome(String answer, Duration after) {}

    private final Map<String, Integer> executions = new HashMap<>();

    private void serve(SimHost server) {
        server.manager()
                .listenUdp(
                        "udp://:4000",
                        UdpPeers.perPeer(
                                UdpPeerOptions.DEFAULT,
                                peer -> new AtMostOnce(question -> {
                                    executions.merge(question, 1, Integer::sum);
                                    return "answer to " + question;
                                })));
    }

    @SimTest(seeds = 3)
    void requestsGetThroughABadNetworkOrAreGivenUpAtTheExactTime(
            SimWorld world, @OnHost("server") SimHost server, @OnHost("client") SimHost client) {
        Link link = world.link("client", "server")
                .latency(Duration.ofMillis(1), Duration.ofMillis(60)) // so that they overtake each other
                .loss(0.3)
                .duplicates(0.1)
                .corruption(0.01);
        serve(server);
        Requests requests =
                new Requests(client.manager(), "udp://" + server.ipv4().getHostAddress() + ":4000");
        List<Outcome> outcomes = new ArrayList<>();
        List<Outcome> failures = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            String question = "question " + i;
            Duration asked = world.elapsed();
            requests.ask(question).whenComplete((answer, failure) -> {
                Duration after = world.elapsed().minus(asked);
                if (failure == null) {
                    assertEquals("answer to " + question, answer);
                    outcomes.add(new Outcome(answer, after));
                } else {
                    assertInstanceOf(TimeoutException.class, failure);
                    failures.add(new Outcome(question, after));
                }
            });
            world.advance(Duration.ofMillis(10));
        }
        world.advance(GIVEN_UP);
        assertEquals(1_000, outcomes.size() + failures.size());
        assertTrue(outcomes.stream().allMatch(each -> each.after().compareTo(GIVEN_UP) < 0));
        assertTrue(!failures.isEmpty() && failures.size() < 100, () -> failures.size() + " were given up");
        failures.forEach(each -> assertEquals(GIVEN_UP, each.after()));
        executions.forEach((question, count) -> assertEquals(1, count, question));
        assertTrue(link.lost() > 500 && link.duplicated() > 100 && link.corrupted() > 5, link::toString);
    }

    @SimTest
    void serverThatIsGoneIsGivenUpAfterSixPointTwoSeconds(
            SimWorld world, @OnHost("server") SimHost server, @OnHost("client") SimHost client) {
        Requests requests =
                new Requests(client.manager(), "udp://" + server.ipv4().getHostAddress() + ":4000");
        var answer = requests.ask("anybody?");
        world.advance(GIVEN_UP.minusNanos(1));
        assertTrue(!answer.isDone());
        world.advance(Duration.ofNanos(1));
        assertTrue(answer.isCompletedExceptionally());
    }
}
