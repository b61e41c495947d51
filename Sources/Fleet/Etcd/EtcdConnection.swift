internal import GRPCCore
internal import GRPCNIOTransportHTTP2Posix
import Model
internal import NIOPosix

/// A connection to one member of etcd, over TLS that both sides prove themselves with.
///
/// Which member is used, and when it is given up, is ``EtcdClient``'s to say: gRPC's own ways of choosing among
/// addresses hide which one failed, and why.
final class EtcdConnection: Sendable {
    typealias Transport = HTTP2ClientTransport.Posix

    /// One thread does for all that a node has to say. It starts with the first connection, never without a fleet.
    private static let threads = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    let endpoint: EtcdEndpoint
    let values: Etcdserverpb_KV.Client<Transport>
    let watches: Etcdserverpb_Watch.Client<Transport>
    let leases: Etcdserverpb_Lease.Client<Transport>
    let maintenance: Etcdserverpb_Maintenance.Client<Transport>
    private let client: GRPCClient<Transport>
    private let running: Task<Void, Never>

    init(_ endpoint: EtcdEndpoint, _ identity: EtcdIdentity) throws(Diagnostic) {
        self.endpoint = endpoint
        do {
            client = GRPCClient(
                transport: try Transport(
                    target: Self.target(endpoint), transportSecurity: Self.security(identity), config: Self.config,
                    eventLoopGroup: Self.threads))
        } catch {
            throw Diagnostic(
                code: "fleet-credentials", "this node's certificates cannot be used", cause: String(describing: error),
                hint: "join again with a new bundle")
        }
        values = Etcdserverpb_KV.Client(wrapping: client)
        watches = Etcdserverpb_Watch.Client(wrapping: client)
        leases = Etcdserverpb_Lease.Client(wrapping: client)
        maintenance = Etcdserverpb_Maintenance.Client(wrapping: client)
        running = Task { [client] in try? await client.runConnections() }
    }

    /// Ends it, and the calls that it carries.
    func close() {
        client.beginGracefulShutdown()
        running.cancel()
    }

    private static func target(_ endpoint: EtcdEndpoint) -> any ResolvableTarget {
        switch endpoint.address?.family {
        case .ipv4: .ipv4(address: endpoint.host, port: endpoint.port)
        case .ipv6: .ipv6(address: endpoint.host, port: endpoint.port)
        case nil: .dns(host: endpoint.host, port: endpoint.port)
        }
    }

    private static func security(_ identity: EtcdIdentity) -> Transport.TransportSecurity {
        .mTLS(
            certificateChain: [.bytes(Array(identity.certificate.utf8), format: .pem)],
            privateKey: .bytes(Array(identity.key.utf8), format: .pem)
        ) { tls in
            tls.trustRoots = .certificates([.bytes(Array(identity.authority.utf8), format: .pem)])
            tls.serverCertificateVerification = .fullVerification
        }
    }

    /// Pings find a member whose host is gone also where nothing is being asked; those of the lease are sooner.
    private static var config: Transport.Config {
        .defaults { config in
            config.connection.keepalive = .init(time: .seconds(5), timeout: .seconds(3), allowWithoutCalls: true)
            config.connection.maxIdleTime = nil
            config.connection.flushCoalescing = nil
        }
    }
}
