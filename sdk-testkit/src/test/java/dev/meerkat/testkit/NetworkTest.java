package dev.meerkat.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.event.TcpEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** N3 to N8 and N10: hosts, links and what goes wrong on them. */
class NetworkTest {
    private final SimWorld world = SimWorld.open(SimConfig.DEFAULT);
    private final SimHost server = world.host("srv");
    private final SimHost client = world.host("cli");
    private final Link link = world.link("cli", "srv");

    @AfterEach
    void nothingIsLeft() {
        world.close();
    }

    private static Duration millis(long count) {
        return Duration.ofMillis(count);
    }

    private static Duration seconds(long count) {
        return Duration.ofSeconds(count);
    }

    @Nested
    class HostsAndPorts {
        @Test
        void programsMeetByName() {
            server.listen(7, Programs::echo);
            List<String> log = new ArrayList<>();
            client.connect("srv:7", (connection, event) -> {
                if (event instanceof TcpEvent.Opened) {
                    connection.send("hello");
                } else if (event instanceof TcpEvent.Received received) {
                    log.add(received.takeText());
                    connection.close();
                }
            });
            world.await("the answer", () -> !log.isEmpty());
            assertEquals(List.of("hello"), log);
        }

        @Test
        void unknownNamesFailAsTheyDoOutside() {
            List<Throwable> causes = new ArrayList<>();
            client.connect("nowhere:7", (connection, event) -> {
                if (event instanceof TcpEvent.ConnectFailed failed) {
                    causes.add(failed.error().cause().orElseThrow());
                }
            });
            world.runCurrent();
            assertInstanceOf(UnknownHostException.class, causes.get(0));
        }

        @Test
        void anAliasHasTheAddressesItIsGiven() {
            SimHost second = world.host("second");
            second.listen(7, Programs::echo);
            world.alias("service", server, second);
            List<String> log = new ArrayList<>();
            client.connect("service:7", Programs.recorder(log));
            world.advance(seconds(1));
            assertEquals(List.of("Opened"), log, "the first host refuses, the second accepts");
        }

        @Test
        void addressesOfBothFamiliesReachAHost() {
            server.listener(7);
            for (var address : List.of(server.ipv4(), server.ipv6())) {
                client.beginStream(new InetSocketAddress(address, 7)).expectConnected();
            }
        }

        @Test
        void aPortInUseCannotBeBound() {
            server.listener(7);
            UncheckedIOException e = assertThrows(UncheckedIOException.class, () -> server.listener(7));
            assertInstanceOf(BindException.class, e.getCause());
            assertEquals("Address already in use", e.getCause().getMessage());
            client.listener(7);
        }

        @Test
        void portZeroIsAFreeEphemeralPort() {
            int first = portOf(server.listener(0));
            int second = portOf(server.listener(0));
            assertEquals(49_152, first);
            assertEquals(49_153, second);
        }

        private int portOf(ListenerEnd listener) {
            return ((InetSocketAddress) listener.localAddress()).getPort();
        }

        @Test
        void portsAreReleasedOnClose() {
            for (int i = 0; i < 20_000; i++) {
                server.listener(0).close();
                server.datagram(0).close();
            }
        }

        @Test
        void tenThousandConnectsLeakNoPort() {
            server.listen(7, Programs::echo);
            for (int i = 0; i < 20_000; i++) {
                StreamEnd end = client.stream("srv", 7);
                end.close();
                world.runCurrent();
            }
            assertEquals(0, client.openSockets());
        }

        @Test
        void aHostOutOfDescriptorsSaysSoAndRecovers() {
            server.listen(7, Programs::echo);
            server.descriptorLimit(2);
            StreamEnd first = client.stream("srv", 7);
            StreamEnd second = client.stream("srv", 7);
            first.send("a").expectText("a");
            second.send("b").expectNothing();
            assertTrue(world.takeErrors().get(0).getMessage().contains("Too many open files"));
            first.close();
            second.expectText("b");
        }
    }

