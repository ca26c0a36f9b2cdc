package dev.meerkat.testkit.manager;

import dev.meerkat.runtime.Arrival;
import dev.meerkat.runtime.DatagramHandle;
import dev.meerkat.runtime.Handle;
import dev.meerkat.runtime.ListenerHandle;
import dev.meerkat.runtime.ManagerRuntime;
import dev.meerkat.runtime.SocketOptions;
import dev.meerkat.runtime.StreamHandle;
import dev.meerkat.runtime.Transport;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.NotYetConnectedException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The transport below a manager, with faults on order and a protocol of what was asked of it. Everything else goes to
 * the sound transport, whose handles the manager gets, so that the same faults can be had on real sockets and in a
 * world.
 */
final class FaultyTransport implements Transport {
    private @Nullable Transport sound;
    private final Map<String, Exception> connectFailures = new HashMap<>();
    private final Set<String> silent = new HashSet<>();
    private int acceptFailures;
    private String acceptFailure = "";
    private @Nullable RuntimeException listenFailure;
    private boolean pollFails;
    private @Nullable Runnable meanwhile;
    private boolean hasRoom = true;
    private @Nullable IOException sendFailure;
    private int receiveFailures;
    private final Map<DatagramHandle, Integer> wanted = new IdentityHashMap<>();

    /** Whom the manager tried to connect to, in order. */
    final List<String> tried = new ArrayList<>();
    /** The streams that the manager connected, in order. */
    final List<StreamHandle> attempts = new ArrayList<>();
    /** The options of every socket that the manager asked for, in order. */
    final List<SocketOptions> options = new ArrayList<>();
    /** How often the manager asked for a connection to accept. */
    int accepts;
    /** How often somebody woke it. */
    final AtomicInteger wakes = new AtomicInteger();
    /** How long each poll, up to a thousand, was to wait; whoever takes from here learns that the poll has begun. */
    final LinkedBlockingQueue<Long> waits = new LinkedBlockingQueue<>(1000);

    /** Takes the place of the transport of a runtime. */
    ManagerRuntime install(ManagerRuntime runtime) {
        sound = runtime.transport();
        return new ManagerRuntime(
                this, runtime.time(), runtime.resolver(), runtime.entropy(), runtime.workers(), runtime.probe());
    }

    // ---- faults

    /** The next calls of accept fail as they do when the process has no descriptor left. */
    void failAccepts(int count) {
        failAccepts(count, "Too many open files");
    }

    /** The next calls of accept fail with what the system says. */
    void failAccepts(int count, String message) {
        acceptFailures = count;
        acceptFailure = message;
    }

    /** Listening fails from now on. */
    void failListens(RuntimeException failure) {
        listenFailure = failure;
    }

    /** Polling fails from now on. */
    void failPolls() {
        pollFails = true;
    }

    /** Something happens during the next poll. */
    void during(Runnable action) {
        meanwhile = action;
    }

    /** Connecting to a host fails at once. */
    void failConnect(String host, Exception failure) {
        connectFailures.put(host, failure);
    }

    /** A host never answers. */
    void silence(String host) {
        silent.add(host);
    }

    /** Whether the system has room for datagrams that are to be sent; it has at first. */
    void room(boolean value) {
        hasRoom = value;
        wanted.forEach((handle, ops) -> handle.interest(ops & mask()));
    }

    /** Sending a datagram fails from now on, or does not any more. */
    void failSends(@Nullable IOException failure) {
        sendFailure = failure;
    }

    /** The next attempts to receive a datagram fail. */
    void failReceives(int count) {
        receiveFailures = count;
    }

    private int mask() {
        return hasRoom ? -1 : ~Handle.WRITE;
    }

    // ---- the transport

    private Transport sound() {
        Transport present = sound;
        if (present == null) {
            throw new IllegalStateException("not installed");
        }
        return present;
    }

    @Override
    public void poll(long waitNanos, ReadySink sink) throws IOException {
        waits.offer(waitNanos);
        if (pollFails) {
            throw new IOException("Bad file descriptor");
        }
        Runnable action = meanwhile;
        if (action != null) {
            meanwhile = null;
            action.run();
        }
        sound().poll(waitNanos, sink);
    }

    @Override
    public void wake() {
        wakes.incrementAndGet();
        sound().wake();
    }

    @Override
    public StreamHandle connect(SocketAddress remote, SocketOptions asked) throws IOException {
        options.add(asked);
        if (!(remote instanceof InetSocketAddress target)) {
            return sound().connect(remote, asked);
        }
        String host = target.getAddress().getHostAddress();
        tried.add(host);
        Exception failure = connectFailures.get(host);
        if (failure instanceof IOException e) {
            throw e;
        }
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        StreamHandle handle = silent.contains(host) ? new SilentStream(target) : sound().connect(remote, asked);
        attempts.add(handle);
        return handle;
    }

