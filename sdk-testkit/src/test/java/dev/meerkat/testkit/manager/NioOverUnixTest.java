package dev.meerkat.testkit.manager;

import org.junit.jupiter.api.Nested;

/** What holds over TCP holds over Unix domain sockets: the same rules once more. */
class NioOverUnixTest {
    @Nested
    class Broadcast extends BroadcastRules {
        @Override
        Arm openArm() {
            return new NioArm(Family.UNIX);
        }
    }

    @Nested
    class Closing extends ClosingRules {
        @Override
        Arm openArm() {
            return new NioArm(Family.UNIX);
        }
    }

    @Nested
    class Connection extends ConnectionRules {
        @Override
        Arm openArm() {
            return new NioArm(Family.UNIX);
        }
    }

    @Nested
    class Ending extends EndingRules {
        @Override
        Arm openArm() {
            return new NioArm(Family.UNIX);
        }
    }

    @Nested
    class Failing extends FailingRules {
        @Override
        Arm openArm() {
            return new NioArm(Family.UNIX);
        }
    }

    @Nested
    class FileSending extends FileSendingRules {
        @Override
        Arm openArm() {
            return new NioArm(Family.UNIX);
        }
    }

    @Nested
    class Ownership extends OwnershipRules {
        @Override
        Arm openArm() {
            return new NioArm(Family.UNIX);
        }
    }

    @Nested
    class Receiving extends ReceivingRules {
        @Override
        Arm openArm() {
            return new NioArm(Family.UNIX);
        }
    }

    @Nested
    class SameTurn extends SameTurnRules {
        @Override
        Arm openArm() {
            return new NioArm(Family.UNIX);
        }
    }

    @Nested
    class Sending extends SendingRules {
        @Override
        Arm openArm() {
            return new NioArm(Family.UNIX);
        }
    }
}
