package dev.meerkat.internal.connection;

import dev.meerkat.EventManager;

/**
 * Loads every class of this library before the first manager works. A class that comes from a directory costs a
 * descriptor for the moment of its loading, and one that could not be loaded is missing for good: a process that meets
 * its first full descriptor table could neither report that nor close a connection.
 */
final class Classes {
    /** One a line, those of a package together. */
    private static final String NAMES = """
            AcceptFilter
            Acceptor
            Address
            AddressFamilies
            BlockingConnection
            BlockingHandler
            BlockingOptions
            BroadcastLimitException
            BroadcastResult
            ConnectOptions
            ConnectedPair
            Connection
            ConnectionClosedException
            ConnectionLimitException
            ConnectionOptions
            ConnectionState
            ErrorHook
            GrammarException
            Handler
            IpAcl
            IpText
            ListenException
            ListenOptions
            LookupException
            MalformedAclException
            MalformedAddressException
            ManagerClosedException
            ManagerObserver
            ManagerOptions
            ManagerStatistics
            Names
            NotAdoptableException
            ObserveOptions
            ResolverOptions
            SendLimitException
            SlowReceiverPolicy
            Tap
            Timer
            WrongThreadException
            event.Bytes
            event.CloseReason
            event.ConnectionError
            event.Event
            event.ReceiveBuffer
            event.TcpEvent
            runtime.DatagramHandle
            runtime.Entropy
            runtime.Handle
            runtime.ListenerHandle
            runtime.PeerCredentials
            runtime.Probe
            runtime.Resolver
            runtime.Resolver$Lookup
            runtime.SocketOptions
            runtime.StreamHandle
            runtime.Transport
            runtime.WorkerThread
            runtime.Workers
            observe.HexDump
            observe.HexDump$1
            observe.PcapWriter
            observe.PcapWriter$1
            tls.CertificateNames
            tls.ClientAuth
            tls.Der
            tls.MalformedPemException
            tls.Pem
            tls.PemBlock
            tls.PemChains
            tls.PemDecryption
            tls.PemKeys
            tls.PemText
            tls.Reloadable
            tls.TlsIdentity
            tls.TlsMode
            tls.TlsOptions
            tls.TlsOptions$1
            tls.TlsRole
            tls.TlsSession
            tls.TlsSessions
            tls.TlsTrust
            tls.TlsVersion
            internal.blocking.ConnectionInput
            internal.blocking.ConnectionOutput
            internal.blocking.Conversation
            internal.blocking.FacadeConnection
            internal.blocking.Hop
            internal.blocking.Inbox
            internal.blocking.LoopSide
            internal.blocking.Outgoing
            internal.blocking.StreamCall
            internal.blocking.ThreadRoom
            internal.blocking.ThreadedConnections
            internal.blocking.Wait
            internal.buffer.EmptyReceiveBuffer
            internal.buffer.ReceiveQueue
            internal.buffer.ReceiveQueue$1
            internal.buffer.SearchProgress
            internal.buffer.SegmentPool
            internal.buffer.SendQueue
            internal.connection.AddressQuery
            internal.connection.AdoptedStream
            internal.connection.Asking
            internal.connection.BlockingSide
            internal.connection.Broadcasts
            internal.connection.Closing
            internal.connection.ConnectAttempt
            internal.connection.Connecting
            internal.connection.Connector
            internal.connection.Delivery
            internal.connection.Delivery$1
            internal.connection.HostNames
            internal.connection.Inbound
            internal.connection.IoErrors
            internal.connection.Lifecycle
            internal.connection.Lifecycle$1
            internal.connection.Lifecycle$2
            internal.connection.Lifecycle$3
            internal.connection.Loopback
            internal.connection.Meter
            internal.connection.NameErrors
            internal.connection.NameErrors$1
            internal.connection.NameLookup
            internal.connection.Observation
            internal.connection.OperatorLog
            internal.connection.Outbound
            internal.connection.RealAcceptor
            internal.connection.RealConnection
            internal.connection.RealConnection$1
            internal.connection.RealEventManager$1
            internal.connection.RealNames
            internal.connection.ScheduledTask
            internal.connection.Securing
            internal.connection.Sockets
            internal.connection.TappedStream
            internal.connection.Ticker
            internal.connection.UnixConnector
            internal.jfr.AcceptPaused
            internal.jfr.ConnectionClosed
            internal.jfr.ConnectionOpened
            internal.jfr.Flight
            internal.jfr.JfrFlight
            internal.jfr.SlowHandler
            internal.jfr.WriteStalled
            internal.loop.EventLoop
            internal.loop.Flushable
            internal.loop.Mailbox
            internal.loop.TurnListener
            internal.nio.Adoption
            internal.nio.BlockingThreads
            internal.nio.JdkResolver
            internal.nio.LoopbackPairs
            internal.nio.NioDatagram
            internal.nio.NioHandle
            internal.nio.NioListener
            internal.nio.NioStream
            internal.nio.NioThread
            internal.nio.NioTransport
            internal.nio.NioUnixListener
            internal.nio.NioUnixStream
            internal.nio.NioWorkers
            internal.nio.PeerCredentialsOption
            internal.nio.QuestionQueue
            internal.nio.SelectorWatch
            internal.nio.SocketFile
            internal.nio.SystemEntropy
            internal.nio.UnixSockets
            internal.nio.Watch
            internal.names.HappyEyeballs
            internal.names.HappyEyeballs$1
            internal.names.HappyEyeballs$Step
            internal.names.NameCache
            internal.names.Part
            internal.names.Ranking
            internal.observe.AddressText
            internal.observe.HexLines
            internal.secure.Handshake
            internal.secure.SecureMemory
            internal.secure.SecureStream
            internal.secure.SecureStream$1
            internal.tls.Authorities
            internal.tls.IdentityManager
            internal.tls.Peer
            internal.tls.SharedContext
            internal.tls.TlsContexts
            internal.tls.TlsEngine
            internal.tls.TlsEngine$1
            internal.tls.TlsErrors
            internal.tls.TlsErrors$1
            internal.tls.TlsFailure
            internal.tls.TlsRecord
            internal.tls.TlsSessions
            internal.tls.TrustChecks
            internal.tls.UntrustedCertificateException
            internal.pcap.Endpoint
            internal.pcap.Packets
            internal.pcap.PcapNg
            internal.pcap.TcpFlow
            """;

    private Classes() {}

    /** Loads them, and those that are declared inside them. */
    static void load() {
        String home = EventManager.class.getPackageName() + '.';
        ClassLoader loader = Classes.class.getClassLoader();
        for (String name : NAMES.strip().split("\n", -1)) {
            try {
                Class<?>[] unused = Class.forName(home + name, false, loader).getDeclaredClasses();
            } catch (ClassNotFoundException | LinkageError renamedOrRemoved) {
                // whoever shrinks this library does without
            }
        }
    }
}
