package dev.meerkat.nats;

import dev.meerkat.topic.BusLine;
import dev.meerkat.topic.BusListener;
import dev.meerkat.topic.TopicBus;
import io.nats.client.AuthenticationException;
import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Carries topics between processes on NATS.
 *
 * <pre>{@code
 * try (NatsTopicBus bus = NatsTopicBus.connect(NatsBusOptions.at("nats://127.0.0.1:4222")
 *         .login("chat", password)
 *         .build())) {
 *     Topic room = Topic.named("room", TopicOptions.builder().bus(bus).build());
 *     …
 * }
 * }</pre>
 *
 * <p>A topic is a subject: {@link NatsBusOptions#subjectPrefix} and the name, in which everything but letters, digits,
 * minus and underscore is written {@code ~xx} by its bytes in UTF-8. Origin, number, kind and key of a message travel
 * as headers; messages without them, of programs that are no topics, are not listened to.
 *
 * <p>It is NATS' core, not JetStream: a message reaches the processes that are connected when it is published. When the
 * server goes away the client looks for it, or for another one of the cluster, for ever; topics keep what they publish
 * meanwhile, within their bounds, and send it afterwards. A message that was handed to the socket at the very moment
 * may be lost. One that is longer than the server takes, {@code max_payload}, 1 MiB by default with some 150 bytes of
 * headers, is heard in this process alone and counted by {@code TopicStatistics.droppedForBus}.
 */
public final class NatsTopicBus implements TopicBus {
    /** How long the server may take to confirm that it knows a subscription. */
    private static final Duration CONFIRM_TIMEOUT = Duration.ofSeconds(5);

    private static final long LOOK_AGAIN_MILLIS = 5;

    /** How long to wait before the server is asked again. */
    private static final long CONFIRM_AGAIN_MILLIS = 100;

    /** As many messages as the client's own queue has room for, less some for those who look at the same moment. */
    private static final int PENDING_MESSAGES = 4_000;

    private final NatsBusOptions options;
    private final String process = UUID.randomUUID().toString();
    private final AtomicLong lastLine = new AtomicLong();
    private final List<NatsLine> lines = new CopyOnWriteArrayList<>();
    /** Tells lines of what has changed, one after the other, off the threads of the client. */
    private final ScheduledExecutorService teller;

    private volatile @Nullable Connection connection;
    private volatile boolean connected;
    private volatile String lastError = "";
    private volatile boolean tlsFailed;
    private volatile boolean closed;

    private NatsTopicBus(NatsBusOptions options) {
        this.options = options;
        teller = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "nats bus " + options.name());
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Connects, and waits until a server has answered.
     *
     * @param options where, and as whom
     * @return the bus, connected
     * @throws NatsBusException if no server answers, or none lets this process in; the kind tells
     */
    public static NatsTopicBus connect(NatsBusOptions options) {
        NatsTopicBus bus = new NatsTopicBus(Objects.requireNonNull(options, "options"));
        try {
            bus.open();
            return bus;
        } catch (RuntimeException e) {
            bus.teller.shutdownNow();
            throw e;
        }
    }

    private void open() {
        Options.Builder builder = new Options.Builder()
                .servers(options.servers().toArray(new String[0]))
                .connectionName(options.name())
                .connectionTimeout(options.connectTimeout())
                .noEcho()
                .maxReconnects(-1)
                .reconnectWait(options.reconnectWait())
                .reconnectJitter(options.reconnectWait())
                .reconnectBufferSize(0) // topics keep what has to wait, and tell what they lose
                .callbackExecutor(new InPlace())
                .connectionListener(this::changed)
                .errorListener(new Errors());
        options.tls().ifPresent(builder::sslContext);
        options.login().ifPresent(login -> Logins.apply(login, builder));
        try {
            connection = Nats.connect(builder.build());
            connected = true;
        } catch (AuthenticationException e) {
            throw new NatsBusException(
                    NatsBusException.Kind.AUTHENTICATION,
                    "NATS does not let " + who() + " in at " + options.servers() + ": " + e.getMessage(),
                    e);
        } catch (IOException e) {
            throw new NatsBusException(
                    kindOf(e), "cannot connect to NATS at " + options.servers() + ": " + reason(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NatsBusException(NatsBusException.Kind.UNREACHABLE, "interrupted while connecting to NATS", e);
        }
    }

    private String who() {
        return options.login().map(Object::toString).orElse("a client without login");
    }

    private NatsBusException.Kind kindOf(Throwable failure) {
        if (tlsFailed || isOfTls(failure)) {
            return NatsBusException.Kind.TLS;
        }
        String told = lastError.toLowerCase(Locale.ROOT);
        if (told.contains("authorization") || told.contains("authentication")) {
            return NatsBusException.Kind.AUTHENTICATION;
        }
        return told.contains("ssl") || told.contains("tls") || told.contains("secure")
                ? NatsBusException.Kind.TLS
                : NatsBusException.Kind.UNREACHABLE;
    }

    private static boolean isOfTls(Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof SSLException) {
                return true;
            }
        }
        return false;
    }

    private String reason(Throwable failure) {
        return lastError.isEmpty()
                ? String.valueOf(failure.getMessage())
                : failure.getMessage() + " (" + lastError + ")";
    }

    // ---------------------------------------------------------------- what the client tells

    private final class Errors implements ErrorListener {
        @Override
        public void errorOccurred(Connection from, String error) {
            lastError = error;
        }

        @Override
        public void exceptionOccurred(Connection from, Exception failure) {
            lastError = String.valueOf(failure.getMessage());
            if (isOfTls(failure)) {
                tlsFailed = true;
            }
        }
    }

    private void changed(Connection from, ConnectionListener.Events what) {
        switch (what) {
            case DISCONNECTED -> {
                connected = false;
                later(() -> lines.forEach(line -> line.lost(why("the connection to NATS has ended"))));
            }
            case CLOSED -> {
                connected = false;
                later(() -> lines.forEach(line -> line.lost(why("NATS will not be asked again"))));
            }
            case RESUBSCRIBED -> {
                connected = true;
                later(() -> lines.forEach(this::confirm));
            }
            default -> {
                // the first connection is told by open(), the others have nothing to do with topics
            }
        }
    }

    private String why(String what) {
        return lastError.isEmpty() ? what : what + ": " + lastError;
    }

    private void later(Runnable task) {
        try {
            teller.execute(task);
        } catch (RejectedExecutionException closing) {
            // and so are the lines
        }
    }

    /** Tells a line that it is there, when the server knows what it listens to. */
    private void confirm(NatsLine line) {
        Connection present = connection;
        if (!connected || closed || present == null) {
            return;
        }
        try {
            present.flush(CONFIRM_TIMEOUT);
            line.connected();
        } catch (TimeoutException | IllegalStateException e) {
            confirmLater(line); // if it is away again, DISCONNECTED ends that, and RESUBSCRIBED begins anew
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void confirmLater(NatsLine line) {
        try {
            ScheduledFuture<?> unused =
                    teller.schedule(() -> confirm(line), CONFIRM_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closing) {
            // and so are the lines
        }
    }

    // ---------------------------------------------------------------- lines

    @Override
    public BusLine join(String topic, BusListener listener) {
        Connection present = connection;
        if (closed || present == null) {
            throw new IllegalStateException("the bus was closed");
        }
        NatsLine line = new NatsLine(
                this,
                present,
                options.subjectPrefix() + Escapes.escape(topic),
                process + "-" + lastLine.incrementAndGet(),
                listener);
        lines.add(line);
        later(() -> confirm(line));
        return line;
    }

    void left(NatsLine line) {
        lines.remove(line);
    }

    /** Whether the client takes a message now. */
    boolean hasRoom() {
        Connection present = connection;
        return connected
                && present != null
                && present.getStatus() == Connection.Status.CONNECTED
                && present.outgoingPendingBytes() < options.pendingBytes()
                && present.outgoingPendingMessageCount() < PENDING_MESSAGES;
    }

    /** Tells a line when there is room again. */
    void whenRoom(NatsLine line) {
        try {
            var unused = teller.schedule(
                    () -> {
                        if (closed || !connected) {
                            return; // RESUBSCRIBED will follow
                        }
                        if (hasRoom()) {
                            line.connected();
                        } else {
                            whenRoom(line);
                        }
                    },
                    LOOK_AGAIN_MILLIS,
                    TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closing) {
            // and so is the line
        }
    }

    @Override
    public void close() {
        closed = true;
        connected = false;
        lines.clear();
        teller.shutdownNow();
        Connection present = connection;
        if (present != null) {
            try {
                present.close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public String toString() {
        return "NATS at " + options.servers();
    }
}
