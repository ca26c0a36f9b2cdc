package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.BlockingHandler;
import dev.meerkat.ConnectOptions;
import dev.meerkat.Connection;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.EventManager;
import dev.meerkat.Handler;
import dev.meerkat.ListenOptions;
import dev.meerkat.Tap;
import dev.meerkat.Timer;
import dev.meerkat.UdpHandler;
import dev.meerkat.UdpOptions;
import dev.meerkat.UdpSocket;
import dev.meerkat.WrongThreadException;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.observe.HexDump;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * A manager belongs to one thread. Every public method of it and of what it makes is called from another one: those on
 * the list may be, each of the others throws. A method that is added without being put on the list is expected to
 * throw.
 */
abstract class OwnershipRules extends ManagerRules {
    /** What says of itself that it may be called from any thread. */
    private static final Map<Class<?>, Set<String>> ANY_THREAD = Map.of(
            EventManager.class,
                    Set.of(
                            "stop()",
                            "close()",
                            "isClosed()",
                            "post(Runnable)",
                            "submit(Callable)",
                            "submitBlocking(Callable)",
                            "wake()",
                            "broadcast(Bytes)",
                            "broadcast(Bytes, Predicate)",
                            "wallTime()",
                            "inLoop()",
                            "options()",
                            "runtime()",
                            "names()",
                            "canonicalHostName()",
                            "shutdown(Duration)",
                            "onClose(Runnable)",
                            "hangUp(long)"),
            Connection.class,
                    Set.of(
                            "id()",
                            "manager()",
                            "acceptor()",
                            "state()",
                            "isOpen()",
                            "send(Bytes)",
                            "send(CharSequence)",
                            "sendf(String, Object[])",
                            "close()",
                            "close(Duration)",
                            "abort()",
                            "abort(ConnectionError)"),
            Acceptor.class, Set.of("manager()", "localAddress()", "port()", "close()"),
            UdpSocket.class,
                    Set.of(
                            "id()",
                            "manager()",
                            "state()",
                            "isOpen()",
                            "remoteAddress()",
                            "options()",
                            "sendTo(InetSocketAddress, Bytes)",
                            "sendTo(InetSocketAddress, CharSequence)",
                            "send(Bytes)",
                            "send(CharSequence)",
                            "close()",
                            "close(Duration)",
                            "abort()"),
            Timer.class, Set.of());

    /** Whoever drives a manager that nobody drives owns it from then on: these are how a thread comes to own one. */
    private static final Set<String> DRIVING = Set.of("runOnce(Duration)", "run()", "maxWait()");

    private static final Map<Class<?>, Object> ARGUMENTS = Map.ofEntries(
            Map.entry(String.class, "127.0.0.1:1"),
            Map.entry(Duration.class, Duration.ofHours(1)),
            Map.entry(Instant.class, Instant.EPOCH),
            Map.entry(UdpHandler.class, (UdpHandler) (socket, event) -> {}),
            Map.entry(UdpOptions.class, UdpOptions.DEFAULT),
            Map.entry(InetSocketAddress.class, new InetSocketAddress("127.0.0.1", 9)),
            Map.entry(InetAddress.class, new InetSocketAddress("239.255.77.1", 9).getAddress()),
            Map.entry(Tap.class, HexDump.to(new StringBuilder())),
            Map.entry(Handler.class, (Handler) (connection, event) -> {}),
            Map.entry(BlockingHandler.class, (BlockingHandler) connection -> {}),
            Map.entry(ListenOptions.class, ListenOptions.DEFAULT),
            Map.entry(ConnectOptions.class, ConnectOptions.DEFAULT),
            Map.entry(ConnectionOptions.class, ConnectionOptions.DEFAULT),
            Map.entry(Runnable.class, (Runnable) () -> {}),
            Map.entry(Callable.class, (Callable<String>) () -> ""),
            Map.entry(Timer.Overrun.class, Timer.Overrun.SKIP),
            Map.entry(ConnectionError.class, ConnectionError.of(ConnectionError.Kind.ABORTED, "x")),
            Map.entry(Bytes.class, Bytes.utf8("x")),
            Map.entry(Predicate.class, (Predicate<Connection>) connection -> true),
            Map.entry(byte[].class, new byte[1]),
            Map.entry(CharSequence.class, "x"),
            Map.entry(Object[].class, new Object[0]),
            Map.entry(Object.class, "attachment"),
            Map.entry(Class.class, String.class),
            Map.entry(long.class, 1L));

    private static List<Method> methods(Class<?> type) {
        return Arrays.stream(type.getMethods())
                .filter(method -> !Modifier.isStatic(method.getModifiers()))
                .toList();
    }

