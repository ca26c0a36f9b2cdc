package dev.meerkat.internal.nio;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/**
 * Makes threads for code that blocks: virtual ones where the JDK has them for good, from 21 on, else platform threads.
 * This library is compiled for 17, so that it asks for them by name.
 */
final class BlockingThreads {
    /** {@code Thread virtual(String name, Runnable code)}, not started; null below JDK 21. */
    private static final @Nullable MethodHandle VIRTUAL = Runtime.version().feature() >= 21 ? find() : null;

    private BlockingThreads() {}

    private static @Nullable MethodHandle find() {
        try {
            MethodHandles.Lookup lookup = MethodHandles.publicLookup();
            Class<?> builder = Class.forName("java.lang.Thread$Builder");
            Class<?> ofVirtual = Class.forName("java.lang.Thread$Builder$OfVirtual");
            MethodHandle make = lookup.findStatic(Thread.class, "ofVirtual", MethodType.methodType(ofVirtual));
            MethodHandle named = lookup.findVirtual(builder, "name", MethodType.methodType(builder, String.class));
            MethodHandle unstarted =
                    lookup.findVirtual(builder, "unstarted", MethodType.methodType(Thread.class, Runnable.class));
            MethodHandle namedVirtual = MethodHandles.filterArguments(
                    MethodHandles.insertArguments(named, 0)
                            .asType(MethodType.methodType(builder, ofVirtual, String.class)),
                    0);
            MethodHandle withName = MethodHandles.foldArguments(namedVirtual, make);
            return MethodHandles.collectArguments(unstarted, 0, withName);
        } catch (ReflectiveOperationException e) {
            return null;
        }
    }

    static boolean areVirtual() {
        return VIRTUAL != null;
    }

    /** Daemons like virtual threads: nobody waits for a handler to leave the JVM, only for the manager's loop. */
    static Thread start(String name, Runnable code) {
        Thread thread = VIRTUAL == null ? platform(name, code) : virtual(VIRTUAL, name, code);
        thread.start();
        return thread;
    }

    private static Thread platform(String name, Runnable code) {
        Thread thread = new Thread(null, code, name, 0, false);
        thread.setDaemon(true);
        return thread;
    }

    private static Thread virtual(MethodHandle maker, String name, Runnable code) {
        try {
            return (Thread) maker.invokeExact(name, code);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
