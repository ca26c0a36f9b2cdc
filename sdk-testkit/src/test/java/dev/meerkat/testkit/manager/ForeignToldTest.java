package dev.meerkat.testkit.manager;

import org.junit.jupiter.api.Nested;

/** A manager that tells somebody else what to watch keeps all the rules. */
class ForeignToldTest {
    @Nested
    class Closing extends ClosingRules {
        @Override
        Arm openArm() {
            return ForeignArm.told();
        }
    }

    @Nested
    class Connecting extends ConnectingRules {
        @Override
        Arm openArm() {
            return ForeignArm.told();
        }
    }

    @Nested
    class Ending extends EndingRules {
        @Override
        Arm openArm() {
            return ForeignArm.told();
        }
    }

    @Nested
    class Listening extends ListeningRules {
        @Override
        Arm openArm() {
            return ForeignArm.told();
        }
    }

    @Nested
    class Receiving extends ReceivingRules {
        @Override
        Arm openArm() {
            return ForeignArm.told();
        }
    }

    @Nested
    class SameTurn extends SameTurnRules {
        @Override
        Arm openArm() {
            return ForeignArm.told();
        }
    }

    @Nested
    class Sending extends SendingRules {
        @Override
        Arm openArm() {
            return ForeignArm.told();
        }
    }
}
