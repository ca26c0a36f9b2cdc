/** Meerkat as suspend functions and flows. */
module dev.meerkat.coroutines {
    requires transitive dev.meerkat;
    requires transitive kotlin.stdlib;
    requires transitive kotlinx.coroutines.core;
    requires transitive kotlinx.io.core;
    requires transitive kotlinx.io.bytestring;
    requires transitive io.ktor.io;

    exports dev.meerkat.coroutines;
    exports dev.meerkat.coroutines.http;
    exports dev.meerkat.coroutines.websocket;
}
