package dev.meerkat.testkit.manager;

import org.junit.jupiter.api.Nested;

/** A manager whose sockets are registered with somebody else's selector keeps all the rules. */
class ForeignSharedTest {
    @Nested
    class Closing extends ClosingRules {
        @Override
        Arm openArm() {
            return ForeignArm.sharing();
        }
    }

    @Nested
    class Connecting extends ConnectingRules {
        @Override
        Arm openArm() {
            return ForeignArm.sharing();
        }
    }

    @Nested
    class Ending extends EndingRules {
        @Override
        Arm openArm() {
            return ForeignArm.sharing();
        }
    }

    @Nested
    class Sending extends SendingRules {
        @Override
        Arm openArm() {
            return ForeignArm.sharing();
        }
    }
}
