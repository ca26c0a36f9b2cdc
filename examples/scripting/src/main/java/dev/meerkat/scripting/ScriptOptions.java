package dev.meerkat.scripting;

import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a script may do. Immutable; made by {@link #builder}.
 *
 * @param stepLimit how many steps of the engine one call into the script may take. A step is an instruction of the
 *     engine, so the limit means the same on every machine and in virtual time; 10 million by default, which is some
 *     tenths of a second
 * @param sizeLimit the longest script, in bytes; 1 MiB by default
 * @param timerLimit how many timers a script may have armed at once; 10,000 by default
 * @param javaClasses the names of Java classes that the script may reach, or packages if they end with a dot; none by
 *     default, so that a script cannot leave what {@link ScriptManager} offers
 * @param guard bounds an engine that this library does not know; null for Mozilla Rhino
 * @param log where {@code meerkat.log} goes; nowhere by default
 */
public record ScriptOptions(
        long stepLimit,
        int sizeLimit,
        int timerLimit,
        List<String> javaClasses,
        @Nullable ScriptGuard guard,
        Consumer<String> log) {
    /** The defaults. */
    public static final ScriptOptions DEFAULT = builder().build();

    // Checks every value; a bad one is an IllegalArgumentException that names it.
    public ScriptOptions {
        if (stepLimit < 1 || sizeLimit < 1 || timerLimit < 0) {
            throw new IllegalArgumentException("limits must be positive: stepLimit " + stepLimit + ", sizeLimit "
                    + sizeLimit + ", timerLimit " + timerLimit);
        }
        javaClasses = List.copyOf(javaClasses);
        Objects.requireNonNull(log, "log");
    }

    /**
     * Begins with the defaults.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Builds {@link ScriptOptions}. */
    public static final class Builder {
        private long stepLimit = 10_000_000;
        private int sizeLimit = 1 << 20;
        private int timerLimit = 10_000;
        private List<String> javaClasses = List.of();
        private @Nullable ScriptGuard guard;
        private Consumer<String> log = line -> {};

        private Builder() {}

        /**
         * Sets {@link ScriptOptions#stepLimit}.
         *
         * @param value a positive number
         * @return this
         */
        public Builder stepLimit(long value) {
            stepLimit = value;
            return this;
        }

        /**
         * Sets {@link ScriptOptions#sizeLimit}.
         *
         * @param value a positive number of bytes
         * @return this
         */
        public Builder sizeLimit(int value) {
            sizeLimit = value;
            return this;
        }

        /**
         * Sets {@link ScriptOptions#timerLimit}.
         *
         * @param value a number, zero for no timers at all
         * @return this
         */
        public Builder timerLimit(int value) {
            timerLimit = value;
            return this;
        }

        /**
         * Sets {@link ScriptOptions#javaClasses}.
         *
         * @param names class names, or package names that end with a dot
         * @return this
         */
        public Builder javaClasses(List<String> names) {
            javaClasses = names;
            return this;
        }

        /**
         * Sets {@link ScriptOptions#guard}.
         *
         * @param value what bounds the engine
         * @return this
         */
        public Builder guard(ScriptGuard value) {
            guard = Objects.requireNonNull(value, "guard");
            return this;
        }

        /**
         * Sets {@link ScriptOptions#log}.
         *
         * @param value takes a line without its end
         * @return this
         */
        public Builder log(Consumer<String> value) {
            log = value;
            return this;
        }

        /**
         * Builds the options.
         *
         * @return the options
         * @throws IllegalArgumentException if a limit is not positive
         */
        public ScriptOptions build() {
            return new ScriptOptions(stepLimit, sizeLimit, timerLimit, javaClasses, guard, log);
        }
    }
}
