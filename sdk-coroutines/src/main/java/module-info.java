/** Meerkat as suspend functions and flows. */
module dev.meerkat.coroutines {
    requires transitive dev.meerkat;
    requires transitive kotlin.stdlib;
    requires transitive kotlinx.coroutines.core;

    exports dev.meerkat.coroutines;
}
