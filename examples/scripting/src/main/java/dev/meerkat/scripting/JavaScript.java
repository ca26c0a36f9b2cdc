package dev.meerkat.scripting;

import dev.meerkat.EventManager;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import javax.script.Invocable;
import javax.script.ScriptEngine;

/**
 * Handlers in JavaScript for an event manager. The script runs once, and says what is to be served:
 *
 * <pre>{@code
 * meerkat.listen("tcp://127.0.0.1:7000", {
 *     opened:   function (c) { c.send("welcome\n"); },
 *     received: function (c) {
 *         for (var line; (line = c.takeLine()) !== null; ) { meerkat.broadcast(line + "\n"); }
 *     },
 *     broadcast: function (c, text) { c.send(text); }
 * });
 * meerkat.every(60000, function () { meerkat.log(meerkat.connectionCount() + " are here"); });
 * }</pre>
 *
 * <p>The program that embeds it:
 *
 * <pre>{@code
 * ScriptEngine engine = new ScriptEngineManager().getEngineByName("rhino");
 * JavaScript script = JavaScript.enable(manager, engine, Path.of("init.js"));
 * manager.run();
 * }</pre>
 *
 * <p>What a script may do is {@link ScriptManager} (its {@code meerkat}) and {@link ScriptConnection} (its {@code c}).
 * The functions of a handler object, all of them optional, are listed there, too. Everything runs on the manager's
 * thread, inside its turns; a script that computes for long holds up all connections, which is why its steps are
 * bounded.
 *
 * <p>A function that throws does what a handler that throws does: its connection is aborted, the error hook is told,
 * and the manager lives on. The error is a {@link ScriptFailedException} that names file and line.
 *
 * <p>The engine stays the user's. It is referred to as long as the manager lives, and is used by its thread alone.
 */
public final class JavaScript {
    private final EventManager manager;
    private final ScriptRunner runner;
    private final Path file;
    private final ScriptOptions options;
    private ScriptManager current;

    private JavaScript(EventManager manager, ScriptRunner runner, Path file, ScriptOptions options) {
        this.manager = manager;
        this.runner = runner;
        this.file = file;
        this.options = options;
        this.current = new ScriptManager(manager, runner, options);
    }

    /**
     * Runs a script with default options.
     *
     * @param manager whose handlers the script brings
     * @param engine see {@link #enable(EventManager, ScriptEngine, Path, ScriptOptions)}
     * @param file the script, in UTF-8
     * @return the running script
     * @throws IOException if the file cannot be read
     * @throws ScriptFailedException if the script fails; then nothing of it stays
     */
    public static JavaScript enable(EventManager manager, ScriptEngine engine, Path file) throws IOException {
        return enable(manager, engine, file, ScriptOptions.DEFAULT);
    }

    /**
     * Runs a script. Must be called on the manager's thread.
     *
     * @param manager whose handlers the script brings; it must not be closed
     * @param engine any JavaScript engine that is {@link Invocable}. It must not be used elsewhere, or be closed,
     *     before the manager is closed
     * @param file the script, in UTF-8
     * @param options its limits
     * @return the running script
     * @throws IOException if the file cannot be read, or is longer than the options permit
     * @throws ScriptFailedException if the script fails; then nothing of it stays: no acceptor, timer or connection
     * @throws IllegalArgumentException if the engine is not {@link Invocable}, or if it is one that we cannot bound and
     *     the options bring no {@link ScriptGuard} of its own
     */
    public static JavaScript enable(EventManager manager, ScriptEngine engine, Path file, ScriptOptions options)
            throws IOException {
        if (!(Objects.requireNonNull(engine, "engine") instanceof Invocable)) {
            throw new IllegalArgumentException(
                    engine.getFactory().getEngineName() + " cannot be called back: it is no javax.script.Invocable");
        }
        JavaScript script = new JavaScript(manager, new ScriptRunner(engine, guardOf(engine, options)), file, options);
        script.reload();
        return script;
    }

    private static ScriptGuard guardOf(ScriptEngine engine, ScriptOptions options) {
        ScriptGuard own = options.guard();
        if (own != null) {
            return own;
        }
        String name = engine.getFactory().getEngineName();
        if (!name.toLowerCase(Locale.ROOT).contains("rhino")) {
            throw new IllegalArgumentException("no way is known to bound the steps of " + name
                    + ", and an endless loop would hold up everything; bring a ScriptGuard for it");
        }
        return new RhinoGuard(options);
    }

    /**
     * Reads the file again and runs it, in place of what ran before. Must be called on the manager's thread.
     *
     * <p>Acceptors on the same address stay, with all their connections, and take the new handlers at once; those on
     * addresses that the new script does not name are closed, while their connections keep the old handlers. Timers of
     * the old script end; global variables start afresh. A new script that fails changes nothing: the old one goes on.
     *
     * @throws IOException if the file cannot be read, or is longer than the options permit
     * @throws ScriptFailedException if the new script fails
     * @throws IllegalStateException if it was closed
     */
    public void reload() throws IOException {
        if (runner.isEnded()) {
            throw new IllegalStateException("the script " + file + " was closed");
        }
        String source = read();
        ScriptManager next = new ScriptManager(manager, runner, options);
        try {
            runner.evaluate(source, file.toString(), next);
            next.takeOver(current);
        } catch (RuntimeException e) {
            next.withdraw();
            next.hangUp();
            throw e;
        }
        current = next;
    }

    private String read() throws IOException {
        long length = Files.size(file);
        if (length > options.sizeLimit()) {
            throw new IOException(file + " has " + length + " bytes; a script may have " + options.sizeLimit());
        }
        return Files.readString(file, StandardCharsets.UTF_8);
    }

    /**
     * Ends the script: closes its acceptors and timers. Its connections stay, without a handler that does anything;
     * what they receive is thrown away. Must be called on the manager's thread. A manager that is closed ends it, too.
     */
    public void close() {
        runner.end();
        current.withdraw();
    }
}