    @Nested
    class Latency {
        @Test
        void aRoundTripTakesTwiceTheLatency() {
            server.listen(7, Programs::echo);
            StreamEnd end = client.stream("srv", 7);
            link.latency(millis(20));
            Duration start = world.elapsed();
            end.send("x").expectText("x");
            assertEquals(millis(40), world.elapsed().minus(start));
        }

        @Test
        void aConnectTakesOneRoundTrip() {
            link.latency(millis(20));
            server.listener(7);
            client.stream("srv", 7);
            assertEquals(millis(40), world.elapsed());
        }

        @Test
        void eachDirectionHasItsOwn() {
            server.listen(7, Programs::echo);
            StreamEnd end = client.stream("srv", 7);
            world.oneWay("cli", "srv").latency(millis(1));
            world.oneWay("srv", "cli").latency(millis(100));
            end.send("x").expectNothingFor(millis(101).minusNanos(1));
            world.advance(Duration.ofNanos(1));
            assertEquals(1, end.receivedBytes());
            end.take();
        }

        @Test
        void aRandomOneStaysWithinItsBoundsAndKeepsTheOrder() {
            server.listen(7, Programs::echo);
            StreamEnd end = client.stream("srv", 7);
            link.latency(millis(5), millis(80));
            Duration least = seconds(9);
            Duration most = Duration.ZERO;
            for (int i = 0; i < 500; i++) {
                Duration start = world.elapsed();
                end.send("m" + i).expectText("m" + i);
                Duration trip = world.elapsed().minus(start);
                least = trip.compareTo(least) < 0 ? trip : least;
                most = trip.compareTo(most) > 0 ? trip : most;
            }
            assertTrue(least.compareTo(millis(10)) >= 0 && least.compareTo(millis(30)) < 0, () -> "");
            assertTrue(most.compareTo(millis(160)) <= 0 && most.compareTo(millis(130)) > 0);
        }

        @Test
        void bandwidthTakesItsTime() {
            ListenerEnd listener = server.listener(7);
            StreamEnd end = client.stream("srv", 7);
            StreamEnd peer = listener.accept();
            link.latency(millis(50)).bandwidth(1_000_000);
            Duration start = world.elapsed();
            end.send(new byte[10_000_000]);
            peer.expectBytes(new byte[10_000_000]);
            assertEquals(10.05, world.elapsed().minus(start).toMillis() / 1000.0, 0.02);
        }
    }

    @Nested
    class Cutting {
        private static final String REQUEST = "GET /index.html HTTP/1.1\r\nHost: example.org\r\n\r\n";

        private List<Integer> sizesOf(Chunks chunks) {
            List<Integer> sizes = new ArrayList<>();
            server.listen(7, (connection, event) -> {
                if (event instanceof TcpEvent.Received received) {
                    sizes.add(received.count());
                    connection.send(received.buffer());
                }
            });
            StreamEnd end = client.stream("srv", 7);
            link.chunks(chunks);
            end.send(REQUEST).expectText(REQUEST);
            return sizes;
        }

        @Test
        void wholeIsOnePiece() {
            assertEquals(List.of(REQUEST.length()), sizesOf(Chunks.whole()));
        }

        @Test
        void oneByteMakesEachByteAnEvent() {
            assertEquals(REQUEST.length(), sizesOf(Chunks.oneByte()).size());
        }

        @Test
        void aFixedSizeLeavesTheRestForTheLast() {
            assertEquals(List.of(20, 20, 7), sizesOf(Chunks.of(20)));
        }

        @Test
        void everyPairOfPiecesCanBeMade() {
            for (int cut = 1; cut < REQUEST.length(); cut++) {
                int at = cut;
                SimWorld.run(inner -> {
                    List<Integer> sizes = new ArrayList<>();
                    inner.host("srv").listen(7, (connection, event) -> {
                        if (event instanceof TcpEvent.Received received) {
                            sizes.add(received.count());
                            received.take();
                        }
                    });
                    StreamEnd end = inner.host("cli").stream("srv", 7);
                    inner.link("cli", "srv").chunks(Chunks.cutAt(at));
                    end.send(REQUEST);
                    inner.runCurrent();
                    assertEquals(List.of(at, REQUEST.length() - at), sizes);
                });
            }
        }

