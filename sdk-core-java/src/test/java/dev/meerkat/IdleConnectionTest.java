package dev.meerkat;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What an idle connection holds of ours, by the fields of its objects: in a JVM of up to 32 GB of heap an object has 12
 * bytes and its fields, a reference takes four, and all of it is a multiple of eight. What else hangs on it is the
 * JDK's, 695 bytes; docs/performance.md has the histogram that says so. A field more in any of these is one that every
 * idle connection pays for.
 */
class IdleConnectionTest {
    private static final List<String> TCP = List.of(
            "dev.meerkat.internal.connection.RealConnection",
            "dev.meerkat.internal.connection.Lifecycle",
            "dev.meerkat.internal.connection.Telling",
            "dev.meerkat.internal.connection.Outbound",
            "dev.meerkat.internal.connection.Inbound",
            "dev.meerkat.internal.nio.NioStream");

    @Test
    void aTcpConnectionHolds232Bytes() throws Exception {
        int sum = 0;
        StringBuilder each = new StringBuilder();
        for (String name : TCP) {
            int size = sizeOf(name);
            sum += size;
            each.append(name).append(' ').append(size).append('\n');
        }
        assertTrue(sum <= 232, sum + " bytes\n" + each);
    }

    @Test
    void servingHttpAdds88Bytes() throws Exception {
        int size = sizeOf("dev.meerkat.internal.http.ServerProtocol");
        assertTrue(size <= 88, size + " bytes");
    }

    @Test
    void aRequestAddsAnother64BytesWhileItIsUnderWay() throws Exception {
        int size = sizeOf("dev.meerkat.internal.http.ServerRequest");
        assertTrue(size <= 64, size + " bytes");
    }

    @Test
    void aWebSocketHolds160Bytes() throws Exception {
        int sum = 0;
        for (String name : List.of("RealWebSocket", "Incoming", "Sender")) {
            sum += sizeOf("dev.meerkat.internal.ws." + name);
        }
        assertTrue(sum <= 160, sum + " bytes");
    }

    private static int sizeOf(String name) throws ClassNotFoundException {
        int size = 12;
        for (Class<?> type = Class.forName(name); type != null; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                size += Modifier.isStatic(field.getModifiers()) ? 0 : bytesOf(field.getType());
            }
        }
        return (size + 7) / 8 * 8;
    }

    private static int bytesOf(Class<?> type) {
        if (type == boolean.class || type == byte.class) {
            return 1;
        }
        if (type == short.class || type == char.class) {
            return 2;
        }
        return type == long.class || type == double.class ? 8 : 4;
    }
}