    private static String name(Method method) {
        return method.getName()
                + Arrays.stream(method.getParameterTypes())
                        .map(Class::getSimpleName)
                        .collect(Collectors.joining(", ", "(", ")"));
    }

    /** Calls a method on another thread; answers what it threw, or null. */
    private Throwable call(Object target, Method method, ReceiveBuffer buffer) {
        Object[] arguments = Arrays.stream(method.getParameterTypes())
                .map(type -> {
                    if (type == ReceiveBuffer.class) {
                        return buffer;
                    }
                    if (type == ByteBuffer.class) {
                        return ByteBuffer.allocate(1);
                    }
                    // who asks about an argument before the thread answers with the wrong exception
                    return ARGUMENTS.get(type);
                })
                .toArray();
        return Threads.elsewhere(() -> {
            try {
                method.invoke(target, arguments);
                return null;
            } catch (InvocationTargetException e) {
                return e.getCause();
            }
        });
    }

    /** Everything that a manager makes, by its public type. */
    private Map<Class<?>, Object> targets() {
        Script script = script();
        Acceptor acceptor = listen(script);
        peer(acceptor);
        UdpScript datagrams = udp();
        UdpSocket socket = manager().listenUdp("udp://" + arm.host() + ":0", datagrams);
        until("a connection and a socket", () -> script.isOpened() && datagrams.isOpened());
        return Map.of(
                EventManager.class, manager(),
                Connection.class, script.connection(),
                Acceptor.class, acceptor,
                UdpSocket.class, socket,
                Timer.class, manager().schedule(LONG, () -> {}));
    }

    @Test
    void whatIsNotForAnyThreadThrowsOnAnother() {
        Map<Class<?>, Object> targets = targets();
        ReceiveBuffer buffer = ((Connection) targets.get(Connection.class)).receiveBuffer();
        List<Throwable> wrong = new ArrayList<>();
        targets.forEach((type, target) -> {
            for (Method method : methods(type)) {
                if (ANY_THREAD.get(type).contains(name(method)) || DRIVING.contains(name(method))) {
                    continue;
                }
                Throwable thrown = call(target, method, buffer);
                if (!(thrown instanceof WrongThreadException)) {
                    wrong.add(new AssertionError(type.getSimpleName() + "." + name(method) + " threw " + thrown));
                } else if (!thrown.getMessage().contains(Thread.currentThread().getName())) {
                    wrong.add(new AssertionError("does not name the owner: " + thrown.getMessage()));
                }
            }
        });
        assertAll(wrong.stream().map(each -> () -> {
            throw each;
        }));
        settle();
        assertEquals(1, manager().connections().size(), "and nothing has happened");
        assertEquals(1, manager().udpSockets().size(), "to sockets neither");
    }

    @Test
    void whatIsForAnyThreadMayBeCalledFromAnother() {
        // what ends something comes last
        List<Method> calls = ANY_THREAD.keySet().stream()
                .flatMap(type -> methods(type).stream()
                        .filter(method -> ANY_THREAD.get(type).contains(name(method))))
                .filter(method -> !method.getName().matches("close|abort|stop|shutdown|hangUp"))
                .toList();
        Map<Class<?>, Object> targets = targets();
        ReceiveBuffer buffer = ((Connection) targets.get(Connection.class)).receiveBuffer();
        for (Method method : calls) {
            Throwable thrown = call(targets.get(method.getDeclaringClass()), method, buffer);
            if (method.getDeclaringClass() == UdpSocket.class
                    && method.getName().equals("send")) {
                assertInstanceOf(IllegalStateException.class, thrown, "it has no peer");
            } else {
                assertEquals(null, thrown, method::toString);
            }
        }
        settle();
    }

    @Test
    void everyMethodOnTheListExists() {
        ANY_THREAD.forEach((type, names) -> {
            Set<String> existing =
                    methods(type).stream().map(OwnershipRules::name).collect(Collectors.toSet());
            Set<String> missing = new TreeSet<>(names);
            missing.removeAll(existing);
            assertEquals(Set.of(), missing, type::getSimpleName);
        });
        Set<String> driving = methods(EventManager.class).stream()
                .map(OwnershipRules::name)
                .filter(DRIVING::contains)
                .collect(Collectors.toSet());
        assertEquals(DRIVING, driving);
    }

    @Test
    void aManagerBelongsToItsMakerUntilItIsDriven() {
        assertTrue(manager().inLoop());
        EventManager manager = manager();
        assertFalse(Threads.elsewhere(manager::inLoop));
    }
}
