package dev.meerkat.nats;

import dev.meerkat.nats.NatsBusOptions.Login;
import io.nats.client.AuthHandler;
import io.nats.client.NKey;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.security.GeneralSecurityException;
import org.jspecify.annotations.Nullable;

/** How a login is said to the client. */
final class Logins {
    private Logins() {}

    static void apply(Login login, Options.Builder to) {
        if (login instanceof Login.Password password) {
            to.userInfo(password.user().toCharArray(), password.password().toCharArray());
        } else if (login instanceof Login.Token token) {
            to.token(token.token().toCharArray());
        } else if (login instanceof Login.Credentials credentials) {
            to.authHandler(Nats.credentials(credentials.file().toString()));
        } else if (login instanceof Login.NKey key) {
            to.authHandler(new Signing(NKey.fromSeed(key.seed().toCharArray())));
        }
    }

    /** Signs what the server asks to be signed. */
    private static final class Signing implements AuthHandler {
        private final NKey key;

        Signing(NKey key) {
            this.key = key;
        }

        @Override
        public byte[] sign(byte[] nonce) {
            try {
                return key.sign(nonce);
            } catch (GeneralSecurityException | IOException e) {
                throw new IllegalStateException("the key cannot sign", e);
            }
        }

        @Override
        public char[] getID() {
            try {
                return key.getPublicKey();
            } catch (GeneralSecurityException | IOException e) {
                throw new IllegalStateException("the key has no public half", e);
            }
        }

        @Override
        public char @Nullable [] getJWT() {
            return null;
        }
    }
}
