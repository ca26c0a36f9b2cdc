package dev.meerkat.testkit.internal;

import dev.meerkat.ErrorHook;
import dev.meerkat.EventManager;
import dev.meerkat.ManagerOptions;
import dev.meerkat.internal.connection.RealEventManager;
import dev.meerkat.runtime.ManagerRuntime;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Drives one event manager of a virtual host: gives it a turn when a handle is ready, a task waits or a timer is due,
 * and never otherwise.
 */
public final class ManagerDriver extends Runner implements SimTransport.Waker {
    private final Simulation simulation;
    private final Scheduler scheduler;
    private final Host host;
    private final Entity self;
    private final SimTransport transport;
    private final SimWorkers workers;
    private final SimResolver resolver;
    private final SimProbe probe;
    private final RealEventManager manager;
    private final Deadline deadline = new Deadline();
    private boolean inTurn;
    private long busyUntil;

    private ManagerDriver(
            Simulation simulation, Host host, ManagerOptions asked, UnaryOperator<ManagerRuntime> change) {
        this.simulation = simulation;
        this.scheduler = simulation.scheduler();
        this.host = host;
        long number = host.nextManager();
        this.self = new Entity(simulation.network().nextEntity(), host.name(), "manager", number);
        ManagerOptions options = named(asked, number);
        this.transport = new SimTransport(host, self.name(), options.readBytes(), this);
        this.workers = new SimWorkers(simulation, host, self.name());
        this.resolver = new SimResolver(simulation, host);
        this.probe = new SimProbe(simulation, self, options.name(), this::spent);
        ManagerRuntime runtime = new ManagerRuntime(
                transport, scheduler, resolver, new SimEntropy(simulation.oracle(), self.name()), workers, probe);
        this.manager = (RealEventManager) EventManager.builder()
                .options(
                        options.toBuilder().errorHook(hook(options.errorHook())).build())
                .runtime(change.apply(runtime))
                .build();
    }

    /**
     * Makes a manager on a virtual host.
     *
     * @param simulation the world
     * @param host where it runs
     * @param options its options; a name that was not chosen becomes the host's
     * @return its driver
     */
    public static ManagerDriver create(Simulation simulation, Host host, ManagerOptions options) {
        return create(simulation, host, options, UnaryOperator.identity());
    }

    /**
     * Makes a manager on a virtual host, on a runtime that is not quite the simulator's.
     *
     * @param simulation the world
     * @param host where it runs
     * @param options its options; a name that was not chosen becomes the host's
     * @param change exchanges parts of the runtime, for instance by others that plant faults and pass the rest on
     * @return its driver
     */
    public static ManagerDriver create(
            Simulation simulation, Host host, ManagerOptions options, UnaryOperator<ManagerRuntime> change) {
        ManagerDriver driver = new ManagerDriver(simulation, host, options, change);
        simulation.register(driver);
        return driver;
    }

    private ManagerOptions named(ManagerOptions options, long number) {
        if (!options.name().equals(ManagerOptions.DEFAULT.name())) {
            return options;
        }
        String name = number == 1 ? host.name() : host.name() + "-" + number;
        return options.toBuilder().name(name).build();
    }

    /** Every failure is noted; a hook that a test or program brought itself hears of it too. */
    private ErrorHook hook(ErrorHook asked) {
        return (source, connection, failure) -> {
            simulation.mishap(where(connection), source.toString(), failure);
            if (asked != ManagerOptions.DEFAULT.errorHook()) {
                asked.onError(source, connection, failure);
            }
        };
    }

    private String where(Optional<dev.meerkat.Connection> connection) {
        return connection.map(Object::toString).orElse(self.name());
    }

    /**
     * The manager.
     *
     * @return the manager that this drives
     */
    public RealEventManager manager() {
        return manager;
    }

    /**
     * Where it runs.
     *
     * @return the host
     */
    public Host host() {
        return host;
    }

    /**
     * Its stable name.
     *
     * @return for instance {@code srv/manager}
     */
    public String name() {
        return self.name();
    }

    SimTransport transport() {
        return transport;
    }

    SimWorkers workers() {
        return workers;
    }

    SimResolver resolver() {
        return resolver;
    }

    SimProbe probe() {
        return probe;
    }

    /**
     * Has the loop do nothing for a while, as a handler that computes or a pause of the collector does.
     *
     * @param nanos how long from now, or longer if it is busy already
     */
    public void busy(long nanos) {
        busyUntil = Times.plus(Math.max(busyUntil, scheduler.now()), nanos);
    }

    /** How long the manager is to be busy from now on, which a turn that is being run counts as its own. */
    private long spent() {
        return inTurn ? Math.max(0, busyUntil - scheduler.now()) : 0;
    }

    /**
     * Sets how long every further task of its workers takes at least.
     *
     * @param nanos the duration
     */
    public void workerDuration(long nanos) {
        workers.duration(nanos);
    }

    @Override
    protected void turn() {
        if (host.isDown() || manager.isClosed()) {
            scheduler.cancel(deadline);
            return;
        }
        if (busyUntil > scheduler.now()) {
            scheduler.at(deadline, busyUntil);
            return;
        }
        simulation.trace().mix(scheduler.now(), self.id(), "turn", 0, 0);
        inTurn = true;
        try {
            manager.turn(0);
        } finally {
            inTurn = false;
        }
        refresh();
    }

    @Override
    protected void refresh() {
        if (host.isDown() || manager.isClosed()) {
            scheduler.cancel(deadline);
        } else if (manager.loop().hasWork() || transport.hasReady()) {
            scheduler.ready(this);
        } else {
            long next = manager.loop().nextDeadlineNanos();
            if (next == Long.MAX_VALUE) {
                scheduler.cancel(deadline);
            } else if (!deadline.isScheduled() || deadline.time() != next) {
                scheduler.at(deadline, next);
            }
        }
    }

    @Override
    public void onReady() {
        if (!inTurn) {
            scheduler.ready(this);
        }
    }

    @Override
    public void onWake() {
        if (!inTurn || !scheduler.isOwner()) {
            scheduler.changed(this);
        }
    }

    /** The nearest timer of the manager. */
    private final class Deadline extends SimTask {
        @Override
        protected void run() {
            scheduler.ready(ManagerDriver.this);
        }

        @Override
        boolean isTimer() {
            return true;
        }

        @Override
        public String describe() {
            return self.name() + ": its nearest timer";
        }
    }

    /** Notes which connections were opened and never closed; for when the manager is closed. */
    public void checkEnded() {
        if (!host.isDown()) {
            probe.checkEnded();
        }
    }

    /**
     * What the threads of its connections are doing.
     *
     * @return one line for each that has not ended
     */
    public List<String> describeThreads() {
        return workers.describeThreads();
    }

    /** Ends the threads of its connections, wherever they are: the world is over. */
    public void killThreads() {
        workers.killThreads();
    }

    /**
     * Describes the manager for a report.
     *
     * @return its name and its counts, or null if it is closed
     */
    public @Nullable String describe() {
        return manager.isClosed() || host.isDown() ? null : name() + "  " + manager.statistics();
    }
}