        @Test
        void randomPiecesPutTogetherAreTheWhole() {
            List<Integer> sizes = sizesOf(Chunks.random());
            assertEquals(
                    REQUEST.length(), sizes.stream().mapToInt(Integer::intValue).sum());
            assertTrue(sizes.size() > 1);
        }

        @Test
        void partialWritesAreWrittenOn() {
            server.listen(7, Programs::echo);
            StreamEnd end = client.stream("srv", 7);
            link.partialWrites(Chunks.random()).chunks(Chunks.random());
            byte[] bytes = new byte[20_000];
            world.random("payload").nextBytes(bytes);
            end.send(bytes).expectBytes(bytes);
        }

        @Test
        void theEndIsAnEventAfterTheLastPiece() {
            List<String> log = new ArrayList<>();
            server.listen(7, Programs.recorder(log));
            StreamEnd end = client.stream("srv", 7);
            link.chunks(Chunks.of(2));
            end.send("1234").close();
            world.advance(seconds(2));
            assertEquals(List.of("Opened", "Received", "Received", "InputClosed", "Closed clean, by PEER"), log);
        }
    }

    @Nested
    class Endings {
        private ListenerEnd listener = server.listener(7);

        @Test
        void nobodyListeningRefuses() {
            IOException failure = client.beginStream("srv", 8).expectConnectFailure();
            assertInstanceOf(ConnectException.class, failure);
            assertEquals("Connection refused", failure.getMessage());
        }

        @Test
        void refusedConnectsAreCountedDown() {
            link.refuseConnects(2);
            client.beginStream("srv", 7).expectConnectFailure();
            client.beginStream("srv", 7).expectConnectFailure();
            client.stream("srv", 7);
            assertEquals(2, link.disturbedConnects());
        }

        @Test
        void aSwallowedConnectTimesOutAfterTwoMinutes() {
            link.swallowConnects(100);
            IOException failure =
                    client.beginStream("srv", 7).within(Duration.ofMinutes(3)).expectConnectFailure();
            assertEquals("Connection timed out", failure.getMessage());
            assertEquals(seconds(127), world.elapsed());
        }

        @Test
        void aSwallowedConnectIsRepeated() {
            link.swallowConnects(2);
            client.stream("srv", 7);
            assertEquals(seconds(3), world.elapsed());
        }

        @Test
        void acceptedAndResetAtOnce() {
            link.resetAccepted(1);
            StreamEnd end = client.stream("srv", 7);
            StreamEnd peer = listener.accept();
            end.expectReset();
            peer.expectReset();
        }

        @Test
        void resetAfterManyBytes() {
            StreamEnd end = client.stream("srv", 7);
            world.oneWay("cli", "srv").resetAfter(10);
            StreamEnd peer = listener.accept();
            end.send("0123456789abcdef").expectReset();
            peer.expectText("0123456789").expectReset();
        }

        @Test
        void resetOnceHitsOneConnectionOnce() {
            link.resetOnce();
            for (int i = 0; i < 40; i++) {
                StreamEnd end = client.stream("srv", 7);
                StreamEnd peer = listener.accept();
                end.send("a");
                peer.send("b");
                world.runCurrent();
                end.close();
                peer.close();
                world.runCurrent();
            }
            assertEquals(1, link.resets());
        }

        @Test
        void aBacklogThatIsFullMakesConnectsWait() {
            ListenerEnd narrow = server.listener(9, 1);
            StreamEnd first = client.stream("srv", 9);
            StreamEnd second = client.stream("srv", 9);
            StreamEnd third = client.beginStream("srv", 9);
            world.advance(millis(500));
            narrow.accept();
            third.expectConnected();
            assertEquals(seconds(1), world.elapsed(), "the repetition of the SYN");
            first.close();
            second.close();
        }

        @Test
        void closingAListenerResetsWhoWasNotAccepted() {
            StreamEnd end = client.stream("srv", 7);
            listener.close();
            end.expectReset();
        }