    @Override
    public ListenerHandle listen(SocketAddress local, SocketOptions asked) throws IOException {
        options.add(asked);
        RuntimeException failure = listenFailure;
        if (failure != null) {
            throw failure;
        }
        return new FaultyListener(sound().listen(local, asked));
    }

    @Override
    public DatagramHandle datagram(SocketAddress local, SocketOptions asked) throws IOException {
        DatagramHandle handle = sound().datagram(local, asked);
        return (DatagramHandle) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {DatagramHandle.class}, (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "send", "write" -> {
                            IOException failure = sendFailure;
                            if (failure != null) {
                                throw failure;
                            }
                            if (!hasRoom) {
                                return 0;
                            }
                        }
                        case "receive" -> {
                            if (receiveFailures > 0) {
                                receiveFailures--;
                                throw new IOException("No route to host");
                            }
                        }
                        case "connect" -> {
                            String host = ((InetSocketAddress) arguments[0])
                                    .getAddress()
                                    .getHostAddress();
                            tried.add(host);
                            Exception failure = connectFailures.get(host);
                            if (failure != null) {
                                throw failure;
                            }
                        }
                        case "interest" -> {
                            wanted.put(handle, (Integer) arguments[0]);
                            handle.interest((Integer) arguments[0] & mask());
                            return null;
                        }
                        default -> {
                            // as the sound one
                        }
                    }
                    try {
                        return method.invoke(handle, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Override
    public ByteBuffer allocate(int bytes) {
        return sound().allocate(bytes);
    }

    @Override
    public Set<Capability> capabilities() {
        return Collections.unmodifiableSet(sound().capabilities());
    }

    @Override
    public void close() throws IOException {
        sound().close();
    }

    /** What arrived belongs to a sound transport. */
    private record Passed(Arrival arrival) implements Arrival {
        @Override
        public StreamHandle join(Transport transport) throws IOException {
            return arrival.join(transport instanceof FaultyTransport faulty ? faulty.sound() : transport);
        }

        @Override
        public void refuse() {
            arrival.refuse();
        }
    }

    /** Fails to accept when it was told to. */
    private final class FaultyListener implements ListenerHandle {
        private final ListenerHandle listener;

        FaultyListener(ListenerHandle listener) {
            this.listener = listener;
        }

        @Override
        public @Nullable StreamHandle accept() throws IOException {
            failIfAsked();
            return listener.accept();
        }

        @Override
        public @Nullable Arrival acceptForOther() throws IOException {
            failIfAsked();
            Arrival arrival = listener.acceptForOther();
            return arrival == null ? null : new Passed(arrival);
        }

        private void failIfAsked() throws IOException {
            accepts++;
            if (acceptFailures > 0) {
                acceptFailures--;
                throw new IOException(acceptFailure);
            }
        }

        @Override
        public void attach(@Nullable Object attachment) {
            listener.attach(attachment);
        }

        @Override
        public @Nullable Object attachment() {
            return listener.attachment();
        }

        @Override
        public void interest(int ops) {
            listener.interest(ops);
        }

        @Override
        public SocketAddress localAddress() throws IOException {
            return listener.localAddress();
        }

        @Override
        public boolean isOpen() {
            return listener.isOpen();
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }

    /** A stream to somebody who never answers. There is no socket below it, so it never becomes ready. */
    private static final class SilentStream implements StreamHandle {
        private final SocketAddress remote;
        private @Nullable Object attachment;
        private boolean open = true;

        SilentStream(SocketAddress remote) {
            this.remote = remote;
        }

        @Override
        public boolean finishConnect() {
            return false;
        }

        @Override
        public int read(ByteBuffer target) {
            throw new NotYetConnectedException();
        }

        @Override
        public int write(ByteBuffer source) {
            throw new NotYetConnectedException();
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) {
            throw new NotYetConnectedException();
        }

        @Override
        public void shutdownOutput() {
            throw new NotYetConnectedException();
        }

        @Override
        public void shutdownInput() {
            throw new NotYetConnectedException();
        }

        @Override
        public void abort() {
            open = false;
        }

        @Override
        public SocketAddress remoteAddress() {
            return remote;
        }

        @Override
        public SocketAddress localAddress() {
            return new InetSocketAddress(0);
        }

        @Override
        public void attach(@Nullable Object value) {
            attachment = value;
        }

        @Override
        public @Nullable Object attachment() {
            return attachment;
        }

        @Override
        public void interest(int ops) {
            // whatever it is, it does not happen
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public void close() {
            open = false;
        }
    }
}
