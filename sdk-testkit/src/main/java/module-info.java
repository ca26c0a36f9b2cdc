/** Virtual time, a virtual network and contract suites for code written with Meerkat. */
module dev.meerkat.testkit {
    requires transitive dev.meerkat;
    requires transitive kotlin.stdlib;
    requires static transitive org.jspecify;
    requires static transitive org.junit.jupiter.api;

    exports dev.meerkat.testkit;
    exports dev.meerkat.testkit.conformance;
}
