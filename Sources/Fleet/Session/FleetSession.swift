import Model
import Synchronization

/// A node's membership of its fleet, for as long as ``run`` runs.
///
/// It holds the node's lease, tells the fleet what ``publish`` was given, takes claims, and keeps a ``view`` of all that
/// is known. When etcd is away the view stays as it was and says so; when etcd is back the session is a member again,
/// with the same claims where nobody took them. It starts and stops nothing on this host: what a view means is the
/// agent's to say.
///
/// How to use it: `run()` in a task; wait for ``wake`` in epoll or for ``views``; read ``view``; call ``publish`` with
/// everything that is to be known of this node, and ``claim`` or ``release`` for what it wants to hold.
public actor FleetSession {
    /// How it takes part.
    public nonisolated let settings: FleetSettings
    /// Readable when ``view`` is another one than when it was last drained.
    public nonisolated let wake = WakeDescriptor()
    /// The view after each change; of several that nobody read, the last.
    public nonisolated let views: AsyncStream<FleetView>

    /// What other members ask.
    public nonisolated let questions = QuestionBoard()

    let keys: FleetKeys
    let client: EtcdClient
    let book: ClaimBook
    /// The files as they were last read.
    var membership: FleetMembership
    /// What is known, changed here and shown in ``view``.
    var known: FleetView
    /// What the node wants to be known.
    var publication: FleetPublication?
    /// The endpoints of it by key, as they should be in etcd.
    var endpointValues: [String: EndpointValue] = [:]
    /// What is in etcd of it, by key, under the present lease.
    var written: [String: Written] = [:]
    /// Claims that end with the lease and that this node wants to hold, by key: taken again with a new lease.
    var held: [ClaimKey: ClaimRequest] = [:]
    /// What a former life of this node has left in etcd, by key, as it was read first; `nil` once that was taken over.
    var former: [String: EtcdKeyValue]? = [:]
    /// Which cluster the view is of; `nil` before the first one was read.
    var cluster: UInt64?
    /// How long the present lease lives without being kept alive, in seconds: it may be of a life with other settings.
    var leaseTime = FleetLease.usual
    /// Wakes who writes the publication.
    var publisher: AsyncStream<Void>.Continuation?
    private let shown: Mutex<FleetView>
    private let viewStream: AsyncStream<FleetView>.Continuation

    /// The code that ends a connection because the next one has a new certificate to show.
    static let renewed = "fleet-certificate-renewed"

    /// An endpoint, and its value in etcd.
    struct EndpointValue {
        let entry: EndpointEntry
        let bytes: [UInt8]
    }

    /// A value of ours in etcd.
    struct Written: Hashable {
        var value: [UInt8]
        /// In which it was written.
        var revision: Int64
    }

    /// A session of the membership that is written in a directory; throws where there is none.
    public init(_ settings: FleetSettings) throws(Diagnostic) {
        let membership = try settings.directory.read()
        self.settings = settings
        self.membership = membership
        keys = FleetKeys(fleet: membership.fleet)
        client = EtcdClient(
            endpoints: membership.endpoints, identity: membership.identity, patience: settings.patience,
            first: Int(StableHash.of(membership.node) % UInt64(membership.endpoints.count)))
        book = ClaimBook(client: client, keys: keys, node: membership.node)
        known = FleetView(fleet: membership.fleet, node: membership.node)
        known.isOutside = true
        shown = Mutex(known)
        (views, viewStream) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// What is known now. It can be read from any thread, and waits for nobody.
    public nonisolated var view: FleetView { shown.withLock { $0 } }

    /// Shows what is known to everybody.
    func show() {
        shown.withLock { $0 = known }
        viewStream.yield(known)
        wake.signal()
    }

    /// Takes part until the task is cancelled, or the node leaves the fleet. The lease is left to end by itself, so that
    /// an agent that comes back in time finds everything as it was. To be called once.
    public func run() async {
        var pause = Duration.milliseconds(100)
        while !Task.isCancelled {
            let began = ContinuousClock.now
            let end: Diagnostic
            do throws(Diagnostic) {
                guard try await readFiles() else { break }
                end = try await takePart()
            } catch { end = error }
            guard !Task.isCancelled else { break }
            if end.code == Self.renewed { continue }
            lose(end)
            if ContinuousClock.now - began > .seconds(5) { pause = .milliseconds(100) }
            // Not all nodes at once, when etcd is back.
            try? await Task.sleep(for: pause * Double.random(in: 0.75...1.25))
            pause = min(pause * 2, .seconds(2))
        }
        await client.close()
        viewStream.finish()
    }

    /// Ends the membership at once: the lease, and with it the node's entry, its endpoints and replicas.
    public func leave() async throws(Diagnostic) {
        guard known.lease != 0 else { return }
        try await client.revokeLease(known.lease)
    }

    /// Takes the files as they are now; false where the node has left the fleet.
    private func readFiles() async throws(Diagnostic) -> Bool {
        guard settings.directory.exists else {
            known.connection = .left
            known.problem = nil
            show()
            return false
        }
        membership = try settings.directory.read()
        await client.use(membership.identity)
        return true
    }

    /// Says that etcd is away, and why. What is known stays.
    private func lose(_ why: Diagnostic) {
        let why = ClockFault(membership.identity.certificate, at: WallClock.now())?.explain(why) ?? why
        let since: Int64
        if case .disconnected(let before) = known.connection { since = before } else { since = WallClock.now() * 1000 }
        let state = FleetView.Connection.disconnected(since: since)
        guard known.connection != state || known.problem != why else { return }
        known.connection = state
        known.problem = why
        show()
    }
}
