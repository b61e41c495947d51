import CLinux
import Glibc
import Model
import Netlink
import Synchronization

/// Hears of everything that may make a host differ from its manifests, on one thread for all of it: links, addresses
/// and routes of the host and of every sandbox, nftables, mounts, ends of processes, descriptors of others, a timer.
///
/// Its news only wake. Each time there is something, ``wakes`` yields once, however much it is.
public final class KernelWatch: Sendable {
    /// Yields when there may be news, or the timer ran out.
    public let wakes: AsyncStream<Void>

    private let continuation: AsyncStream<Void>.Continuation
    private let poller: Poller
    private let routes: NetlinkSocket
    private let firewall: NetlinkSocket
    private let entries = Mutex<NetlinkSocket?>(nil)
    private let table: String
    private let processes: ProcessWatch
    private let state = Mutex(State())

    private struct State {
        var news = KernelNews()
        var host = WatchedHost()
        /// The table changed in a transaction whose end, and with it its author, is still to come.
        var isFirewallTouched = false
    }

    /// Starts to watch the network namespace of the calling thread, and the sandboxes that have an id in it.
    public init(set: String) throws(Diagnostic) {
        table = TableName.of(set)
        do throws(NetlinkError) {
            routes = try NetlinkSocket()
            try routes.join([
                .link, .ipv4Address, .ipv6Address, .ipv4Route, .ipv6Route, .ipv4Settings, .ipv6Settings,
            ])
            try routes.listenToAllNamespaces()
            firewall = try NetlinkSocket(.netfilter)
            try firewall.join([.firewall])
        } catch {
            throw Diagnostic(code: "watch-failed", "the kernel cannot be watched", cause: error.description)
        }
        poller = try Poller()
        processes = ProcessWatch(poller: poller)
        (wakes, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        try poller.add(routes.descriptor, .readable)
        try poller.add(firewall.descriptor, .readable)
        try poller.addMounts()
        poller.start { [weak self] ready in self?.hear(ready) }
    }

    /// Ends the watch: ``wakes`` finishes.
    public func stop() {
        poller.stop()
        continuation.finish()
    }

    /// Says what is ours from now on.
    public func follow(_ host: WatchedHost) {
        state.withLock { $0.host = host }
        if !host.tunnels.isEmpty { hearEntries() }
    }

    /// Neighbours change all the time on every host: they are listened to only where there is an overlay network, and in
    /// the host's namespace alone.
    private func hearEntries() {
        entries.withLock { socket in
            guard socket == nil, let new = try? NetlinkSocket(), (try? new.join([.neighbour])) != nil,
                (try? poller.add(new.descriptor, .readable)) != nil
            else { return }
            socket = new
        }
    }

    /// Says which processes' ends are of interest, by any name.
    public func follow(processes: [String: [Int32]]) {
        let ended = self.processes.follow(processes)
        guard !ended.isEmpty else { return }
        state.withLock { $0.news.ended.formUnion(ended) }
        continuation.yield()
    }

    /// Wakes when a descriptor becomes readable, once each time that happens. It stays the caller's.
    public func add(_ descriptor: Int32) throws(Diagnostic) { try poller.add(descriptor, .readableAnew) }

    /// Wakes at a point in time, or never.
    public func wake(at time: ContinuousClock.Instant?) { poller.arm(time) }

    /// Wakes now.
    public func wake() { continuation.yield() }

    /// What there is to tell since the last call, up to this very moment: what was changed before it is in it.
    public func take() -> KernelNews {
        drain()
        return state.withLock { state in
            defer { state.news = KernelNews() }
            return state.news
        }
    }

    private func hear(_ ready: [Int32]) {
        drain()
        let entries = entries.withLock { $0?.descriptor }
        let isNews = state.withLock { state in
            for descriptor in ready where descriptor != entries {
                if descriptor == poller.mounts {
                    state.news.mountsChanged = true
                } else if let name = processes.name(of: descriptor) {
                    state.news.ended.insert(name)
                } else if ![routes.descriptor, firewall.descriptor, poller.timer].contains(descriptor) {
                    state.news.readable.insert(descriptor)
                }
            }
            // Most neighbours are nobody's affair.
            return ready != [entries] || !state.news.isEmpty
        }
        if isNews { continuation.yield() }
    }

    /// Reads the sockets until they are empty, a thousand datagrams at a time.
    private func drain() {
        state.withLock { state in
            do throws(NetlinkError) {
                while try routes.receiveEvents({ note($0, $1, $2, &state) }) > 0 {}
            } catch {
                state.news.isLost = true
                state.news.notices = []
            }
            drainEntries(&state)
            do throws(NetlinkError) {
                while try firewall.receiveEvents({ header, _, payload in note(header, payload, &state) }) > 0 {}
            } catch {
                state.news.firewallChanged = true
                state.news.rulesChanged = true
            }
        }
    }

    private func drainEntries(_ state: inout State) {
        guard let socket = entries.withLock({ $0 }) else { return }
        do throws(NetlinkError) {
            while try socket.receiveEvents({ note($0, $1, $2, &state) }) > 0 {}
        } catch {
            state.news.tunnels.formUnion(state.host.tunnels)
        }
    }

    private func note(_ header: MessageHeader, _ namespace: Int32?, _ payload: RawSpan, _ state: inout State) {
        guard let event = RouteEvent(header, payload) else { return }
        switch state.host.meaning(of: event, namespace: namespace) {
        case .ours(let container):
            let notice = KernelNews.Notice(container: container, event: event)
            switch event {
            case .neighbour(let entry), .neighbourRemoved(let entry): state.news.add(notice, ofTunnel: entry.index)
            default: state.news.add(notice)
            }
        case .others: state.news.hostChanged = true
        case .nobodys: break
        }
    }

    private func note(_ header: MessageHeader, _ payload: RawSpan, _ state: inout State) {
        switch FirewallEvent(header, payload) {
        case .table(FirewallEvent.inet, table): state.isFirewallTouched = true
        case .generation(_, let process):
            // Our own transactions are read back by whoever made them.
            if process != getpid() {
                if state.isFirewallTouched { state.news.firewallChanged = true }
                // What touches our table may touch those of others too: nft flush ruleset does.
                state.news.rulesChanged = true
            }
            state.isFirewallTouched = false
        case .table, nil: break
        }
    }
}
