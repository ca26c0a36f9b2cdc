package dev.meerkat.testkit.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Names the host that a parameter of type {@link dev.meerkat.testkit.SimHost} receives. */
@Documented
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
public @interface OnHost {
    /**
     * The name.
     *
     * @return the name of the host, which is made if it does not exist
     */
    String value();
}