        @Test
        void aHostThatVanishesIsSilent() {
            StreamEnd end = client.stream("srv", 7);
            listener.accept();
            server.vanish();
            end.send("hello?").expectNothingFor(Duration.ofMinutes(15));
            end.within(Duration.ofMinutes(1)).expectNothingFor(seconds(24));
        }

        @Test
        void aSenderGivesUpOnAHostThatVanished() {
            List<String> log = new ArrayList<>();
            client.connect("srv:7", (connection, event) -> {
                log.add(
                        event instanceof TcpEvent.Closed closed
                                ? closed.reason().toString()
                                : event.toString());
                if (event instanceof TcpEvent.Opened) {
                    connection.setTimer(seconds(1));
                } else if (event instanceof TcpEvent.TimerFired) {
                    connection.send("hello?");
                }
            });
            world.runCurrent();
            listener.accept();
            server.vanish();
            world.advance(Duration.ofMinutes(20));
            assertTrue(log.get(2).contains("TIMED_OUT"), log::toString);
        }

        @Test
        void keepAliveNoticesAHostThatVanishedToTheSecond() {
            List<String> log = new ArrayList<>();
            client.connect(
                    "srv:7",
                    (connection, event) -> log.add(
                            event instanceof TcpEvent.Closed closed
                                    ? world.elapsed().toSeconds() + " " + closed.reason()
                                    : event.toString()));
            world.runCurrent();
            StreamEnd peer = listener.accept();
            world.advance(seconds(10));
            peer.send("the last word");
            world.runCurrent();
            server.vanish();
            world.advance(Duration.ofHours(3));
            String end = log.get(log.size() - 1);
            assertTrue(end.startsWith((10 + 7_875) + " ") && end.contains("TIMED_OUT"), end);
        }

        @Test
        void keepAliveForgetsAPartitionThatIsHealed() {
            StreamEnd end = client.stream("srv", 7);
            StreamEnd peer = listener.accept();
            link.partition();
            world.advance(Duration.ofHours(2));
            link.heal();
            world.advance(Duration.ofHours(10));
            link.partition();
            world.advance(Duration.ofHours(2));
            link.heal();
            end.send("still there");
            peer.expectText("still there");
        }

        @Test
        void connectingToAHostThatVanishedTimesOut() {
            server.vanish();
            assertEquals(
                    "Connection timed out",
                    client.beginStream("srv", 7)
                            .within(Duration.ofMinutes(3))
                            .expectConnectFailure()
                            .getMessage());
        }
    }

    @Nested
    class LossAndPartition {
        @Test
        void lossOnAStreamIsDelayAndNothingElse() {
            server.listen(7, Programs::echo);
            StreamEnd end = client.stream("srv", 7).within(Duration.ofHours(1));
            link.latency(millis(10)).loss(0.3);
            for (int i = 0; i < 1_000; i++) {
                end.send("message " + i + "\n").expectText("message " + i + "\n");
            }
            assertTrue(link.lost() > 100);
            assertTrue(world.elapsed().compareTo(seconds(100)) > 0);
            link.loss(0);
        }

        @Test
        void totalLossTimesOut() {
            ListenerEnd listener = server.listener(7);
            StreamEnd end = client.stream("srv", 7);
            listener.accept();
            world.oneWay("cli", "srv").loss(1);
            end.send("x");
            world.advance(Duration.ofNanos(924_600_000_000L - 1));
            end.expectNothing();
            world.advance(Duration.ofNanos(1));
            AssertionError error = assertThrows(AssertionError.class, end::expectEnd);
            assertTrue(error.getMessage().contains("Connection timed out"), error.getMessage());
        }

        @Test
        void aPartitionDelaysStreamsUntilItIsHealed() {
            server.listen(7, Programs::echo);
            StreamEnd end = client.stream("srv", 7);
            link.partition();
            end.send("one ").expectNothingFor(seconds(10));
            end.send("two");
            link.heal();
            end.expectText("one two");
        }

