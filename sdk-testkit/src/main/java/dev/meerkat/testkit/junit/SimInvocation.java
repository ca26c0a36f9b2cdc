package dev.meerkat.testkit.junit;

import dev.meerkat.testkit.FakeClock;
import dev.meerkat.testkit.SimHost;
import dev.meerkat.testkit.SimRun;
import dev.meerkat.testkit.SimWorld;
import java.lang.reflect.Method;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.opentest4j.IncompleteExecutionException;

/** One run of a test method: hands out its world, and checks it when the method is over. */
final class SimInvocation
        implements TestTemplateInvocationContext,
                ParameterResolver,
                InvocationInterceptor,
                LifecycleMethodExecutionExceptionHandler {
    private final SimRun run;

    SimInvocation(SimRun run) {
        this.run = run;
    }

    @Override
    public String getDisplayName(int invocationIndex) {
        return run.label();
    }

    @Override
    public List<Extension> getAdditionalExtensions() {
        return List.of(this);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == SimWorld.class || type == FakeClock.class || type == SimHost.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        if (type == SimWorld.class) {
            return run.world();
        }
        return type == FakeClock.class ? run.world().clock() : run.world().host(hostName(parameter));
    }

    private static String hostName(ParameterContext parameter) {
        return parameter
                .findAnnotation(OnHost.class)
                .map(OnHost::value)
                .orElseThrow(() -> new ParameterResolutionException(
                        "which host? " + parameter.getParameter() + " needs @OnHost(\"name\")"));
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> invocationContext,
            ExtensionContext extensionContext)
            throws Throwable {
        try {
            invocation.proceed();
        } catch (Throwable e) {
            throw reported(e);
        }
        run.finish();
    }

    @Override
    public void handleBeforeEachMethodExecutionException(ExtensionContext context, Throwable throwable)
            throws Throwable {
        throw reported(throwable);
    }

    private Throwable reported(Throwable thrown) {
        // an assumption that does not hold is no failure, and an OutOfMemoryError wants no report
        boolean failed = thrown instanceof Exception || thrown instanceof AssertionError;
        return failed && !(thrown instanceof IncompleteExecutionException) ? run.failure(thrown) : thrown;
    }
}
