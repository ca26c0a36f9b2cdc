package dev.meerkat.coroutines

import dev.meerkat.Connection
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.DEBUG_PROPERTY_NAME
import kotlinx.coroutines.DEBUG_PROPERTY_VALUE_AUTO
import kotlinx.coroutines.DEBUG_PROPERTY_VALUE_ON
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.EmptyCoroutineContext

/**
 * The name of a connection's coroutine, in dumps and, as kotlinx.coroutines has it, of the thread while it runs. Only in
 * the debug mode of kotlinx.coroutines, by its own rule: an idle connection would pay for it with a tenth of its memory.
 */
internal fun nameOf(connection: Connection): CoroutineContext =
    if (DEBUG) CoroutineName(connection.toString()) else EmptyCoroutineContext

private val DEBUG: Boolean = when (System.getProperty(DEBUG_PROPERTY_NAME)) {
    null, DEBUG_PROPERTY_VALUE_AUTO -> CoroutineName::class.java.desiredAssertionStatus()
    DEBUG_PROPERTY_VALUE_ON, "" -> true
    else -> false
}
