package dev.meerkat.testkit;

import dev.meerkat.rules.HouseRules;

class HouseRulesTest extends HouseRules {
    HouseRulesTest() {
        // a thread of the world takes turns with the test's, and never runs beside it
        super("dev.meerkat.testkit.internal.SimThread.* -> java.lang.Thread.<init>(*");
    }
}
