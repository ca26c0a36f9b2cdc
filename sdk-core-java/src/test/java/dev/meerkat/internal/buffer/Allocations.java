package dev.meerkat.internal.buffer;

import java.lang.reflect.Method;

/**
 * How many bytes the calling thread has allocated. By reflection, because our module does not read the one that knows.
 */
public final class Allocations {
    private static final Object BEAN;
    private static final Method ALLOCATED_BYTES;

    static {
        try {
            BEAN = Class.forName("java.lang.management.ManagementFactory")
                    .getMethod("getThreadMXBean")
                    .invoke(null);
            ALLOCATED_BYTES =
                    Class.forName("com.sun.management.ThreadMXBean").getMethod("getCurrentThreadAllocatedBytes");
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private Allocations() {}

    /**
     * The bytes so far.
     *
     * @return their number
     */
    public static long ofThisThread() throws ReflectiveOperationException {
        return (long) ALLOCATED_BYTES.invoke(BEAN);
    }
}
