package dev.meerkat.testkit.coroutines

import dev.meerkat.testkit.SimConfig
import dev.meerkat.testkit.kotest.runInWorlds
import io.kotest.core.spec.style.scopes.FunSpecRootScope

/**
 * Adds a test with suspend functions in a virtual world to a `FunSpec`. Seeds and configuration are as for the
 * [simTest][dev.meerkat.testkit.kotest.simTest] without suspend functions; [runSuspending] tells how coroutines run.
 *
 * @param name of the test
 * @param seeds which seeds to run
 * @param configure sets what else there is to configure
 * @param body the test, in its world
 */
public fun FunSpecRootScope.simTest(
    name: String,
    seeds: LongRange = 0L..0L,
    configure: SimConfig.Builder.() -> Unit = {},
    body: suspend SimScope.() -> Unit,
) {
    test(name) { runInWorlds(name, seeds, configure) { runSuspending(body) } }
}

/**
 * Adds a test with suspend functions in a virtual world to a `FunSpec`, with seeds that are plain numbers.
 *
 * @param name of the test
 * @param seeds which seeds to run
 * @param configure sets what else there is to configure
 * @param body the test, in its world
 * @see simTest
 */
public fun FunSpecRootScope.simTest(
    name: String,
    seeds: IntRange,
    configure: SimConfig.Builder.() -> Unit = {},
    body: suspend SimScope.() -> Unit,
): Unit = simTest(name, seeds.first.toLong()..seeds.last.toLong(), configure, body)
