package dev.meerkat.internal.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.runtime.DatagramHandle;
import dev.meerkat.runtime.StreamHandle;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TappedTest {
    /** A default method that is not passed on would answer for the socket below, and wrongly. */
    private static List<String> notPassedOn(Class<?> kind, Class<? extends Tapped<?>> tapped)
            throws NoSuchMethodException {
        List<String> forgotten = new ArrayList<>();
        for (Method method : kind.getMethods()) {
            Class<?> answers = tapped.getMethod(method.getName(), method.getParameterTypes())
                    .getDeclaringClass();
            if (answers != tapped && answers != Tapped.class) {
                forgotten.add(method.toString());
            }
        }
        return forgotten;
    }

    @Test
    void everyQuestionToAStreamIsPassedOn() throws NoSuchMethodException {
        assertEquals(List.of(), notPassedOn(StreamHandle.class, TappedStream.class));
    }

    @Test
    void everyQuestionToADatagramSocketIsPassedOn() throws NoSuchMethodException {
        assertEquals(List.of(), notPassedOn(DatagramHandle.class, TappedDatagram.class));
    }
}
