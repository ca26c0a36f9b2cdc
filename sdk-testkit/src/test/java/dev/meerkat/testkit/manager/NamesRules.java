package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.ConnectOptions;
import dev.meerkat.Connection;
import dev.meerkat.LookupException;
import dev.meerkat.MalformedAddressException;
import dev.meerkat.ManagerClosedException;
import dev.meerkat.ResolverOptions;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.runtime.ListenerHandle;
import dev.meerkat.runtime.Resolver;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** Names: one question for all who wait, answers that are kept, who gives up, and what several addresses come to. */
abstract class NamesRules extends ManagerRules {
    private static final String FIRST = "192.0.2.1"; // RFC 5737: nobody's
    private static final String SECOND = "192.0.2.2";
    private static final String NAME = "meerkat.example";

    private final FaultyTransport transport = new FaultyTransport();
    private final Names names = new Names();

    private void useFaults() {
        use(options -> {}, runtime -> names.install(transport.install(runtime)));
    }

    private void use(ResolverOptions.Builder resolver) {
        use(options -> options.resolver(resolver.build()), names::install);
    }

    private String hostOf(ListenerHandle listener) {
        return addressOf(listener).split(":")[0];
    }

    private Script connecting(ListenerHandle listener) {
        Script script = script();
        manager().connect(NAME + ":" + portOf(listener), script);
        return script;
    }

    private void untilAsked(int times) {
        until("look-up " + times, () -> names.asked.size() == times);
    }

    private <T> T result(CompletableFuture<T> future) {
        until("a future", future::isDone);
        return future.join();
    }

    private ConnectionError lookupError(CompletableFuture<?> future) {
        until("a future", future::isDone);
        CompletionException thrown = assertThrows(CompletionException.class, future::join);
        return assertInstanceOf(LookupException.class, thrown.getCause()).error();
    }

    // ---- one question

    @Test
    void oneQuestionServesAllWhoWait() {
        useFaults();
        ListenerHandle listener = peerListener();
        Script first = connecting(listener);
        Script second = connecting(listener);
        untilAsked(1);
        CompletableFuture<List<InetAddress>> asked = manager().names().addresses("MEERKAT.example");
        settle();
        names.answer(hostOf(listener));
        until("both connections", () -> first.isOpened() && second.isOpened());
        assertEquals(1, names.asked.size());
        assertEquals(hostOf(listener), result(asked).get(0).getHostAddress());
    }

    @Test
    void whoGivesUpTakesNothingFromTheOthers() {
        useFaults();
        ListenerHandle listener = peerListener();
        Script leaving = script();
        Connection left = manager().connect(NAME + ":" + portOf(listener), leaving);
        Script staying = connecting(listener);
        settle();
        left.abort();
        untilClosed(leaving);
        assertFalse(names.pending().isDone());
        names.answer(hostOf(listener));
        until("the connection of who stayed", staying::isOpened);
    }

    @Test
    void whoIsLastToGiveUpAbandonsTheQuestion() {
        useFaults();
        ListenerHandle listener = peerListener();
        Script first = script();
        Connection left = manager().connect(NAME + ":" + portOf(listener), first);
        settle();
        CompletableFuture<List<InetAddress>> second = manager().names().addresses(NAME);
        second.cancel(false);
        settle();
        assertFalse(names.pending().isDone());
        left.abort();
        untilClosed(first);
        assertTrue(names.pending().isCancelled());
        assertEquals(0, manager().statistics().timers());
    }

    @Test
    void aFutureThatAResolverSharesIsNeverCancelled() {
        CompletableFuture<Resolver.Answer> shared = new CompletableFuture<>();
        Resolver memory = name -> shared;
        use(options -> {}, runtime -> runtime.withResolver(memory));
        ListenerHandle listener = peerListener();
        Script leaving = script();
        Connection left = manager().connect(NAME + ":" + portOf(listener), leaving);
        settle();
        left.abort();
        untilClosed(leaving);
        assertFalse(shared.isDone(), "somebody else may wait for it");
        Script staying = connecting(listener);
        settle();
        shared.complete(Names.holding(Duration.ZERO, hostOf(listener)));
        until("the connection", staying::isOpened);
    }

