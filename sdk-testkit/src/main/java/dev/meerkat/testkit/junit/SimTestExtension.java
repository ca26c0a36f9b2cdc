package dev.meerkat.testkit.junit;

import dev.meerkat.testkit.SimConfig;
import dev.meerkat.testkit.SimRun;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.platform.commons.support.AnnotationSupport;

/** Runs a {@link SimTest} method once for each of its runs; the annotation brings it along. */
public final class SimTestExtension implements TestTemplateInvocationContextProvider {
    private static final String SEED_PROPERTY = "meerkat.sim.seed";

    /** For JUnit, which makes it when it meets the annotation. */
    public SimTestExtension() {}

    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return AnnotationSupport.isAnnotated(context.getTestMethod(), SimTest.class);
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        Method method = context.getRequiredTestMethod();
        SimTest test = AnnotationSupport.findAnnotation(method, SimTest.class).orElseThrow();
        SimConfig config = config(test, method, System.getProperty(SEED_PROPERTY, ""));
        return SimRun.each(config).stream().map(SimInvocation::new);
    }

    private static SimConfig config(SimTest test, Method method, String wantedSeed) {
        String name = method.getDeclaringClass().getSimpleName() + "." + method.getName();
        String filter = method.getDeclaringClass().getName() + "#" + method.getName();
        SimConfig.Builder config = SimConfig.builder()
                .name(name)
                .rerun("./mvnw test -Dtest='" + filter + "' -D" + SEED_PROPERTY + "=%s")
                .explore(test.explore() || test.seeds() > 1)
                .verify(test.verify());
        if (wantedSeed.isEmpty()) {
            config.seed(test.seed()).seeds(test.seeds());
        } else {
            config.seed(parse(wantedSeed));
        }
        if (!test.maxVirtual().isEmpty()) {
            config.maxVirtual(Duration.parse(test.maxVirtual()));
        }
        if (!test.leakGrace().isEmpty()) {
            config.leakGrace(Duration.parse(test.leakGrace()));
        }
        return config.build();
    }

    private static long parse(String seed) {
        return seed.startsWith("0x") ? Long.parseUnsignedLong(seed.substring(2), 16) : Long.parseLong(seed);
    }
}
