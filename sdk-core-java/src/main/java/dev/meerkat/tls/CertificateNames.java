package dev.meerkat.tls;

import dev.meerkat.tls.Der.DerException;
import java.net.IDN;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whom a certificate is for: a server's hosts, or the name of a client.
 *
 * <p>Immutable.
 */
public final class CertificateNames {
    private static final String ALTERNATIVE_NAMES = "2.5.29.17";
    private static final String COMMON_NAME = "2.5.4.3";
    private static final int DNS_NAME = 0x82;
    private static final int IP_ADDRESS = 0x87;
    private static final int SET = 0x31;
    private static final int UTF8_STRING = 0x0C;
    private static final int BMP_STRING = 0x1E;

    private final List<String> dnsNames;
    private final List<InetAddress> addresses;
    private final @Nullable String commonName;

    private CertificateNames(List<String> dnsNames, List<InetAddress> addresses, @Nullable String commonName) {
        this.dnsNames = List.copyOf(dnsNames);
        this.addresses = List.copyOf(addresses);
        this.commonName = commonName;
    }

    /**
     * Reads the names of a certificate.
     *
     * @param certificate the certificate
     * @return its names; what cannot be read is left out
     */
    public static CertificateNames of(X509Certificate certificate) {
        List<String> dnsNames = new ArrayList<>();
        List<InetAddress> addresses = new ArrayList<>();
        byte[] extension = certificate.getExtensionValue(ALTERNATIVE_NAMES);
        if (extension != null) {
            try {
                readAlternatives(extension, dnsNames, addresses);
            } catch (DerException | UnknownHostException broken) {
                // what was read until here are names; the rest can be none
            }
        }
        return new CertificateNames(
                dnsNames,
                addresses,
                readCommonName(certificate.getSubjectX500Principal().getEncoded()));
    }

    private static void readAlternatives(byte[] extension, List<String> dnsNames, List<InetAddress> addresses)
            throws DerException, UnknownHostException {
        byte[] content = new Der(extension).read(Der.OCTET_STRING, "the alternative names");
        Der names = new Der(content).enter(Der.SEQUENCE, "the alternative names");
        while (names.hasMore()) {
            int tag = names.nextTag();
            byte[] name = names.read(tag, "a name");
            if (tag == DNS_NAME) {
                dnsNames.add(new String(name, StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT));
            } else if (tag == IP_ADDRESS) {
                addresses.add(InetAddress.getByAddress(name));
            }
        }
    }

    /** The last of several is the most specific (RFC 6125 §2.3.1). */
    private static @Nullable String readCommonName(byte[] encoded) {
        String found = null;
        try {
            Der sets = new Der(encoded).enter(Der.SEQUENCE, "a distinguished name");
            while (sets.hasMore()) {
                Der set = sets.enter(SET, "a set of attributes");
                while (set.hasMore()) {
                    Der attribute = set.enter(Der.SEQUENCE, "an attribute");
                    boolean isCommonName =
                            attribute.readOid("the kind of attribute").equals(COMMON_NAME);
                    int tag = attribute.nextTag();
                    byte[] value = attribute.read(tag, "the attribute");
                    found = isCommonName ? new String(value, charset(tag)) : found;
                }
            }
        } catch (DerException broken) {
            return null;
        }
        return found;
    }

    private static Charset charset(int tag) {
        return switch (tag) {
            case UTF8_STRING -> StandardCharsets.UTF_8;
            case BMP_STRING -> StandardCharsets.UTF_16BE;
            default -> StandardCharsets.ISO_8859_1;
        };
    }

    /**
     * The DNS names among the subject alternative names.
     *
     * @return the names in lower case, perhaps with {@code *} as the first label
     */
    public List<String> dnsNames() {
        return dnsNames;
    }

    /**
     * The IP addresses among the subject alternative names.
     *
     * @return the addresses
     */
    public List<InetAddress> addresses() {
        return addresses;
    }

    /**
     * The common name of the subject, by which clients are often known.
     *
     * @return the name as it was written; empty if there is none
     */
    public Optional<String> commonName() {
        return Optional.ofNullable(commonName);
    }

    /**
     * Tells whether it is for a host (RFC 9525, RFC 6125 §6.4). The subject alternative names decide; only if there is
     * neither a DNS name nor an IP address among them does the common name. Case does not matter. A {@code *} as the
     * whole first label stands for exactly one label, and two more must follow it: {@code *.example.org} is for
     * {@code www.example.org}, neither for {@code example.org} nor for {@code a.b.example.org}; {@code *.org} and
     * {@code w*.example.org} are for nothing.
     *
     * @param host a DNS name, in ASCII or as people write it, perhaps with a dot at its end
     * @return whether it is; false for what is no DNS name
     */
    public boolean isFor(String host) {
        String name = normalize(host);
        if (name.isEmpty()) {
            return false;
        }
        return hostNames().stream().anyMatch(pattern -> matches(pattern, name));
    }

    /**
     * Tells whether it is for a host that is known by its address. Only the subject alternative names decide.
     *
     * @param address the address
     * @return whether it is
     */
    public boolean isFor(InetAddress address) {
        return addresses.contains(address);
    }

    /** The names of hosts, in lower case: the DNS names, or else the common name. */
    List<String> hostNames() {
        if (!dnsNames.isEmpty() || !addresses.isEmpty() || commonName == null) {
            return dnsNames;
        }
        return List.of(commonName.toLowerCase(Locale.ROOT));
    }

    static boolean matches(String pattern, String name) {
        if (!pattern.startsWith("*.")) {
            return pattern.equals(name);
        }
        int dot = name.indexOf('.');
        boolean hasTwoMoreLabels = pattern.indexOf('.', 2) > 0;
        return dot > 0 && hasTwoMoreLabels && pattern.substring(1).equals(name.substring(dot));
    }

    /** Brings a name into the form of certificates; the empty text if it is no name. */
    static String normalize(String host) {
        try {
            String ascii = IDN.toASCII(host, IDN.ALLOW_UNASSIGNED).toLowerCase(Locale.ROOT);
            return ascii.endsWith(".") ? ascii.substring(0, ascii.length() - 1) : ascii;
        } catch (IllegalArgumentException tooLongOrEmptyLabel) {
            return "";
        }
    }

    /** Lists them for a message. */
    @Override
    public String toString() {
        String hosts = Stream.concat(hostNames().stream(), addresses.stream().map(InetAddress::getHostAddress))
                .collect(Collectors.joining(", "));
        return hosts.isEmpty() ? "no host" : hosts;
    }
}