    @Test
    void asManyNamesAreAskedForAtOnceAsAllowedAndNoMore() {
        use(ResolverOptions.builder().maxLookups(2));
        CompletableFuture<?> first = manager().names().addresses("a.example");
        CompletableFuture<?> second = manager().names().addresses("b.example");
        ConnectionError error = lookupError(manager().names().addresses("c.example"));
        assertEquals(Kind.LOOKUP_FAILED, error.kind());
        assertTrue(error.message().contains("2"), error::message);
        assertEquals(List.of("a.example", "b.example"), names.asked);
        first.cancel(false);
        settle();
        CompletableFuture<?> third = manager().names().addresses("c.example");
        settle();
        assertFalse(second.isDone() || third.isDone());
    }

    // ---- what is kept

    @Test
    void anAnswerIsKept() {
        useFaults();
        ListenerHandle listener = peerListener();
        Script first = connecting(listener);
        untilAsked(1);
        names.last().complete(Names.holding(LONG, hostOf(listener)));
        until("the connection", first::isOpened);
        Script second = connecting(listener);
        until("the connection", second::isOpened);
        assertEquals(1, names.asked.size());
    }

    @Test
    void anAnswerThatMustNotBeKeptIsNot() {
        useFaults();
        for (int time = 1; time <= 2; time++) {
            CompletableFuture<?> found = manager().names().addresses(NAME);
            untilAsked(time);
            names.last().complete(Names.holding(Duration.ZERO, FIRST));
            result(found);
        }
    }

    @Test
    void thatANameDoesNotExistIsKept() {
        useFaults();
        CompletableFuture<?> first = manager().names().addresses(NAME);
        untilAsked(1);
        names.last().completeExceptionally(new UnknownHostException(NAME));
        assertEquals(Kind.UNKNOWN_HOST, lookupError(first).kind());
        assertEquals(
                Kind.UNKNOWN_HOST,
                lookupError(manager().names().addresses(NAME)).kind());
        assertEquals(1, names.asked.size());
    }

    @Test
    void thatANameServerFailedIsNotKept() {
        useFaults();
        for (int time = 1; time <= 2; time++) {
            CompletableFuture<?> found = manager().names().addresses(NAME);
            untilAsked(time);
            names.last().completeExceptionally(new IOException("server failure"));
            assertEquals(Kind.LOOKUP_FAILED, lookupError(found).kind());
        }
    }

    @Test
    void asManyNamesAreKeptAsAllowedAndNoMore() {
        use(ResolverOptions.builder().cacheLimit(2));
        for (String name : List.of("a.example", "b.example", "c.example")) {
            CompletableFuture<?> found = manager().names().addresses(name);
            settle();
            names.last().complete(Names.holding(LONG, FIRST));
            result(found);
        }
        result(manager().names().addresses("b.example"));
        result(manager().names().addresses("c.example"));
        assertEquals(3, names.asked.size(), "two are kept");
        CompletableFuture<?> again = manager().names().addresses("a.example");
        untilAsked(4);
        assertFalse(again.isDone(), "the third is not");
    }

    @Test
    void refreshingAsksAnewAndClearingForgetsAll() {
        useFaults();
        CompletableFuture<?> first = manager().names().addresses(NAME);
        untilAsked(1);
        names.last().complete(Names.holding(LONG, FIRST));
        result(first);
        CompletableFuture<List<InetAddress>> anew = manager().names().refresh(NAME);
        untilAsked(2);
        names.last().complete(Names.holding(LONG, SECOND));
        assertEquals(SECOND, result(anew).get(0).getHostAddress());
        assertEquals(SECOND, result(manager().names().addresses(NAME)).get(0).getHostAddress());
        manager().names().clear();
        CompletableFuture<?> last = manager().names().addresses(NAME);
        untilAsked(3);
        assertFalse(last.isDone());
    }

    // ---- what nobody is asked for

    @Test
    void localhostIsTheLoopbackWhateverAResolverSays() {
        useFaults();
        for (String name : List.of("localhost", "LocalHost", "db.localhost")) {
            List<InetAddress> found = result(manager().names().addresses(name));
            assertEquals(
                    List.of("127.0.0.1", "0:0:0:0:0:0:0:1"),
                    found.stream().map(InetAddress::getHostAddress).toList());
        }
        assertEquals(List.of(), names.asked);
    }

