package dev.meerkat.nats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.EventManager;
import dev.meerkat.event.Bytes;
import dev.meerkat.nats.NatsBusException.Kind;
import dev.meerkat.nats.NatsBusOptions.Login;
import dev.meerkat.testkit.TestCa;
import dev.meerkat.testkit.TestCertificate;
import dev.meerkat.topic.SubscriptionOptions;
import dev.meerkat.topic.Topic;
import dev.meerkat.topic.TopicEvent;
import dev.meerkat.topic.TopicOptions;
import dev.meerkat.topic.WhenFull;
import dev.meerkat.websocket.Message;
import io.nats.client.Connection;
import io.nats.client.NKey;
import io.nats.client.Nats;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Topics over a real nats-server. */
@Timeout(120)
class NatsTopicBusTest {
    @TempDir
    Path folder;

    private EventManager manager;
    private NatsServer server;
    private final List<NatsTopicBus> buses = new ArrayList<>();

    @BeforeEach
    void start() {
        manager = EventManager.create().start();
    }

    @AfterEach
    void stop() {
        buses.forEach(NatsTopicBus::close);
        manager.close();
        if (server != null) {
            server.close();
        }
    }

    private void serve(String configuration) {
        server = NatsServer.start(folder, configuration);
    }

    private NatsTopicBus bus(NatsBusOptions options) {
        NatsTopicBus bus = NatsTopicBus.connect(options);
        buses.add(bus);
        return bus;
    }

    /** With as much time as a busy machine may need. */
    private static NatsBusOptions.Builder at(String server) {
        return NatsBusOptions.at(server).connectTimeout(Duration.ofSeconds(20));
    }

    /** With less, since the client waits that long before it tells that it was refused. */
    private static NatsBusOptions.Builder forRefusal(String server) {
        return at(server).connectTimeout(Duration.ofSeconds(4));
    }

    private NatsTopicBus bus() {
        return bus(at(server.url()).build());
    }

    private Kind refusal(NatsBusOptions.Builder options) {
        NatsBusException thrown = assertThrows(NatsBusException.class, () -> NatsTopicBus.connect(options.build()));
        assertFalse(thrown.getMessage().contains("swordfish"), "no message tells a password");
        return thrown.kind();
    }

    /** A topic on a bus, and what a subscriber of it hears. */
    private final class Ear {
        final Topic topic;
        private final BlockingQueue<TopicEvent> events = new LinkedBlockingQueue<>();

        Ear(String name, TopicOptions.Builder options) {
            topic = Topic.named(name, options.build());
            topic.subscribe(manager, SubscriptionOptions.DEFAULT, (subscription, event) -> events.add(event));
        }

        Ear(String name, NatsTopicBus bus) {
            this(name, TopicOptions.builder().bus(bus));
            awaitBus();
        }

        /** Until the server knows that this topic listens. */
        void awaitBus() {
            while (!topic.statistics().busConnected()) {
                Thread.onSpinWait();
            }
        }

