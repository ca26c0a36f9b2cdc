package dev.meerkat.scripting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Connection;
import dev.meerkat.EventManager;
import dev.meerkat.ListenException;
import dev.meerkat.ManagerOptions;
import dev.meerkat.event.Bytes;
import dev.meerkat.testkit.SimWorld;
import dev.meerkat.testkit.StreamEnd;
import dev.meerkat.testkit.junit.SimTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import javax.script.ScriptEngine;
import javax.script.ScriptEngineManager;
import org.junit.jupiter.api.io.TempDir;

/** Scripts by Mozilla Rhino, in a simulated world. */
class JavaScriptTest {
    @TempDir
    Path directory;

    private final List<String> log = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();

    private static ScriptEngine engine() {
        return new ScriptEngineManager().getEngineByName("rhino");
    }

    private Path script(String... lines) {
        try {
            return Files.writeString(directory.resolve("init.js"), String.join("\n", lines));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private EventManager manager(SimWorld world) {
        return world.host("server")
                .newManager(ManagerOptions.builder()
                        .errorHook((source, connection, thrown) -> failures.add(thrown))
                        .build());
    }

    private JavaScript enable(EventManager manager, Path file) {
        return enable(manager, file, ScriptOptions.builder().log(log::add).build());
    }

    private static JavaScript enable(EventManager manager, Path file, ScriptOptions options) {
        try {
            return JavaScript.enable(manager, engine(), file, options);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static StreamEnd client(SimWorld world) {
        return world.host("client").stream("server", 7000);
    }

    private ScriptFailedException failure(SimWorld world) {
        assertEquals(failures, world.takeErrors());
        assertEquals(1, failures.size(), failures::toString);
        return (ScriptFailedException) failures.remove(0);
    }

    @SimTest
    void aScriptServesConnectionsAndHearsOfAllThatHappensToThem(SimWorld world) {
        enable(manager(world), script("""
                meerkat.listen("tcp://:7000", {
                    opened: function (c) { c.send("welcome\\n"); c.keep(0); },
                    received: function (c) {
                        for (var line; (line = c.takeLine()) !== null; ) {
                            c.keep(c.data() + 1);
                            c.send(c.data() + ": " + line + (line === "x" ? "!" : "") + "\\n");
                        }
                    },
                    closed: function (c, why) { meerkat.log("closed " + why); },
                    event: function (c, e) { meerkat.log(e.name() + " " + e.get("nothing")); }
                });
                """));
        StreamEnd client = client(world);
        client.expectText("welcome\n");
        client.send("hel").send("lo\r\nx\nrest");
        client.expectText("1: hello\n2: x!\n");
        client.close();
        world.untilIdle();
        assertEquals(List.of("InputClosed null", "closed "), log);
    }

    @SimTest
    void aScriptHasTimersOnTheManagersClock(SimWorld world) {
        enable(manager(world), script("""
                var n = 0;
                var ticking = meerkat.every(1000, function () { if (++n === 3) { ticking.cancel(); } meerkat.log("" + n); });
                meerkat.after(1500, function () { meerkat.log("once"); });
                meerkat.listen("tcp://:7000", {
                    opened: function (c) { c.setTimer(250.5); },
                    timer: function (c) { c.send("late\\n").close(); }
                });
                """));
        StreamEnd client = client(world);
        world.advance(Duration.ofSeconds(10));
        assertEquals(List.of("1", "once", "2", "3"), log);
        client.expectText("late\n").expectEnd();
    }

    @SimTest
    void aBroadcastReachesTheFunctionsOfEveryConnection(SimWorld world) {
        EventManager manager = manager(world);
        enable(manager, script("""
                meerkat.listen("tcp://:7000", {
                    received: function (c) { meerkat.broadcast(c.takeText()); },
                    broadcast: function (c, text) { c.send("<" + text + ">"); }
                });
                """));
        StreamEnd one = client(world);
        StreamEnd other = client(world);
        world.untilIdle();
        one.send("hi");
        one.expectText("<hi>");
        other.expectText("<hi>");
        assertEquals(2, world.await(manager.broadcast(Bytes.utf8("all"))).delivered());
    }

    @SimTest
    void aScriptCanConnect(SimWorld world) {
        enable(manager(world), script("""
                meerkat.listen("tcp://:7000", { received: function (c) { c.send(c.takeText()); } });
                var to = meerkat.connect("tcp://127.0.0.1:7000", {
                    opened: function (c) { c.send("ping"); },
                    received: function (c) { meerkat.log(c.takeText() + (c.id() === to.id())); c.close(); }
                });
                meerkat.connect("tcp://127.0.0.1:7001", {
                    connectFailed: function (c, why) { meerkat.log(why.substring(0, 7)); }
                });
                """));
        world.untilIdle();
        assertEquals(List.of("REFUSED", "pingtrue"), log.stream().sorted().toList());
    }

    @SimTest
    void aFunctionThatThrowsEndsItsConnectionAloneAndNamesFileAndLine(SimWorld world) {
        EventManager manager = manager(world);
        Path file = script(
                "meerkat.listen('tcp://:7000', {",
                "    received: function (c) {",
                "        c.send(c.takeText());",
                "        if (meerkat.connectionCount() == 2) {",
                "            return undefinedThing.x;",
                "        }",
                "    }",
                "});");
        enable(manager, file);
        StreamEnd good = client(world);
        StreamEnd bad = client(world);
        world.untilIdle();
        bad.send("x").expectReset();
        ScriptFailedException failure = failure(world);
        assertEquals(file.toString(), failure.file());
        assertEquals(5, failure.line());
        assertEquals(file + ":5: ReferenceError: \"undefinedThing\" is not defined.", failure.getMessage());
        good.send("still here").expectText("still here");
    }

    @SimTest
    void aTimerThatThrowsIsReportedAndTheOthersGoOn(SimWorld world) {
        enable(manager(world), script("""
                meerkat.after(10, function () { throw new Error("broken"); });
                meerkat.after(20, function () { meerkat.log("fine"); });
                """));
        world.advance(Duration.ofSeconds(1));
        assertTrue(failure(world).getMessage().contains("broken"));
        assertEquals(List.of("fine"), log);
    }

    @SimTest
    void aMalformedScriptNamesItsLineAndLeavesNothingBehind(SimWorld world) {
        EventManager manager = manager(world);
        Path file = script("meerkat.listen('tcp://:7000', {});", "meerkat.after(1, function () {});", "var b = ;");
        ScriptFailedException thrown = assertThrows(ScriptFailedException.class, () -> enable(manager, file));
        assertEquals(3, thrown.line());
        assertEquals(0, manager.statistics().acceptors());

        Path late = script(
                "meerkat.listen('tcp://:7000', {});", "meerkat.after(1, function () {});", "throw new Error('late');");
        thrown = assertThrows(ScriptFailedException.class, () -> enable(manager, late));
        assertEquals(3, thrown.line());
        assertEquals(0, manager.statistics().acceptors());
        assertEquals(Optional.empty(), manager.timeToNextTimer());
    }

    @SimTest
    void anEndlessLoopIsEndedAndCannotBeCaughtByTheScript(SimWorld world) {
        EventManager manager = manager(world);
        enable(
                manager,
                script("""
                meerkat.listen("tcp://:7000", {
                    received: function (c) {
                        if (c.takeText() === "loop") { try { while (true) {} } catch (e) { meerkat.log("caught"); } }
                        c.send("ok");
                    }
                });
                """),
                ScriptOptions.builder().stepLimit(100_000).log(log::add).build());
        StreamEnd bad = client(world);
        bad.send("loop").expectReset();
        assertTrue(failure(world).getMessage().contains("100000 steps"));
        assertEquals(List.of(), log);
        client(world).send("x").expectText("ok");

        Path file = script("for (;;) {}");
        ScriptFailedException thrown = assertThrows(ScriptFailedException.class, () -> enable(manager, file));
        assertTrue(thrown.getMessage().contains("steps"), thrown::getMessage);
    }

    @SimTest
    void endlessRecursionFailsTheScriptBeforeTheMemoryIsGone(SimWorld world) {
        EventManager manager = manager(world);
        for (String attempt : List.of(
                "function f() { return f() + 1; } f();",
                "function g() { [1].forEach(g); } g();",
                "JSON.parse('['.repeat(200000));")) {
            Path file = script(attempt);
            assertThrows(ScriptFailedException.class, () -> enable(manager, file), attempt);
        }
    }

    @SimTest
    void javaIsOutOfReachUnlessItIsAllowed(SimWorld world) {
        EventManager manager = manager(world);
        for (String attempt : List.of(
                "java.lang.System.exit(3)",
                "Packages.java.lang.Runtime.getRuntime()",
                "new java.io.File('/')",
                "meerkat.getClass().forName('java.lang.Runtime')",
                "''.getClass().forName('java.lang.Runtime')",
                "meerkat.log.getClass()",
                "new JavaImporter(java.lang).System.exit(3)",
                "Packages.dev.meerkat.EventManager.create()",
                "meerkat.manager.close()",
                "load('/etc/passwd')",
                "org.mozilla.javascript.Context.getCurrentContext().setInstructionObserverThreshold(0)",
                "org.mozilla.javascript.Context.exit()",
                "new org.mozilla.javascript.ContextFactory()")) {
            Path file = script(attempt);
            assertThrows(ScriptFailedException.class, () -> enable(manager, file), attempt);
        }
        Path file = script("meerkat.log(java.lang.Math.max(1, 2) + '');");
        enable(
                manager,
                file,
                ScriptOptions.builder()
                        .javaClasses(List.of("java.lang.Math"))
                        .log(log::add)
                        .build());
        assertEquals(List.of("2"), log);
    }

    @SimTest
    void aReloadTakesOverConnectionsPortsAndTimers(SimWorld world) throws IOException {
        EventManager manager = manager(world);
        script("""
                var version = 1;
                meerkat.every(1000, function () { meerkat.log("old tick"); });
                meerkat.listen("tcp://:7000", { received: function (c) { c.send(version + c.takeText()); } });
                meerkat.listen("tcp://:7001", { received: function (c) { c.send("old " + c.takeText()); } });
                """);
        JavaScript script = enable(manager, directory.resolve("init.js"));
        StreamEnd stays = client(world);
        StreamEnd orphan = world.host("client").stream("server", 7001);
        stays.send("a").expectText("1a");
        script("""
                var version = 2;
                meerkat.listen("tcp://:7000", { received: function (c) { c.send(version + c.takeText()); } });
                meerkat.listen("tcp://:7002", { opened: function (c) { c.send("new"); } });
                """);
        script.reload();
        stays.send("b").expectText("2b");
        orphan.send("c").expectText("old c");
        world.host("client").stream("server", 7002).expectText("new");
        assertEquals(2, manager.statistics().acceptors());
        world.advance(Duration.ofSeconds(5));
        assertEquals(List.of(), log);

        script("throw new Error('no');");
        assertThrows(ScriptFailedException.class, script::reload);
        stays.send("d").expectText("2d");
        script.close();
        assertEquals(0, manager.statistics().acceptors());
    }

    /** All of a new script or nothing: a port that is taken keeps the old one running as it was. */
    @SimTest
    void aReloadThatCannotOpenAPortChangesNothing(SimWorld world) {
        EventManager manager = manager(world);
        script("meerkat.listen('tcp://:7000', { opened: function (c) { c.send('old'); } });");
        JavaScript script = enable(manager, directory.resolve("init.js"));
        manager.listen("tcp://:7009", (connection, event) -> {});
        script(
                "meerkat.listen('tcp://:7000', { opened: function (c) { c.send('new'); } });",
                "meerkat.listen('tcp://:7008', {});",
                "meerkat.listen('tcp://:7009', {});");
        assertThrows(ListenException.class, script::reload);
        client(world).expectText("old");
        assertEquals(2, manager.statistics().acceptors());
    }

    @SimTest
    void connectionsOfAClosedScriptHearNothingOfItAnyMore(SimWorld world) {
        EventManager manager = manager(world);
        JavaScript script = enable(manager, script("""
                meerkat.listen('tcp://:7000', {
                    received: function (c) { c.send('got ' + c.takeText()); meerkat.after(1000, function () { meerkat.log('late'); }); },
                    closed: function (c) { meerkat.log('closed'); }
                });
                """));
        StreamEnd client = client(world);
        client.send("a").expectText("got a");
        script.close();
        client.send("b").expectNothingFor(Duration.ofSeconds(5));
        Connection connection = manager.connections().get(0);
        assertEquals(0, connection.receiveBuffer().size(), "thrown away");
        client.close();
        world.untilIdle();
        assertEquals(List.of(), log);
        assertThrows(IllegalStateException.class, script::reload);
    }

    @SimTest
    void aScriptThatFailsLeavesNoConnectionBehind(SimWorld world) {
        EventManager manager = manager(world);
        world.host("client").newManager(ManagerOptions.DEFAULT).listen("tcp://:7001", (connection, event) -> {});
        Path file = script("meerkat.connect('tcp://client:7001', {});", "throw new Error('no');");
        assertThrows(ScriptFailedException.class, () -> enable(manager, file));
        world.untilIdle();
        assertEquals(List.of(), manager.connections());
    }

    @SimTest
    void whatNobodyReadsIsThrownAway(SimWorld world) {
        EventManager manager = manager(world);
        enable(manager, script("meerkat.listen('tcp://:7000', {});"));
        StreamEnd client = client(world);
        client.send("x".repeat(1 << 20));
        world.untilIdle();
        Connection connection = manager.connections().get(0);
        assertEquals(0, connection.receiveBuffer().size());
    }

    @SimTest
    void limitsHoldAtTheirValueAndRefuseOneMore(SimWorld world) {
        EventManager manager = manager(world);
        String timers = "for (var i = 0; i < %d; i++) { meerkat.after(1000, function () {}); }";
        ScriptOptions three = ScriptOptions.builder().timerLimit(3).build();
        enable(manager, script(String.format(timers, 3)), three).close();
        Path four = script(String.format(timers, 4));
        ScriptFailedException thrown = assertThrows(ScriptFailedException.class, () -> enable(manager, four, three));
        assertTrue(thrown.getMessage().contains("3 timers"), thrown::getMessage);

        ScriptOptions ten = ScriptOptions.builder().sizeLimit(10).build();
        enable(manager, script("// 4567890"), ten);
        Path longer = script("// 45678901");
        assertThrows(UncheckedIOException.class, () -> enable(manager, longer, ten));
    }

    @SimTest
    void misuseByAScriptIsAnErrorThatSaysWhat(SimWorld world) {
        EventManager manager = manager(world);
        for (String misuse : List.of(
                "meerkat.after(1, 'text')",
                "meerkat.after(-1, function () {})",
                "meerkat.after(NaN, function () {})",
                "meerkat.listen('nonsense://x', {})",
                "meerkat.listen('tcp://:7000', {}); meerkat.listen('tcp://:7000', {})",
                "meerkat.port('tcp://:7000')")) {
            Path file = script(misuse);
            assertThrows(RuntimeException.class, () -> enable(manager, file), misuse);
            assertEquals(0, manager.statistics().acceptors(), misuse);
        }
    }

    @SimTest
    void theEngineLivesOnAfterTheManager(SimWorld world) throws Exception {
        ScriptEngine engine = engine();
        EventManager manager = manager(world);
        JavaScript.enable(manager, engine, script("var x = 1; meerkat.listen('tcp://:7000', {});"));
        manager.close();
        assertEquals(3, ((Number) engine.eval("1 + 2")).intValue());
        assertNull(engine.get("x"), "the script had globals of its own");
    }

    @SimTest
    void anEngineThatCannotBeBoundedNeedsAGuard(SimWorld world) {
        EventManager manager = manager(world);
        ScriptEngine other = new OtherEngine(engine());
        Path file = script("meerkat.log('ran');");
        IllegalArgumentException thrown =
                assertThrows(IllegalArgumentException.class, () -> JavaScript.enable(manager, other, file));
        assertTrue(thrown.getMessage().contains("ScriptGuard"), thrown::getMessage);
        boolean[] guarded = new boolean[1];
        ScriptOptions options = ScriptOptions.builder()
                .log(log::add)
                .guard(new ScriptGuard() {
                    @Override
                    public <T> T call(Callable<T> call) throws Exception {
                        guarded[0] = true;
                        return call.call();
                    }
                })
                .build();
        try {
            JavaScript.enable(manager, other, file, options);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertEquals(List.of("ran"), log);
        assertTrue(guarded[0]);
        assertFalse(failures.iterator().hasNext());
    }
}