    @Test
    void addressLiteralsAreTheirOwnAnswer() {
        useFaults();
        assertEquals(FIRST, result(manager().names().addresses(FIRST)).get(0).getHostAddress());
        assertEquals(
                "2001:db8:0:0:0:0:0:1",
                result(manager().names().addresses("2001:db8::1")).get(0).getHostAddress());
        assertEquals(List.of(), names.asked);
    }

    @Test
    void whatIsNoHostThrowsAtTheCall() {
        for (String host : List.of("", "a b", "1.2.3", "[::1]", "host:80")) {
            assertThrows(
                    MalformedAddressException.class, () -> manager().names().addresses(host), host);
        }
    }

    // ---- the names of addresses

    /** Knows names of addresses, once it is told to answer. */
    private static final class Reverse implements Resolver {
        int asked;
        CompletableFuture<HostName> answer = new CompletableFuture<>();

        @Override
        public CompletableFuture<Answer> resolve(String name) {
            throw new AssertionError(name);
        }

        @Override
        public Question<HostName> reverse(InetAddress address) {
            asked++;
            return Question.cancellable(answer);
        }

        @Override
        public Question<HostName> canonicalHostName() {
            asked++;
            return Question.cancellable(answer);
        }
    }

    private Reverse useReverse() {
        Reverse reverse = new Reverse();
        use(options -> {}, runtime -> runtime.withResolver(reverse));
        return reverse;
    }

    @Test
    void thePeersNameIsLookedUpOffTheLoopAndKept() {
        Reverse reverse = useReverse();
        Script script = script();
        Peer peer = accepted(script);
        CompletableFuture<Optional<String>> first = script.connection().remoteHostName();
        CompletableFuture<Optional<String>> second = script.connection().remoteHostName();
        peer.send("served meanwhile");
        until("input", () -> script.text().equals("served meanwhile"));
        assertFalse(first.isDone());
        reverse.answer.complete(new Resolver.HostName("client.example", LONG));
        assertEquals(Optional.of("client.example"), result(first));
        assertEquals(Optional.of("client.example"), result(second));
        assertEquals(Optional.of("client.example"), result(script.connection().remoteHostName()));
        assertEquals(1, reverse.asked);
    }

    @Test
    void aPeerWithoutANameHasAnEmptyOne() {
        Reverse reverse = useReverse();
        Script script = script();
        accepted(script);
        reverse.answer.completeExceptionally(new UnknownHostException("no name"));
        assertEquals(Optional.empty(), result(script.connection().remoteHostName()));
        assertEquals(Optional.empty(), result(script.connection().remoteHostName()));
        assertEquals(1, reverse.asked, "that is kept");
    }

    @Test
    void aResolverThatKnowsNoNamesOfAddressesAnswersNone() {
        use(options -> {}, names::install);
        Script script = script();
        accepted(script);
        assertEquals(Optional.empty(), result(script.connection().remoteHostName()));
        assertEquals(Optional.empty(), result(manager().canonicalHostName()));
    }

    @Test
    void aConnectionThatIsStillLookingUpItsPeerKnowsNoNameForIt() {
        useFaults();
        Script script = script();
        Connection connection = manager().connect(NAME + ":80", script);
        assertEquals(Optional.empty(), result(connection.remoteHostName()));
        connection.abort();
    }

    @Test
    void thisHostsNameIsLookedUpOnce() {
        Reverse reverse = useReverse();
        reverse.answer.completeExceptionally(new IOException("not now"));
        assertEquals(Optional.empty(), result(manager().canonicalHostName()));
        reverse.answer = CompletableFuture.completedFuture(new Resolver.HostName("me.example", Duration.ZERO));
        assertEquals(Optional.of("me.example"), result(manager().canonicalHostName()));
        assertEquals(Optional.of("me.example"), result(manager().canonicalHostName()));
        assertEquals(2, reverse.asked, "a failure is not kept");
    }

    // ---- the end of the manager

