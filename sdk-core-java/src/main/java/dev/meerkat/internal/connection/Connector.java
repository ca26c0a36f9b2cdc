package dev.meerkat.internal.connection;

import dev.meerkat.Address;
import dev.meerkat.AddressFamilies;
import dev.meerkat.ConnectOptions;
import dev.meerkat.ConnectionState;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.internal.loop.Deferred;
import dev.meerkat.internal.names.HappyEyeballs;
import dev.meerkat.internal.names.HappyEyeballs.Step;
import dev.meerkat.internal.names.Part;
import dev.meerkat.internal.time.TimerNode;
import dev.meerkat.internal.time.TimerTask;
import dev.meerkat.runtime.StreamHandle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes one outbound connection: asks for the addresses of the name, tries them as {@link HappyEyeballs} says, and
 * keeps the first that answers. Lives until the connection is established, has failed or was given up; each of these
 * happens once.
 */
final class Connector implements Connecting, TimerTask, Deferred, NameLookup.Waiter {
    private final RealConnection connection;
    private final RealEventManager manager;
    private final Address target;
    private final ConnectOptions options;
    private final HappyEyeballs eyes;
    private final TimerNode overallTimer = new TimerNode(this);
    private final TimerNode stepTimer = new TimerNode(this);
    private final Map<Integer, ConnectAttempt> attempts = new LinkedHashMap<>(2);
    private final List<ConnectionError> errors = new ArrayList<>(1);
    private final List<ConnectionError> lookupErrors = new ArrayList<>(0);
    private boolean over;

    Connector(RealConnection connection, RealEventManager manager, Address target, ConnectOptions options) {
        this.connection = connection;
        this.manager = manager;
        this.target = target;
        this.options = options;
        this.eyes = new HappyEyeballs(plan(target, options));
    }

    private static HappyEyeballs.Plan plan(Address target, ConnectOptions options) {
        // an address is tried whatever its family; of localhost the one first that listening there means
        boolean asGiven = target.literal().isPresent() || RealNames.isLocalhost(target.host());
        return new HappyEyeballs.Plan(
                asGiven ? AddressFamilies.AS_ANSWERED : options.families(),
                Nanos.of(options.attemptDelay()),
                Nanos.of(options.resolutionDelay()),
                Nanos.of(options.attemptTimeout()),
                options.parallelAttempts());
    }

    /** Arms the overall time-out; everything else begins later in the turn, so that no event precedes the return. */
    @Override
    public void start() {
        manager.loop().arm(overallTimer, manager.loop().deadlineIn(Nanos.of(options.connectTimeout())));
        manager.loop().defer(this);
    }

    @Override
    public void runDeferred() {
        if (over) {
            return;
        }
        if (target.literal().isPresent()) {
            answered(Part.ALL, List.of(target.literal().get()), null);
        } else {
            manager.names().ask(target.host(), this);
        }
    }

    @Override
    public void answered(Part part, List<InetAddress> addresses, @Nullable ConnectionError error) {
        if (over) {
            return;
        }
        if (error != null) {
            lookupErrors.add(error);
        }
        eyes.answered(part, addresses, manager.loop().now());
        proceed();
    }

    /** Does what is to be done now, and sees to it that what comes later is done then. */
    private void proceed() {
        manager.loop().disarm(stepTimer);
        while (!over) {
            Step step = eyes.next(manager.loop().now());
            if (step instanceof Step.Begin begin) {
                begin(begin.attempt(), new InetSocketAddress(begin.address(), target.port()));
            } else if (step instanceof Step.TimeOut timeOut) {
                attemptTimedOut(timeOut.attempt());
            } else if (step instanceof Step.Wait wait) {
                if (wait.until() != Long.MAX_VALUE) {
                    manager.loop().arm(stepTimer, wait.until());
                }
                return;
            } else {
                fail(inVain());
            }
        }
    }

    private void begin(int number, InetSocketAddress remote) {
        connection.life().becomeConnecting(remote);
        try {
            StreamHandle handle = manager.runtime().transport().connect(remote, Sockets.options(options.connection()));
            attempts.put(number, new ConnectAttempt(this, number, remote, handle));
        } catch (IOException | RuntimeException e) { // an address of a family that this host has not is the latter
            errors.add(IoErrors.ofConnect(Sockets.text(remote), e));
            eyes.failed(number);
        }
    }

    void attemptFailed(int number, ConnectAttempt attempt, IOException failure) {
        attempts.remove(number);
        attempt.drop();
        errors.add(IoErrors.ofConnect(Sockets.text(attempt.remote()), failure));
        eyes.failed(number);
        proceed();
    }

    private void attemptTimedOut(int number) {
        ConnectAttempt attempt = attempts.remove(number);
        if (attempt != null) {
            attempt.drop();
            errors.add(silence(attempt, "no answer within " + options.attemptTimeout()));
        }
    }

    private static ConnectionError silence(ConnectAttempt attempt, String what) {
        return ConnectionError.of(
                Kind.CONNECT_TIMEOUT, "connecting to " + Sockets.text(attempt.remote()) + ": " + what);
    }

    void attemptSucceeded(int number, StreamHandle handle) {
        attempts.remove(number);
        end();
        connection.life().established(handle);
    }

    @Override
    public void onTimer(TimerNode node, long deadlineNanos) {
        if (over) {
            return;
        }
        if (node == stepTimer) {
            proceed();
        } else {
            fail(overdue());
        }
    }

    // ---------------------------------------------------------------- the end

    private ConnectionError overdue() {
        String what = connection.state() == ConnectionState.RESOLVING ? "looking up " : "connecting to ";
        String message = what + target + ": not done within " + options.connectTimeout();
        for (ConnectAttempt attempt : attempts.values()) {
            errors.add(silence(attempt, "no answer yet"));
        }
        return errors.isEmpty()
                ? ConnectionError.of(Kind.CONNECT_TIMEOUT, message)
                : ConnectionError.of(Kind.CONNECT_TIMEOUT, message + ": " + NameErrors.list(errors), errors);
    }

    private ConnectionError inVain() {
        if (errors.isEmpty()) {
            return lookupErrors.isEmpty()
                    ? ConnectionError.of(
                            Kind.UNKNOWN_HOST, "looking up " + target.host() + ": no address for " + options.families())
                    : NameErrors.combine("looking up " + target.host(), lookupErrors);
        }
        for (ConnectionError each : lookupErrors) {
            if (each.kind() != Kind.UNKNOWN_HOST) { // that one family has no address is nothing to complain of
                errors.add(each);
            }
        }
        return NameErrors.combine("connecting to " + target, errors);
    }

    private void fail(ConnectionError error) {
        end();
        connection.life().connectFailed(error);
    }

    /** Gives up: releases everything, reports nothing. */
    @Override
    public void end() {
        over = true;
        manager.loop().disarm(overallTimer);
        manager.loop().disarm(stepTimer);
        manager.names().leave(target.host(), this);
        attempts.values().forEach(ConnectAttempt::drop);
        attempts.clear();
    }
}
