package dev.meerkat.testkit

import dev.meerkat.testkit.internal.Scheduler

/** The time inside a world, for the bridges to other clocks. */
internal fun SimWorld.scheduler(): Scheduler = simulation().scheduler()
