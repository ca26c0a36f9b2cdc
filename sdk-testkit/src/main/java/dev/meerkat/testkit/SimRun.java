package dev.meerkat.testkit;

import dev.meerkat.testkit.internal.Repetition;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One run of a test in a world of its own, for a framework that calls the test by itself; {@link SimWorld#run} is made
 * of these too.
 *
 * <pre>{@code
 * for (SimRun run : SimRun.each(config)) {
 *     try {
 *         test(run.world());
 *     } catch (Throwable e) {
 *         throw run.failure(e);
 *     }
 *     run.finish();
 * }
 * }</pre>
 */
public final class SimRun {
    private final SimConfig config;
    private final @Nullable Repetition repetition;
    private final boolean repeated;
    private @Nullable SimWorld world;

    private SimRun(SimConfig config, @Nullable Repetition repetition, boolean repeated) {
        this.config = config;
        this.repetition = repetition;
        this.repeated = repeated;
    }

    /**
     * The runs of a configuration: one for each seed, or two if each is to be verified.
     *
     * @param config how to run
     * @return the runs, to be taken in this order
     */
    public static List<SimRun> each(SimConfig config) {
        List<SimRun> runs = new ArrayList<>();
        for (int i = 0; i < config.seeds(); i++) {
            SimConfig one = config.run(i);
            if (config.verify() == SimConfig.Verify.TWICE) {
                Repetition repetition = new Repetition();
                runs.add(new SimRun(one, repetition, false));
                runs.add(new SimRun(one, repetition, true));
            } else {
                runs.add(new SimRun(one, null, false));
            }
        }
        return runs;
    }

    /**
     * What to call the run.
     *
     * @return the seed, and whether it is repeated
     */
    public String label() {
        return "seed 0x" + Long.toHexString(config.seed()) + (repeated ? ", repeated" : "");
    }

    /**
     * The world of the run. It belongs to the thread of the first call.
     *
     * @return always the same world, made by the first call
     */
    public SimWorld world() {
        SimWorld made = world;
        if (made == null) {
            made = SimWorld.open(config);
            world = made;
            if (repetition != null) {
                if (repeated) {
                    repetition.compare(made.simulation().trace());
                } else {
                    repetition.remember(made.simulation().trace());
                }
            }
        }
        return made;
    }

    /**
     * Ends a run whose test has passed: checks what is left, and compares.
     *
     * @throws SimFailure if something is left, or the run does not repeat the one before
     */
    public void finish() {
        SimWorld made = world;
        if (made == null) {
            return;
        }
        made.close();
        if (repetition != null) {
            end(made, repetition);
        }
        world = null; // a framework may keep the runs of a thousand seeds
    }

    private void end(SimWorld made, Repetition with) {
        if (!repeated) {
            with.remembered(made.simulation().trace());
            return;
        }
        try {
            with.compared(made.simulation().trace());
        } catch (AssertionError e) {
            throw made.failure(e);
        }
    }

    /**
     * Ends a run whose test has failed.
     *
     * @param cause what the test threw
     * @return the failure with the whole report, to be thrown
     */
    public SimFailure failure(Throwable cause) {
        SimFailure failure = world().failure(cause);
        world = null;
        return failure;
    }
}
