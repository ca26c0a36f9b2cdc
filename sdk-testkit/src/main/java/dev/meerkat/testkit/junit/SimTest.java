package dev.meerkat.testkit.junit;

import dev.meerkat.testkit.SimConfig;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test in a virtual world. The method, its {@code @BeforeEach} methods and the constructor may ask for a
 * {@link dev.meerkat.testkit.SimWorld}, its {@link dev.meerkat.testkit.FakeClock} and, with {@link OnHost}, for its
 * hosts. When the method is over, the world is closed and checked.
 *
 * <p>The system property {@code meerkat.sim.seed} (decimal, or hexadecimal with {@code 0x}) runs one seed instead of
 * those that are asked for here.
 */
@Documented
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@ExtendWith(SimTestExtension.class)
public @interface SimTest {
    /**
     * How many runs to make, with seeds that follow each other. Several runs explore.
     *
     * @return the count
     */
    int seeds() default 1;

    /**
     * The first seed.
     *
     * @return the seed
     */
    long seed() default 0;

    /**
     * Whether a single run explores too.
     *
     * @return whether other orders than first come, first served are taken
     */
    boolean explore() default false;

    /**
     * Whether each run is repeated and compared event by event.
     *
     * @return once or twice
     */
    SimConfig.Verify verify() default SimConfig.Verify.ONCE;

    /**
     * How much virtual time a run may take.
     *
     * @return an ISO-8601 duration such as {@code PT1H}; empty for a hundred years
     */
    String maxVirtual() default "";

    /**
     * How much virtual time the world has to settle after the test's end.
     *
     * @return an ISO-8601 duration such as {@code PT60S}; empty for 60 s
     */
    String leakGrace() default "";
}
