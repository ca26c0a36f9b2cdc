package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Connection;
import dev.meerkat.ConnectionState;
import dev.meerkat.EventManager;
import dev.meerkat.event.TcpEvent;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a program can get at from an event manager: no field, no internal type, no socket, and no state to change. */
class PublicTypesTest {
    private static final String FRONT = "dev.meerkat";

    /** Every type of ours that can be reached from a manager; the runtime's are named but not followed. */
    private static Set<Class<?>> reachable() {
        Set<Class<?>> found = new LinkedHashSet<>();
        ArrayDeque<Class<?>> open = new ArrayDeque<>(List.of(EventManager.class, TcpEvent.class));
        while (!open.isEmpty()) {
            Class<?> type = open.remove();
            if (!found.add(type) || !isFront(type)) {
                continue;
            }
            open.addAll(Arrays.asList(type.getDeclaredClasses()));
            for (Method method : type.getMethods()) {
                signature(method)
                        .filter(each -> each.getName().startsWith(FRONT))
                        .forEach(open::add);
            }
        }
        return found;
    }

    private static boolean isFront(Class<?> type) {
        return type.getPackageName().equals(FRONT) || type.getPackageName().equals(FRONT + ".event");
    }

    private static Stream<Class<?>> signature(Method method) {
        return Stream.concat(Stream.of(method.getGenericReturnType()), Arrays.stream(method.getGenericParameterTypes()))
                .flatMap(PublicTypesTest::classes);
    }

    private static Stream<Class<?>> classes(Type type) {
        if (type instanceof Class<?> plain) {
            return Stream.of(plain);
        }
        return type instanceof ParameterizedType generic
                ? Stream.concat(
                        classes(generic.getRawType()),
                        Arrays.stream(generic.getActualTypeArguments()).flatMap(PublicTypesTest::classes))
                : Stream.of();
    }

    @Test
    void nothingInternalIsReachable() {
        Set<Class<?>> types = reachable();
        assertTrue(types.contains(Connection.class) && types.size() > 30, types::toString);
        assertEquals(
                List.of(),
                types.stream()
                        .filter(type -> type.getName().startsWith(FRONT + ".internal"))
                        .toList());
    }

    @Test
    void noFieldCanBeWritten() {
        for (Class<?> type : reachable()) {
            for (Field field : type.getFields()) {
                assertTrue(Modifier.isFinal(field.getModifiers()), field::toString);
            }
        }
    }

    @Test
    void noSocketIsReachableFromAConnection() {
        assertEquals(
                List.of(),
                Arrays.stream(Connection.class.getMethods())
                        .flatMap(PublicTypesTest::signature)
                        .filter(type -> type.getName().startsWith(FRONT + ".runtime") && !type.isRecord())
                        .toList(),
                "of the runtime, values alone");
    }

    @Test
    void stateIsToldAndNeverTaken() {
        List<Method> takers = reachable().stream()
                .filter(type -> type != ConnectionState.class)
                .flatMap(type -> Arrays.stream(type.getMethods()))
                .filter(method -> Arrays.asList(method.getParameterTypes()).contains(ConnectionState.class))
                .toList();
        assertEquals(List.of(), takers);
    }
}
