package dev.meerkat.internal.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.runtime.StreamHandle;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TappedStreamTest {
    /** A default method that is not passed on would answer for the socket below, and wrongly. */
    @Test
    void everyQuestionToTheStreamIsPassedOn() throws NoSuchMethodException {
        List<String> forgotten = new ArrayList<>();
        for (Method method : StreamHandle.class.getMethods()) {
            if (TappedStream.class
                            .getMethod(method.getName(), method.getParameterTypes())
                            .getDeclaringClass()
                    != TappedStream.class) {
                forgotten.add(method.toString());
            }
        }
        assertEquals(List.of(), forgotten);
    }
}