    @Test
    void aManagerThatClosesLeavesNobodyWaiting() {
        Reverse reverse = useReverse();
        CompletableFuture<?> addresses;
        CompletableFuture<Optional<String>> name = manager().canonicalHostName();
        settle();
        manager().close();
        assertEquals(Optional.empty(), name.join());
        assertTrue(reverse.answer.isCancelled());
        use(options -> {}, names::install);
        addresses = manager().names().addresses(NAME);
        settle();
        manager().close();
        assertEquals(Kind.MANAGER_CLOSED, lookupError(addresses).kind());
        assertTrue(names.pending().isCancelled());
        assertThrows(ManagerClosedException.class, () -> manager().names().addresses(NAME));
    }

    // ---- several addresses

    @Test
    void theNextAddressIsTriedBesideOneThatIsSilent() {
        useFaults();
        transport.silence(FIRST);
        ListenerHandle listener = peerListener();
        Script script = script();
        ConnectOptions options =
                ConnectOptions.builder().attemptDelay(Duration.ofMillis(10)).build();
        manager().connect(NAME + ":" + portOf(listener), options, script);
        untilAsked(1);
        names.answer(FIRST, hostOf(listener));
        until("the connection", script::isOpened);
        assertEquals(List.of(FIRST, hostOf(listener)), transport.tried);
        assertFalse(transport.attempts.get(0).isOpen(), "who loses is closed");
        assertEquals(hostOf(listener), hostOf(script.connection()));
        assertEquals(List.of("Opened"), script.kinds());
        assertEquals(0, manager().statistics().timers());
    }

    private static String hostOf(Connection connection) {
        return ((InetSocketAddress) connection.remoteAddress()).getAddress().getHostAddress();
    }

    @Test
    void addressesAreTriedOneAfterTheOtherIfAsked() {
        useFaults();
        transport.silence(FIRST);
        transport.silence(SECOND);
        Script script = script();
        ConnectOptions options = ConnectOptions.builder()
                .parallelAttempts(1)
                .attemptDelay(Duration.ofMillis(10))
                .attemptTimeout(SHORT)
                .build();
        manager().connect(NAME + ":80", options, script);
        untilAsked(1);
        names.answer(FIRST, SECOND);
        until("the second attempt", () -> transport.attempts.size() == 2);
        assertFalse(transport.attempts.get(0).isOpen());
        untilClosed(script);
        ConnectionError error = script.closeReason().error().orElseThrow();
        assertEquals(
                List.of(Kind.CONNECT_TIMEOUT, Kind.CONNECT_TIMEOUT),
                error.attempts().stream().map(ConnectionError::kind).toList());
    }

    @Test
    void aFailedConnectSaysWhatBecameOfEachAddress() {
        useFaults();
        transport.failConnect(FIRST, new ConnectException("Connection refused"));
        transport.silence(SECOND);
        Script script = script();
        ConnectOptions options = ConnectOptions.builder().connectTimeout(SHORT).build();
        manager().connect(NAME + ":80", options, script);
        untilAsked(1);
        names.answer(FIRST, SECOND);
        untilClosed(script);
        ConnectionError error = script.all(TcpEvent.ConnectFailed.class).get(0).error();
        assertEquals(Kind.CONNECT_TIMEOUT, error.kind());
        assertEquals(
                List.of(Kind.REFUSED, Kind.CONNECT_TIMEOUT),
                error.attempts().stream().map(ConnectionError::kind).toList());
        for (ConnectionError each : error.attempts()) {
            assertTrue(error.message().contains(each.message()), error::message);
        }
    }

    @Test
    void onlyTheFamilyThatWasAskedForIsTried() {
        useFaults();
        Script script = script();
        ConnectOptions options = ConnectOptions.builder()
                .families(dev.meerkat.AddressFamilies.IPV6_ONLY)
                .build();
        manager().connect(NAME + ":80", options, script);
        untilAsked(1);
        names.answer(FIRST);
        untilClosed(script);
        assertEquals(Kind.UNKNOWN_HOST, script.errorKind());
        assertEquals(List.of(), transport.tried);
        assertSame(manager(), script.connection().manager());
    }
}
