package dev.meerkat.coroutines;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import dev.meerkat.rules.HouseRules;
import org.junit.jupiter.api.Test;

class HouseRulesTest extends HouseRules {
    HouseRulesTest() {
        // Where a cancelled coroutine cleans up when its loop has gone.
        super(
                "dev.meerkat.coroutines.EventManagerDispatcher.refuse(* -> kotlinx.coroutines.Dispatchers.getIO()",
                "dev.meerkat.coroutines.WorkerDispatcher.refuse(* -> kotlinx.coroutines.Dispatchers.getIO()");
    }

    @Test
    void nothingKnowsTheInsideOfTheCore() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.meerkat.internal..")
                .check(MAIN);
    }
}
