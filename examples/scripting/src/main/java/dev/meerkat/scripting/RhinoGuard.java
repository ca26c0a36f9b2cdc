package dev.meerkat.scripting;

import java.util.List;
import java.util.concurrent.Callable;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.ContextFactory;

/**
 * Bounds Mozilla Rhino. Its engine for javax.script enters a context of its own unless the thread is in one already;
 * ours counts instructions and shows the script no class but those that were allowed.
 */
final class RhinoGuard implements ScriptGuard {
    /** How many instructions pass between two looks at the limit. */
    private static final int STRIDE = 10_000;

    /** How deep functions may call each other: frames of interpreted code are on the heap, which others need, too. */
    private static final int DEPTH = 10_000;

    private static final List<String> OURS = List.of(
            ScriptManager.class.getName(),
            ScriptConnection.class.getName(),
            ScriptEvent.class.getName(),
            ScriptTimer.class.getName(),
            "java.lang.String");

    private final Bounded contexts = new Bounded();
    private final ScriptOptions options;

    RhinoGuard(ScriptOptions options) {
        this.options = options;
    }

    @Override
    public <T> T call(Callable<T> call) throws Exception {
        boolean outermost = Context.getCurrentContext() == null;
        if (!outermost) {
            return call.call(); // a script that calls a script: its steps count as the caller's
        }
        Context context = contexts.enterContext();
        contexts.left = options.stepLimit();
        try {
            return call.call();
        } catch (TooManySteps e) {
            throw new ScriptFailedException(
                    "took more than " + options.stepLimit() + " steps in one call, the limit of its options",
                    null,
                    0,
                    e);
        } catch (StackOverflowError e) {
            throw new ScriptFailedException("calls itself too deeply", null, 0, e);
        } finally {
            contexts.left = Long.MAX_VALUE;
            context.close();
        }
    }

    /** Rhino's engine counts the lines of a script from zero. */
    @Override
    public int firstLine() {
        return 0;
    }

    private boolean mayReach(String name) {
        return isAmong(OURS, name) || isAmong(options.javaClasses(), name);
    }

    private static boolean isAmong(List<String> names, String name) {
        for (String each : names) {
            if (each.endsWith(".") ? name.startsWith(each) : name.equals(each)) {
                return true;
            }
        }
        return false;
    }

    private final class Bounded extends ContextFactory {
        private long left = Long.MAX_VALUE;

        @Override
        protected Context makeContext() {
            Context context = super.makeContext();
            context.setInterpretedMode(true); // compiled code counts no steps of its callees
            context.setInstructionObserverThreshold(STRIDE);
            context.setMaximumInterpreterStackDepth(DEPTH);
            context.getWrapFactory().setJavaPrimitiveWrap(false); // strings are to be strings
            context.setClassShutter(RhinoGuard.this::mayReach);
            return context;
        }

        @Override
        protected void observeInstructionCount(Context context, int steps) {
            left -= steps;
            if (left < 0) {
                throw new TooManySteps();
            }
        }
    }

    /** An error, since scripts can catch exceptions; turned into one of ours by {@link #call}. */
    private static final class TooManySteps extends Error {
        private static final long serialVersionUID = 1;
    }
}
