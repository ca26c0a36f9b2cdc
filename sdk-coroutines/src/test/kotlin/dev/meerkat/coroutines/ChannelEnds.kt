package dev.meerkat.coroutines

import dev.meerkat.event.ConnectionError
import dev.meerkat.event.ConnectionError.Kind

internal val RESET = ConnectionFailedException(ConnectionError.of(Kind.RESET, "the peer has reset the connection"))

/** Counts what a channel tells its feeder. */
internal class Told : FedReadChannel.Feeder {
    var rooms = 0
    val cancellations = ArrayList<Throwable>()

    override fun onRoom() {
        rooms++
    }

    override fun onCancelled(cause: Throwable) {
        cancellations += cause
    }
}

internal fun FedReadChannel.feed(text: String) = feed(Remainder(text.toByteArray()))
