package dev.meerkat.testkit.internal;

/** Something that a test does at an instant of virtual time. */
public final class Action extends SimTask {
    private final Simulation simulation;
    private final String what;
    private final Runnable body;

    Action(Simulation simulation, String what, Runnable body) {
        this.simulation = simulation;
        this.what = what;
        this.body = body;
    }

    @Override
    protected void run() {
        simulation.record(what, 0);
        body.run();
    }

    @Override
    public String describe() {
        return what;
    }
}