        @Test
        void aOneWayPartitionStopsOneDirection() {
            ListenerEnd listener = server.listener(7);
            StreamEnd end = client.stream("srv", 7);
            StreamEnd peer = listener.accept();
            world.oneWay("cli", "srv").partition();
            end.send("question");
            peer.expectNothingFor(seconds(5)).send("answer");
            end.expectText("answer");
            world.heal();
            peer.expectText("question");
        }

        @Test
        void aPartitionThatLastsTimesOutWhoIsSending() {
            ListenerEnd listener = server.listener(7);
            StreamEnd end = client.stream("srv", 7);
            listener.accept();
            link.partition();
            end.send("x");
            world.advance(Duration.ofMinutes(16));
            assertThrows(AssertionError.class, end::expectEnd);
            link.heal();
        }

        @Test
        void heldBytesArriveInOrderOnRelease() {
            ListenerEnd listener = server.listener(7);
            StreamEnd end = client.stream("srv", 7);
            StreamEnd peer = listener.accept();
            link.hold();
            end.send("a").send("b");
            peer.expectNothingFor(Duration.ofHours(1));
            end.send("c").close();
            link.release();
            peer.expectText("abc").expectEnd();
        }

        @Test
        void aConnectDuringAPartitionGoesThroughAfterwards() {
            server.listener(7);
            link.partition();
            world.at(seconds(5), link::heal);
            client.stream("srv", 7);
            assertEquals(seconds(7), world.elapsed(), "repetitions come at 1, 3 and 7 seconds");
        }

        @Test
        void groupsCanBeCutApart() {
            world.host("third").listener(7);
            server.listener(7);
            world.partition(List.of("cli"), List.of("srv", "third"));
            StreamEnd a = client.beginStream("srv", 7);
            StreamEnd b = client.beginStream("third", 7);
            a.expectNothingFor(seconds(2));
            world.heal();
            a.expectConnected();
            b.expectConnected();
        }

        @Test
        void aHostCannotLoseTouchWithItself() {
            Link loopback = world.link("srv", "srv");
            assertThrows(UnsupportedFaultException.class, loopback::partition);
            assertThrows(UnsupportedFaultException.class, loopback::hold);
            assertThrows(UnsupportedFaultException.class, () -> loopback.loss(0.1));
        }

        @Test
        void faultsThatDidNotHappenAreListed() {
            link.refuseConnects(3).loss(0.5);
            assertEquals(4, world.unusedFaults().size());
        }
    }

    @Nested
    class Datagrams {
        private final DatagramEnd at = server.datagram(53);
        private final DatagramEnd from = client.datagram(0).sendTo(at.localAddress());

        @Test
        void theyArriveWholeAndCanBeAnswered() {
            from.send("question");
            at.expectText("question").send("answer");
            from.expectText("answer").expectNothing();
        }

        @Test
        void lossAndDuplicationFollowTheSeed() {
            link.loss(0.3);
            for (int i = 0; i < 1_000; i++) {
                from.send("d" + i);
            }
            world.runCurrent();
            long arrived = count();
            assertEquals(1_000, arrived + link.lost());
            assertTrue(link.lost() > 250 && link.lost() < 350, () -> "lost " + link.lost());
            link.loss(0).duplicates(0.5);
            for (int i = 0; i < 1_000; i++) {
                from.send("e" + i);
            }
            world.runCurrent();
            assertEquals(1_000 + link.duplicated(), count());
            assertNotEquals(0, link.duplicated());
        }

        private static int changedBits(byte[] sent, byte[] arrived) {
            assertEquals(sent.length, arrived.length);
            int changed = 0;
            for (int i = 0; i < sent.length; i++) {
                changed += Integer.bitCount((sent[i] ^ arrived[i]) & 0xFF);
            }
            return changed;
        }

