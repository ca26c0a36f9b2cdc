package dev.meerkat.testkit.internal;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import org.jspecify.annotations.Nullable;

/**
 * How a connection comes about: SYN, SYN and ACK, ACK, each taking the latency of its route. A SYN without an answer is
 * repeated after 1, 2, 4, 8, 16 and 32 seconds, and given up 64 seconds after the last (Linux, tcp_syn_retries = 6: 127
 * s in all).
 */
final class Handshake extends SimTask {
    private static final int REPETITIONS = 6;
    private static final long FIRST_WAIT = 1_000_000_000;

    private enum Step {
        SYN_LEAVES,
        SYN_ARRIVES,
        ANSWER_ARRIVES,
        ACK_ARRIVES,
        FAILURE_ARRIVES,
        GIVEN_UP
    }

    private final Network network;
    private final Scheduler scheduler;
    private final SimStream client;
    private Oracle.@Nullable Stream choices;
    private Step step = Step.SYN_LEAVES;
    private long sent;
    private int repetitions;
    private @Nullable SimStream server;
    private @Nullable SimListener listener;
    private @Nullable IOException failure;
    private boolean resetWhenAccepted;

    Handshake(Network network, SimStream client) {
        this.network = network;
        this.scheduler = network.scheduler();
        this.client = client;
    }

    void start() {
        sent = scheduler.now();
        Host target = target();
        if (target == null) {
            failure = new NoRouteToHostException("No route to host");
            next(Step.FAILURE_ARRIVES, scheduler.now());
        } else {
            sendSyn(target);
        }
    }

    private void sendSyn(Host target) {
        next(Step.SYN_ARRIVES, scheduler.now() + latency(client.host, target));
    }

    private void next(Step following, long time) {
        step = following;
        scheduler.at(this, time);
    }

    private long latency(Host from, Host to) {
        Route way = network.route(from, to);
        if (choices == null && way.isRandom()) {
            choices = network.oracle().stream("handshake", client.name());
        }
        return way.latency(choices);
    }

    private @Nullable Host target() {
        return network.hostAt(client.host, client.peerAddress().getAddress());
    }

    @Override
    protected void run() {
        Host target = target();
        if (target == null) {
            client.onConnectFailed(failure != null ? failure : new NoRouteToHostException("No route to host"));
            return;
        }
        switch (step) {
            case SYN_LEAVES -> sendSyn(target);
            case SYN_ARRIVES -> synArrives(target);
            case ANSWER_ARRIVES -> answerArrives(target);
            case ACK_ARRIVES -> ackArrives(target);
            case FAILURE_ARRIVES -> {
                NetworkCapture capture = network.capture();
                if (capture != null) {
                    capture.refused(client, target);
                }
                client.onConnectFailed(failure != null ? failure : refused());
            }
            case GIVEN_UP -> client.onConnectFailed(new ConnectException("Connection timed out"));
        }
    }

    private void synArrives(Host target) {
        Route way = network.route(client.host, target);
        if (way.isBlocked()) {
            lost();
            return;
        }
        ConnectFault fault = server == null ? way.nextConnectFault() : ConnectFault.NONE;
        if (fault == ConnectFault.BLACK_HOLE) {
            lost();
            return;
        }
        SimListener listening = fault == ConnectFault.REFUSE ? null : target.listenerFor(client.peerAddress());
        if (listening == null) {
            failure = refused();
            next(Step.FAILURE_ARRIVES, scheduler.now() + latency(target, client.host));
            return;
        }
        if (server == null) {
            if (!listening.hasRoom()) {
                lost();
                return;
            }
            listener = listening;
            server = client.meet(target, client.peerAddress(), listening.options());
            server.watchedBy(listening.transport());
            listening.expect(server);
            resetWhenAccepted = fault == ConnectFault.RESET_WHEN_ACCEPTED;
        }
        next(Step.ANSWER_ARRIVES, scheduler.now() + latency(target, client.host));
    }

    private void answerArrives(Host target) {
        if (network.route(target, client.host).isBlocked()) {
            lost();
            return;
        }
        if (client.isConnecting()) {
            client.onConnected();
        } else {
            client.answerWithReset();
        }
        next(Step.ACK_ARRIVES, scheduler.now() + latency(client.host, target));
    }

    private void ackArrives(Host target) {
        SimStream accepted = server;
        SimListener listening = listener;
        if (accepted == null || listening == null) {
            return;
        }
        if (network.route(client.host, target).isBlocked()) {
            // The server repeats its answer until the way is free again.
            next(Step.ACK_ARRIVES, scheduler.now() + FIRST_WAIT);
            return;
        }
        listening.established(accepted);
        if (resetWhenAccepted) {
            accepted.onReset();
            client.onReset();
        }
    }

    /** A packet did not arrive, or was not answered. */
    private void lost() {
        long wait = FIRST_WAIT << repetitions;
        sent += wait;
        next(repetitions++ < REPETITIONS ? Step.SYN_LEAVES : Step.GIVEN_UP, sent);
    }

    private static IOException refused() {
        return new ConnectException("Connection refused");
    }

    @Override
    public String describe() {
        return client.name() + ": handshake, " + step;
    }
}