        /** The next event of a kind; others are passed over. */
        <E extends TopicEvent> E next(Class<E> type) {
            try {
                while (true) {
                    TopicEvent event = events.poll(60, TimeUnit.SECONDS);
                    assertNotNull(event, "waited in vain for " + type.getSimpleName());
                    if (type.isInstance(event)) {
                        return type.cast(event);
                    }
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        String text() {
            return next(TopicEvent.Published.class).text();
        }
    }

    @Test
    void whatOnePublishesTheOtherHearsWithKindAndKeyAndNobodyHearsHimself() {
        serve("");
        Ear a = new Ear("a room, with *.> in it", bus());
        Ear b = new Ear("a room, with *.> in it", bus());
        a.topic.publish(Message.text("grüße"), "a key\r\nwith: more");
        TopicEvent.Published text = b.next(TopicEvent.Published.class);
        assertEquals("grüße", text.text());
        assertTrue(text.message().isText() && text.remote());
        assertEquals(Optional.of("a key\r\nwith: more"), text.key());
        byte[] bytes = {0, 1, (byte) 0xff};
        b.topic.publish(Message.binary(Bytes.copyOf(bytes)));
        assertEquals("grüße", a.text());
        TopicEvent.Published binary = a.next(TopicEvent.Published.class);
        assertEquals(Bytes.copyOf(bytes), binary.message().bytes());
        assertFalse(binary.message().isText());
        assertEquals(2, a.topic.statistics().published() + a.topic.statistics().received());
        assertEquals(0, a.topic.statistics().duplicates());
    }

    @Test
    void topicsOfOneBusAreApart() {
        serve("");
        NatsTopicBus one = bus();
        NatsTopicBus two = bus();
        Ear red = new Ear("red", one);
        Ear blue = new Ear("blue", one);
        Ear other = new Ear("red", two);
        red.topic.publish("to red");
        blue.topic.publish("to blue");
        assertEquals("to red", other.text());
        other.topic.publish("again to red");
        assertEquals("to red", red.text());
        assertEquals("again to red", red.text());
        assertEquals("to blue", blue.text());
        assertEquals(0, blue.topic.statistics().received());
    }

    @Test
    void aServerThatDiesAndReturnsLosesNoLocalDeliveryAndSaysSo() {
        serve("");
        Ear a = new Ear("room", bus());
        Ear b = new Ear("room", bus());
        a.topic.publish("before");
        assertEquals("before", b.text());
        server.kill();
        assertTrue(a.next(TopicEvent.BusLost.class).reason().contains("NATS"));
        b.next(TopicEvent.BusLost.class);
        for (int i = 0; i < 100; i++) {
            a.topic.publish("meanwhile " + i);
        }
        for (int i = 0; i < 100; i++) {
            assertEquals("meanwhile " + i, a.text());
        }
        assertEquals(100, a.topic.statistics().waitingForBus());
        b.topic.publish("of b alone");
        assertEquals("of b alone", b.text());
        server.start();
        a.next(TopicEvent.BusResumed.class);
        b.next(TopicEvent.BusResumed.class);
        a.topic.publish("after");
        List<String> heard = new ArrayList<>();
        while (heard.isEmpty() || !heard.get(heard.size() - 1).equals("after")) {
            heard.add(b.text());
        }
        // what a sent before the server knew again that b listens has not come; the rest has, in order
        assertEquals(heard.stream().distinct().toList(), heard);
        assertEquals(0, a.topic.statistics().waitingForBus());
        assertEquals(0, a.topic.statistics().droppedForBus());
    }

    @Test
    void moreThanTheClientHoldsWaitsInTheTopicAndArrives() {
        serve("");
        Ear a = new Ear(
                "room",
                TopicOptions.builder()
                        .bus(bus(at(server.url()).pendingBytes(1).build()))
                        .away(100_000, 64 << 20, WhenFull.DROP_NEWEST));
        a.awaitBus();
        Ear b = new Ear("room", bus());
        for (int i = 0; i < 2_000; i++) {
            a.topic.publish("" + i);
        }
        for (int i = 0; i < 2_000; i++) {
            assertEquals("" + i, b.text());
        }
        assertEquals(0, a.topic.statistics().droppedForBus());
    }

    @Test
    void whatIsTooLongForTheServerIsCountedAndTheRestArrives() {
        serve("max_payload: 65536");
        Ear a = new Ear("room", bus());
        Ear b = new Ear("room", bus());
        a.topic.publish("x".repeat(100_000));
        a.topic.publish("short");
        assertEquals("short", b.text());
        assertEquals(1, a.topic.statistics().droppedForBus());
    }

    @Test
    void whatIsNoMessageOfATopicIsNotListenedTo() throws Exception {
        serve("");
        Ear a = new Ear("room", bus());
        Ear b = new Ear("room", bus());
        Connection stranger = Nats.connect(server.url());
        stranger.publish("meerkat.topic.room", "hello".getBytes(StandardCharsets.UTF_8));
        stranger.flush(Duration.ofSeconds(20));
        stranger.close();
        b.topic.publish("x");
        assertEquals("x", a.text());
        assertEquals(1, a.topic.statistics().received());
    }

    @Test
    void aPasswordLetsInAndAWrongOneIsAClearError() {
        serve("authorization { user: chat, password: swordfish }");
        NatsBusOptions.Builder options = forRefusal(server.url());
        assertEquals(Kind.AUTHENTICATION, refusal(options));
        assertEquals(Kind.AUTHENTICATION, refusal(options.login("chat", "wrong")));
        assertEquals(Kind.AUTHENTICATION, refusal(options.login(new Login.Token("swordfish"))));
        new Ear("room", bus(options.login("chat", "swordfish").build()));
    }

    @Test
    void aTokenLetsIn() {
        serve("authorization { token: swordfish }");
        NatsBusOptions.Builder options = forRefusal(server.url());
        assertEquals(Kind.AUTHENTICATION, refusal(options.login(new Login.Token("wrong"))));
        new Ear("room", bus(options.login(new Login.Token("swordfish")).build()));
    }

    @Test
    void aKeyLetsInAndAnotherOneDoesNot() throws Exception {
        NKey mine = NKey.createUser(new SecureRandom());
        NKey other = NKey.createUser(new SecureRandom());
        serve("authorization { users: [ { nkey: " + new String(mine.getPublicKey()) + " } ] }");
        NatsBusOptions.Builder options = forRefusal(server.url());
        assertEquals(Kind.AUTHENTICATION, refusal(options.login(new Login.NKey(new String(other.getSeed())))));
        new Ear(
                "room",
                bus(options.login(new Login.NKey(new String(mine.getSeed()))).build()));
    }

    @Test
    void overTlsAServerThatIsTrustedIsSpokenTo() throws Exception {
        TestCa ca = TestCa.create(Instant.now());
        TestCertificate issued = ca.server("127.0.0.1", "localhost");
        Path certificate = Files.writeString(folder.resolve("cert.pem"), issued.chainPem());
        Path key = Files.writeString(folder.resolve("key.pem"), issued.keyPem());
        serve("tls { cert_file: \"" + certificate + "\", key_file: \"" + key + "\" }");
        NatsBusOptions.Builder options = at("tls://" + server.address());
        assertEquals(Kind.TLS, refusal(options.tls(trusting(TestCa.create(Instant.now())))));
        new Ear("room", bus(options.tls(trusting(ca)).build()));
    }

    private static SSLContext trusting(TestCa ca) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry("ca", ca.certificate());
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }

    @Test
    void aServerThatIsNotThereIsAClearError() {
        serve("");
        server.kill();
        assertEquals(Kind.UNREACHABLE, refusal(at(server.url())));
    }

    @Test
    void aClosedBusIsNotJoined() {
        serve("");
        NatsTopicBus bus = bus();
        Ear ear = new Ear("room", bus);
        bus.close();
        ear.topic.publish("here");
        assertEquals("here", ear.text());
        ear.topic.close();
        assertThrows(
                IllegalStateException.class,
                () -> Topic.named("room", TopicOptions.builder().bus(bus).build()));
    }

    @Test
    void optionsAreChecked() {
        assertThrows(IllegalArgumentException.class, () -> NatsBusOptions.at().build());
        NatsBusOptions.Builder options = NatsBusOptions.at("nats://127.0.0.1");
        assertThrows(
                IllegalArgumentException.class,
                () -> options.subjectPrefix("a *").build());
        options.subjectPrefix("ok.");
        assertThrows(
                IllegalArgumentException.class, () -> options.pendingBytes(0).build());
    }
}
