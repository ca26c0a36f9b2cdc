package dev.meerkat.internal.connection;

import dev.meerkat.EventManager;
import java.net.URL;
import java.security.CodeSource;

/**
 * Loads every class of this library before the first manager works, if they come from a directory. Such a class costs a
 * descriptor for the moment of its loading, and one that could not be loaded is missing for good: a process that meets
 * its first full descriptor table could neither report that nor close a connection.
 *
 * <p>A jar and a run-time image are open all the time. Classes out of these are loaded when they are used, as ever,
 * which spares a program that starts about half of them.
 */
final class Classes {
    /** One a line, those of a package together. */
    private static final String NAMES = """
            AcceptFilter
            AcceptFilter$1
            Acceptor
            Address
            AddressFamilies
            BlockingConnection
            BlockingHandler
            BlockingOptions
            BroadcastLimitException
            BroadcastResult
            CloseHook
            ConnectOptions
            ConnectedPair
            Connection
            ConnectionClosedException
            ConnectionLimitException
            ConnectionOptions
            ConnectionState
            DatagramTooLongException
            ErrorHook
            EventManagerGroup
            GrammarException
            GroupAcceptor
            GroupStatistics
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
            MulticastException
            Names
            NotAdoptableException
            ObserveOptions
            ResolverOptions
            Protocol
            ProtocolStage
            ProtocolStage$Shared
            SendLimitException
            ShutdownResult
            SlowReceiverPolicy
            Tap
            Spread
            Timer
            UdpHandler
            UdpOptions
            UdpPeer
            UdpPeerHandler
            UdpPeerOptions
            UdpPeers
            UdpSocket
            WrongThreadException
            event.Bytes
            event.CloseReason
            event.ConnectionError
            event.Event
            event.FileRegion
            event.FileRegion$State
            event.ProtocolEvent
            event.ReceiveBuffer
            event.TcpEvent
            event.UdpEvent
            runtime.Arrival
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
            tls.HandshakeTasks
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
            internal.buffer.FileFailedException
            internal.buffer.FileQueue
            internal.buffer.FileQueue$Waiting
            internal.buffer.HandOut
            internal.buffer.HandOuts
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
            internal.connection.CloseHooks
            internal.connection.CloseHooks$Node
            internal.connection.Closing
            internal.connection.ConnectAttempt
            internal.connection.Connecting
            internal.connection.Connector
            internal.connection.DatagramMeter
            internal.connection.Delivery
            internal.connection.Delivery$1
            internal.connection.Hearing
            internal.connection.HostNames
            internal.connection.FedListener
            internal.connection.FedListener$Feeder
            internal.connection.Edges
            internal.connection.HandOver
            internal.connection.HandshakeSources
            internal.connection.Inbound
            internal.connection.IoErrors
            internal.connection.Lifecycle
            internal.connection.Listening
            internal.connection.Outgoing
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
            internal.connection.OutboundFiles
            internal.connection.RealAcceptor
            internal.connection.RealAcceptor$1
            internal.connection.RecordedHandshake
            internal.connection.RealConnection
            internal.connection.RealEventManager$1
            internal.connection.RealEventManager$2
            internal.connection.RealEventManager$3
            internal.connection.RealNames
            internal.connection.RealGroup
            internal.connection.RealGroup$1
            internal.connection.RealGroup$2
            internal.connection.RealGroupAcceptor
            internal.connection.RealGroupAcceptor$1
            internal.connection.ScheduledTask
            internal.connection.Securing
            internal.connection.Shutdown
            internal.connection.Sockets
            internal.connection.Tapped
            internal.connection.TappedDatagram
            internal.connection.TappedStream
            internal.connection.RealUdpSocket
            internal.connection.RealUdpSocket$1
            internal.connection.Telling
            internal.connection.Telling$1
            internal.connection.Ticker
            internal.connection.UserTimer
            internal.connection.UdpConnecting
            internal.connection.UdpInbound
            internal.connection.UdpLife
            internal.connection.UdpOutbound
            internal.connection.UdpSide
            internal.connection.UdpTelling
            internal.connection.UnixConnector
            internal.connection.Watched
            internal.connection.Wheel$1
            internal.jfr.AcceptPaused
            internal.jfr.ConnectionClosed
            internal.jfr.ConnectionOpened
            internal.jfr.Flight
            internal.jfr.Flight$Traffic
            internal.jfr.JfrFlight
            internal.jfr.SlowHandler
            internal.jfr.TlsHandshake
            internal.jfr.UdpClosed
            internal.jfr.UdpOpened
            internal.jfr.WriteStalled
            internal.loop.EventLoop
            internal.loop.Flushable
            internal.loop.Mailbox
            internal.loop.TurnListener
            internal.nio.Adoption
            internal.nio.BlockingThreads
            internal.nio.FirstUses
            internal.nio.JdkResolver
            internal.nio.LoopbackPairs
            internal.nio.NetworkInterfaces
            internal.nio.NioArrival
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
            internal.nio.Keys
            internal.nio.SelectorWatch
            internal.nio.SharedPortProbe
            internal.nio.SharedPortProbe$Answer
            internal.nio.SocketFile
            internal.nio.SystemEntropy
            internal.nio.UnixSockets
            internal.nio.Watch
            internal.protocol.OwnStage
            internal.names.HappyEyeballs
            internal.names.HappyEyeballs$1
            internal.names.HappyEyeballs$Step
            internal.names.NameCache
            internal.names.Part
            internal.names.Ranking
            internal.observe.AddressText
            internal.observe.HexLines
            internal.secure.AroundStream
            internal.secure.EngineWork
            internal.secure.Handshake
            internal.secure.OneATurn
            internal.secure.OneATurn$Computation
            internal.secure.Outcome
            internal.secure.SecureInput
            internal.secure.SecureInput$1
            internal.secure.SecureMemory
            internal.secure.SecureOutput
            internal.secure.SecureStream
            internal.tls.Authorities
            internal.tls.IdentityManager
            internal.tls.Peer
            internal.tls.SharedContext
            internal.tls.TlsContexts
            internal.tls.TlsAlert
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

    /** Loads them, and those that are declared inside them, if that is not as well done later. */
    static void load() {
        if (!comeFromDirectory()) {
            return;
        }
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

    /**
     * The location of a directory ends with a slash, that of a file does not; what is unknown counts as a directory.
     */
    private static boolean comeFromDirectory() {
        CodeSource source = Classes.class.getProtectionDomain().getCodeSource();
        URL location = source == null ? null : source.getLocation();
        return location == null || location.getPath().endsWith("/");
    }
}
