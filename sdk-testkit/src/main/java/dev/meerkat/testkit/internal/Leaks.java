package dev.meerkat.testkit.internal;

import dev.meerkat.Connection;
import dev.meerkat.ManagerStatistics;
import java.util.ArrayList;
import java.util.List;

/** What a world holds that nobody will ever use or give back. */
public final class Leaks {
    private final Simulation simulation;

    /**
     * Looks at a world.
     *
     * @param simulation the world
     */
    public Leaks(Simulation simulation) {
        this.simulation = simulation;
    }

    /**
     * Everything that is open, armed or under way, whether it is a leak or not.
     *
     * @return one line for each
     */
    public List<String> everything() {
        List<String> lines = new ArrayList<>(openSockets());
        for (ManagerDriver driver : living()) {
            addCounts(lines, driver);
            lines.addAll(driver.resolver().underWay());
            addJobs(lines, driver);
            lines.addAll(driver.describeThreads());
        }
        return lines;
    }

    /**
     * The open sockets of all hosts.
     *
     * @return one line for each
     */
    public List<String> openSockets() {
        List<String> lines = new ArrayList<>();
        for (Host host : simulation.network().hosts()) {
            for (SimHandle handle : host.openHandles()) {
                lines.add(handle.describe());
            }
        }
        return lines;
    }

    /**
     * The connections that managers hold.
     *
     * @return one line for each
     */
    public List<String> connections() {
        List<String> lines = new ArrayList<>();
        for (ManagerDriver driver : living()) {
            for (Connection connection : driver.manager().connections()) {
                lines.add(connection + "  " + connection.state() + "  peer " + connection.remoteAddress() + ", unread "
                        + connection.receiveBuffer().size() + ", unsent " + connection.pendingBytes()
                        + connection.timer().map(timer -> ", timer in " + timer).orElse(""));
            }
        }
        return lines;
    }

    /**
     * Whether nothing is left that could come to an end by itself.
     *
     * @return false while the peer of a connection is gone, a look-up or a job is under way
     */
    public boolean isSettled() {
        return !anyAbandoned() && unfinished().isEmpty();
    }

    private boolean anyAbandoned() {
        for (Host host : simulation.network().hosts()) {
            for (SimHandle handle : host.openHandles()) {
                if (handle instanceof SimStream stream && stream.isAbandoned()) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Connections that know that their peer is gone, look-ups and jobs.
     *
     * @return one line for each
     */
    public List<String> unfinished() {
        List<String> lines = new ArrayList<>();
        for (Host host : simulation.network().hosts()) {
            for (SimHandle handle : host.openHandles()) {
                if (handle instanceof SimStream stream && stream.isOrphan() && !stream.isHeldByTest()) {
                    lines.add("connection whose peer is gone: " + stream.describe());
                }
            }
        }
        for (ManagerDriver driver : living()) {
            lines.addAll(driver.resolver().underWay());
            addJobs(lines, driver);
        }
        return lines;
    }

    /**
     * What is left although every manager was closed.
     *
     * @return one line for each
     */
    public List<String> afterClosing() {
        List<String> lines = new ArrayList<>();
        for (String socket : openSockets()) {
            lines.add("socket left open: " + socket);
        }
        for (ManagerDriver driver : simulation.drivers()) {
            if (!driver.host().isDown()) {
                addCounts(lines, driver);
                driver.describeThreads().forEach(thread -> lines.add("thread left running: " + thread));
            }
        }
        return lines;
    }

    /**
     * The threads of connections, and what each is doing.
     *
     * @return one line for each
     */
    public List<String> threads() {
        List<String> lines = new ArrayList<>();
        for (ManagerDriver driver : simulation.drivers()) {
            lines.addAll(driver.describeThreads());
        }
        return lines;
    }

    private List<ManagerDriver> living() {
        List<ManagerDriver> living = new ArrayList<>();
        for (ManagerDriver driver : simulation.drivers()) {
            if (!driver.host().isDown() && !driver.manager().isClosed()) {
                living.add(driver);
            }
        }
        return living;
    }

    private static void addJobs(List<String> lines, ManagerDriver driver) {
        add(lines, driver, driver.workers().underWay(), "worker jobs under way");
    }

    private static void addCounts(List<String> lines, ManagerDriver driver) {
        if (!driver.manager().inLoop()) {
            return; // closed by a thread of its own, which alone may ask
        }
        ManagerStatistics counts = driver.manager().statistics();
        add(lines, driver, counts.connections(), "connections");
        add(lines, driver, counts.acceptors(), "acceptors");
        add(lines, driver, counts.timers(), "armed timers");
        add(lines, driver, counts.waitingTasks(), "posted tasks that did not run");
        add(lines, driver, counts.segmentsInUse(), "send segments in use");
        add(lines, driver, counts.keptBuffers(), "kept receive buffers");
    }

    private static void add(List<String> lines, ManagerDriver driver, int count, String what) {
        if (count > 0) {
            lines.add(driver.name() + ": " + count + " " + what);
        }
    }
}
