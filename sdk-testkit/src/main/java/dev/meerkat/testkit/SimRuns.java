package dev.meerkat.testkit;

import dev.meerkat.testkit.internal.Repetition;

/** The runs of a test: every seed, once or twice. */
final class SimRuns {
    private SimRuns() {}

    static void run(SimConfig config, SimWorld.Body body) {
        for (int i = 0; i < config.seeds(); i++) {
            runSeed(config.run(i), body);
        }
    }

    private static void runSeed(SimConfig config, SimWorld.Body body) {
        if (config.verify() == SimConfig.Verify.ONCE) {
            runOnce(SimWorld.open(config), body);
            return;
        }
        Repetition repetition = new Repetition();
        SimWorld first = SimWorld.open(config);
        repetition.remember(first.simulation().trace());
        runOnce(first, body);
        repetition.remembered(first.simulation().trace());
        SimWorld second = SimWorld.open(config);
        repetition.compare(second.simulation().trace());
        runOnce(second, body);
        try {
            repetition.compared(second.simulation().trace());
        } catch (AssertionError e) {
            throw second.failure(e);
        }
    }

    static void runOnce(SimWorld world, SimWorld.Body body) {
        try {
            body.run(world);
        } catch (Exception | AssertionError e) {
            throw world.failure(e);
        }
        world.close();
    }
}
