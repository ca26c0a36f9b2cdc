/**
 * Virtual time, a virtual network and contract suites for code written with Meerkat.
 */
module dev.meerkat.testkit {
    requires transitive dev.meerkat;
    requires transitive kotlin.stdlib;
    requires static transitive org.jspecify;

    exports dev.meerkat.testkit;
}