        @Test
        void aCorruptedDatagramDiffersInExactlyOneBit() {
            link.corruption(1);
            byte[] sent = "whole and undamaged".getBytes(StandardCharsets.UTF_8);
            byte[] kept = sent.clone();
            Set<String> variants = new HashSet<>();
            for (int i = 0; i < 200; i++) {
                from.send(sent);
                byte[] arrived = at.receive().payload().toByteArray();
                assertEquals(1, changedBits(sent, arrived));
                variants.add(new String(arrived, StandardCharsets.ISO_8859_1));
            }
            assertTrue(variants.size() > 50, () -> "not always the same bit: " + variants.size());
            assertArrayEquals(kept, sent, "what the sender has is not touched");
        }

        @Test
        void corruptionFollowsItsProbabilityAndSparesWhatIsEmpty() {
            link.corruption(0.3);
            int damaged = 0;
            for (int i = 0; i < 1_000; i++) {
                from.send(new byte[] {1, 2, 3});
                damaged +=
                        changedBits(new byte[] {1, 2, 3}, at.receive().payload().toByteArray());
            }
            int found = damaged;
            assertTrue(found > 250 && found < 350, () -> "damaged " + found);
            link.corruption(1);
            from.send("");
            assertEquals(0, at.receive().payload().length());
            link.corruption(0);
            from.send("fine");
            at.expectText("fine");
        }

        @Test
        void theSameSeedDamagesTheSameBits() {
            List<List<String>> runs = new ArrayList<>();
            for (int run = 0; run < 2; run++) {
                List<String> arrived = new ArrayList<>();
                SimWorld.run(SimConfig.builder().seed(42).build(), other -> {
                    DatagramEnd end = other.host("srv").datagram(53);
                    DatagramEnd sender = other.host("cli").datagram(0).sendTo(end.localAddress());
                    other.link("cli", "srv").corruption(0.5);
                    for (int i = 0; i < 50; i++) {
                        sender.send("damage me");
                        arrived.add(end.receive().payload().utf8());
                    }
                });
                runs.add(arrived);
            }
            assertEquals(runs.get(0), runs.get(1));
        }

        @Test
        void aProbabilityIsBetweenNoneAndAll() {
            assertThrows(IllegalArgumentException.class, () -> link.corruption(-0.1));
            assertThrows(IllegalArgumentException.class, () -> link.corruption(1.1));
        }

        @Test
        void whatIsLongerThanTheLinkLetsPassArrivesWithoutItsEnd() {
            world.oneWay("cli", "srv").truncateDatagrams(5);
            from.send("12345").send("123456").send("");
            at.expectText("12345").expectText("12345").expectText("").expectNothing();
            assertEquals(List.of(), world.unusedFaults());
        }

        @Test
        void onlyTheDirectionThatIsMeantIsCutOff() {
            world.oneWay("cli", "srv").truncateDatagrams(0);
            from.send("question");
            at.expectText("").send("answer");
            from.expectText("answer");
        }

        @Test
        void damageThatDidNotHappenIsListed() {
            world.oneWay("cli", "srv").truncateDatagrams(5).corruption(0.5);
            from.send("");
            at.expectText("");
            assertEquals(
                    List.of(
                            "cli -> srv: corruption 0.5 changed nothing",
                            "cli -> srv: no datagram was longer than 5 B"),
                    world.unusedFaults());
        }

        @Test
        void aLinkThatCutsOffMoreThanNothingCannotBe() {
            assertThrows(IllegalArgumentException.class, () -> link.truncateDatagrams(-1));
        }

        private long count() {
            long count = 0;
            while (at.hasReceived()) {
                at.receive();
                count++;
            }
            return count;
        }

        @Test
        void latencyReordersThem() {
            link.latency(millis(1), millis(100));
            for (int i = 0; i < 20; i++) {
                from.send(new byte[] {(byte) i});
            }
            world.advance(seconds(1));
            List<Byte> order = new ArrayList<>();
            while (at.hasReceived()) {
                order.add(at.receive().payload().get(0));
            }
            assertEquals(20, order.size());
            assertNotEquals(order.stream().sorted().toList(), order);
        }

        @Test
        void aPartitionSwallowsThem() {
            link.partition();
            from.send("lost");
            at.expectNothingFor(seconds(10));
            link.heal();
            from.send("heard");
            at.expectText("heard");
        }
    }
}
