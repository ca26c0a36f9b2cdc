package dev.meerkat.rules;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.properties.HasName;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Calls that reach around the runtime seam, or whose answer depends on the machine.
 *
 * <p>A pattern is matched against {@code owner.member(parameter,types)} as the byte code names it, a constructor being
 * called {@code <init>}; a field has no parentheses. Method references count as calls.
 */
final class BannedCalls {
    private static final Predicate<String> SLEEPING =
            anyOf("java.lang.Thread.sleep(*", "java.util.concurrent.TimeUnit.sleep(*");

    private static final Predicate<String> EVERYWHERE = anyOf(
            // The clock. TimeSource tells the time.
            "java.lang.System.nanoTime()",
            "java.lang.System.currentTimeMillis()",
            "java.time.*.now(*",
            "java.time.Clock.system*",
            "java.time.Clock.tick*",
            "java.util.Date.<init>()",
            "java.util.Calendar.getInstance(*",
            "kotlin.time.TimeSource$Monotonic*",
            "kotlin.time.Clock$System*",
            "kotlin.system.TimingKt.*",

            // Threads and waiting. Workers run what blocks, the loop's timers wait.
            "java.lang.Thread.sleep(*",
            "java.util.concurrent.TimeUnit.sleep(*",
            "java.util.concurrent.locks.LockSupport.parkNanos(*",
            "java.util.concurrent.locks.LockSupport.parkUntil(*",
            "java.lang.Thread.<init>(*",
            "java.lang.Thread.ofVirtual(*",
            "java.lang.Thread.ofPlatform(*",
            "java.lang.Thread.startVirtualThread(*",
            "java.util.Timer.*",
            "java.util.concurrent.Executors.*",
            "java.util.concurrent.ThreadPoolExecutor.<init>(*",
            "java.util.concurrent.ScheduledThreadPoolExecutor.<init>(*",
            "java.util.concurrent.ForkJoinPool.*",
            "*.parallelStream()",
            "java.util.stream.*.parallel()",
            "java.util.concurrent.CompletableFuture.orTimeout(*",
            "java.util.concurrent.CompletableFuture.completeOnTimeout(*",
            "java.util.concurrent.CompletableFuture.delayedExecutor(*",
            "java.lang.Runtime.availableProcessors()",
            "kotlin.concurrent.ThreadsKt.*",
            "kotlin.concurrent.TimersKt.*",
            "kotlinx.coroutines.Dispatchers.getDefault()",
            "kotlinx.coroutines.Dispatchers.getIO()",
            "kotlinx.coroutines.Dispatchers.getMain()",
            "kotlinx.coroutines.GlobalScope*",
            "kotlinx.coroutines.*.runBlocking*",

            // Chance. Entropy gives it.
            "java.util.Random.*",
            "java.util.SplittableRandom.*",
            "java.util.concurrent.ThreadLocalRandom.*",
            "java.util.random.RandomGenerator*.of(*",
            "java.security.SecureRandom.*",
            "java.util.UUID.randomUUID()",
            "java.lang.Math.random()",
            "java.util.Collections.shuffle(java.util.List)",
            "kotlin.random.Random$Default*",

            // Names and sockets. Resolver and Transport know them; getByAddress looks nothing up.
            "java.net.InetAddress.getByName(*",
            "java.net.InetAddress.getAllByName(*",
            "java.net.InetAddress.getLocalHost()",
            "java.net.InetAddress.getHostName()",
            "java.net.InetAddress.getCanonicalHostName()",
            "java.net.InetAddress.isReachable(*",
            "java.net.InetSocketAddress.<init>(java.lang.String,int)",
            "java.net.InetSocketAddress.getHostName()",
            "java.net.Socket.<init>(*",
            "java.net.ServerSocket.<init>(*",
            "java.net.DatagramSocket.<init>(*",
            "java.nio.channels.*.open(*",
            "java.nio.channels.spi.SelectorProvider.*",

            // The machine's charset, locale and time zone.
            "java.nio.charset.Charset.defaultCharset()",
            "java.lang.String.getBytes()",
            "java.lang.String.<init>([B)",
            "java.lang.String.<init>([B,int,int)",
            "java.io.ByteArrayOutputStream.toString()",
            "java.io.InputStreamReader.<init>(java.io.InputStream)",
            "java.io.OutputStreamWriter.<init>(java.io.OutputStream)",
            "java.io.FileReader.<init>(java.io.File)",
            "java.io.FileReader.<init>(java.lang.String)",
            "java.io.FileWriter.<init>(java.io.File)",
            "java.io.FileWriter.<init>(java.lang.String)",
            "java.io.PrintStream.<init>(java.io.OutputStream)",
            "java.util.Scanner.<init>(java.io.InputStream)",
            "java.util.Locale.getDefault(*",
            "java.lang.String.format(java.lang.String,*",
            "java.lang.String.formatted(*",
            "java.lang.String.toLowerCase()",
            "java.lang.String.toUpperCase()",
            "java.time.format.DateTimeFormatter.ofPattern(java.lang.String)",
            "java.time.ZoneId.systemDefault()",
            "java.util.TimeZone.getDefault()",

            // Collections whose order changes with every start of the JVM.
            "java.util.Set.of(*",
            "java.util.Set.copyOf(*",
            "java.util.Map.of(*",
            "java.util.Map.ofEntries(*",
            "java.util.Map.copyOf(*",
            "java.util.stream.Collectors.toUnmodifiableSet()",
            "java.util.stream.Collectors.toUnmodifiableMap(*");

    /** Asynchronous steps without an executor of their own run on the common pool. */
    private static final Predicate<String> ON_THE_COMMON_POOL = anyOf(
                    "java.util.concurrent.CompletableFuture.*Async(*", "java.util.concurrent.CompletionStage.*Async(*")
            .and(call -> !call.endsWith("java.util.concurrent.Executor)"));

    private BannedCalls() {}

    /** Lists the calls in main classes, but for those that a glob {@code caller -> called} permits. */
    static List<String> inMain(JavaClasses classes, String... permitted) {
        var permittedCalls = anyOf(permitted);
        return calls(classes, EVERYWHERE.or(ON_THE_COMMON_POOL))
                .filter(call -> !permittedCalls.test(nameOf(call.getOrigin()) + " -> " + nameOf(call.getTarget())))
                .map(JavaAccess::getDescription)
                .toList();
    }

    static List<String> inTests(JavaClasses classes) {
        return calls(classes, SLEEPING).map(JavaAccess::getDescription).toList();
    }

    private static Stream<JavaAccess<?>> calls(JavaClasses classes, Predicate<String> banned) {
        return classes.stream()
                .flatMap(type -> type.getAccessesFromSelf().stream())
                .filter(access -> banned.test(nameOf(access.getTarget())));
    }

    private static String nameOf(HasName.AndFullName member) {
        return member.getFullName().replace(", ", ",");
    }

    private static Predicate<String> anyOf(String... globs) {
        String alternatives = Stream.of(globs)
                .map(glob -> "\\Q" + glob.replace("*", "\\E.*\\Q") + "\\E")
                .collect(Collectors.joining("|"));
        return Pattern.compile(alternatives).asMatchPredicate();
    }
}
