package dev.meerkat.scripting;

import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import javax.script.Bindings;
import javax.script.Invocable;
import javax.script.ScriptContext;
import javax.script.ScriptEngine;
import javax.script.ScriptException;
import org.jspecify.annotations.Nullable;

/** Calls into the engine, and says what went wrong in our words. */
final class ScriptRunner {
    /** What an engine must be told in its own language, as javax.script has no words for it. */
    private static final String HELPERS = "({"
            + " has: function (o, name) { return o !== null && typeof o === 'object' && typeof o[name] === 'function'; },"
            + " isFunction: function (f) { return typeof f === 'function'; },"
            + " run: function (f) { f(); } })";

    private static final Pattern PLACE =
            Pattern.compile(" ?\\([^()]*#\\d+\\)| in \\S+ at line number .*", Pattern.DOTALL);

    private final ScriptEngine engine;
    private final ScriptGuard guard;
    private final Object helpers;
    /** The script was closed: no function of it is called any more. */
    private boolean ended;

    ScriptRunner(ScriptEngine engine, ScriptGuard guard) {
        this.engine = engine;
        this.guard = guard;
        this.helpers = call("helpers", () -> engine.eval(HELPERS));
    }

    /** Runs a whole script among fresh globals. */
    void evaluate(String source, String file, ScriptManager meerkat) {
        Bindings globals = engine.createBindings();
        globals.put("meerkat", meerkat);
        globals.put(ScriptEngine.FILENAME, file);
        call(file, () -> {
            engine.getContext().setAttribute(ScriptEngine.FILENAME, file, ScriptContext.ENGINE_SCOPE);
            return engine.eval(source, globals);
        });
    }

    void end() {
        ended = true;
    }

    boolean isEnded() {
        return ended;
    }

    boolean has(Object handlers, String function) {
        return !ended && Boolean.TRUE.equals(invoke(helpers, "has", handlers, function));
    }

    boolean isFunction(@Nullable Object value) {
        return Boolean.TRUE.equals(invoke(helpers, "isFunction", value));
    }

    void run(Object function) {
        if (!ended) {
            invoke(helpers, "run", function);
        }
    }

    @Nullable
    Object invoke(Object target, String function, @Nullable Object... arguments) {
        return call(function, () -> ((Invocable) engine).invokeMethod(target, function, arguments));
    }

    private <T> T call(String what, Callable<T> code) {
        try {
            return guard.call(code);
        } catch (ScriptException e) {
            int line = e.getLineNumber() < 0 ? 0 : e.getLineNumber() - guard.firstLine() + 1;
            throw new ScriptFailedException(withoutPlace(String.valueOf(e.getMessage())), e.getFileName(), line, e);
        } catch (ScriptFailedException e) {
            throw e;
        } catch (Exception e) {
            throw new ScriptFailedException(what + ": " + e, null, 0, e);
        }
    }

    /** What went wrong, without where: engines add that in ways of their own, and we say it first. */
    private static String withoutPlace(String message) {
        return PLACE.matcher(message).replaceAll("");
    }
}
