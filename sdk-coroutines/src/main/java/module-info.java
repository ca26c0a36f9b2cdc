/** Meerkat as suspend functions and flows. */
module dev.meerkat.coroutines {
    requires transitive dev.meerkat;
    requires transitive io.ktor.io;
    requires transitive kotlin.stdlib;
    requires transitive kotlinx.coroutines.core;
    requires transitive kotlinx.io.core;
}
