package dev.meerkat.testkit.kotest

import dev.meerkat.testkit.SimConfig
import dev.meerkat.testkit.SimRun
import dev.meerkat.testkit.SimWorld
import io.kotest.core.spec.style.scopes.FunSpecRootScope

/**
 * Adds a test in a virtual world to a `FunSpec`.
 *
 * The body runs once for every seed, each time in a fresh world, and stops at the first seed that fails. Several seeds
 * explore: loops, ready sockets and pieces of streams come in other orders than first come, first served. The failure is
 * the whole report; `-Dmeerkat.sim.seed=0x1f` runs one seed instead of those that are asked for here.
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
    body: SimWorld.() -> Unit,
) {
    test(name) { runInWorlds(name, seeds, configure, body) }
}

/**
 * Adds a test in a virtual world to a `FunSpec`, with seeds that are plain numbers.
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
    body: SimWorld.() -> Unit,
): Unit = simTest(name, seeds.first.toLong()..seeds.last.toLong(), configure, body)

/**
 * Runs a test in a virtual world for every seed: what [simTest] does, for the other styles of Kotest.
 *
 * @param name what reports call the test
 * @param seeds which seeds to run
 * @param configure sets what else there is to configure
 * @param body the test, in its world
 */
public fun runInWorlds(
    name: String,
    seeds: LongRange = 0L..0L,
    configure: SimConfig.Builder.() -> Unit = {},
    body: SimWorld.() -> Unit,
) {
    for (run in SimRun.each(configOf(name, seeds, configure))) {
        try {
            run.world().body()
        } catch (e: Exception) {
            throw run.failure(e)
        } catch (e: AssertionError) {
            throw run.failure(e)
        }
        run.finish()
    }
}

private const val SEED_PROPERTY = "meerkat.sim.seed"

private fun configOf(name: String, seeds: LongRange, configure: SimConfig.Builder.() -> Unit): SimConfig {
    require(!seeds.isEmpty()) { "no seeds: $seeds" }
    val count = Math.toIntExact(seeds.last - seeds.first + 1)
    val wanted = System.getProperty(SEED_PROPERTY).orEmpty()
    val config =
        SimConfig
            .builder()
            .name(name)
            .explore(count > 1)
            .rerun("./mvnw test -Dtest=<the spec> -D$SEED_PROPERTY=%s")
    if (wanted.isEmpty()) {
        config.seed(seeds.first).seeds(count)
    } else {
        config.seed(if (wanted.startsWith("0x")) wanted.drop(2).toULong(16).toLong() else wanted.toLong())
    }
    return config.apply(configure).build()
}
