package dev.meerkat.http.proxy;

import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.http.BodyInput;
import dev.meerkat.http.BodyOutput;
import dev.meerkat.http.BodyProducer;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpError;
import org.jspecify.annotations.Nullable;

/** Passes a body on as it comes: who sends is held back while who receives is slow. Loop thread. */
final class BodyRelay implements BodyProducer, BodyInput.Reader {
    /** What to do when the body is over, for either side. */
    interface Ending {
        /** Told once, whether all of it was passed on. */
        void over(boolean whole);
    }

    private final BodyInput from;
    private final Ending ending;
    private @Nullable BodyOutput to;
    private boolean over;

    BodyRelay(BodyInput from, Ending ending) {
        this.from = from;
        this.ending = ending;
    }

    @Override
    public void produce(BodyOutput output) {
        if (to == null) {
            to = output;
            from.read(this);
        } else {
            from.resume();
        }
    }

    @Override
    public void onData(ReceiveBuffer body) {
        BodyOutput receiving = to;
        if (receiving == null || over) {
            body.discard(body.size());
            return;
        }
        receiving.send(body);
        if (!receiving.isWritable()) {
            from.pause();
            receiving.resume();
        }
    }

    @Override
    public void onEnd(Headers trailers) {
        BodyOutput receiving = to;
        if (receiving != null && !over) {
            receiving.end(trailers);
        }
    }

    @Override
    public void onFailure(HttpError error) {
        BodyOutput receiving = to;
        if (receiving != null && !over) {
            over = true;
            ending.over(false);
            receiving.connection().abort(); // it must not take for whole what is not; nobody here has failed
        }
    }

    @Override
    public void onDone(boolean sent) {
        if (!over) {
            over = true;
            ending.over(sent);
        }
    }
}
