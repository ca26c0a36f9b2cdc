/** Virtual time, a virtual network and contract suites for code written with Meerkat. */
// Kotest is no module; who uses its bridge has it on the class path.
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"})
module dev.meerkat.testkit {
    requires transitive dev.meerkat;
    requires transitive kotlin.stdlib;
    requires static transitive org.jspecify;
    requires static transitive org.junit.jupiter.api;
    requires static transitive kotest.framework.engine.jvm;
    requires static transitive kotlinx.coroutines.core;
    requires static transitive kotlinx.coroutines.test;
    requires static org.junit.platform.commons;
    requires static org.opentest4j;

    exports dev.meerkat.testkit;
    exports dev.meerkat.testkit.conformance;
    exports dev.meerkat.testkit.coroutines;
    exports dev.meerkat.testkit.junit;
    exports dev.meerkat.testkit.kotest;
    exports dev.meerkat.testkit.websocket;
}
