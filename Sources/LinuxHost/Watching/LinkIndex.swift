import Model
import Netlink
import Synchronization

/// The names of the host's links by their index, as last seen, and which of them are ours: what it takes to read a
/// notification.
final class LinkIndex: Sendable {
    private struct State {
        var names: [Int32: String] = [:]
        var ours: Set<Int32> = []
        var tunnels: Set<Int32> = []
    }

    private let state = Mutex(State())

    /// All names; for what notifications refer to.
    var names: [Int32: String] { state.withLock { $0.names } }

    /// The indexes of links that are ours.
    var ours: Set<Int32> { state.withLock { $0.ours } }

    /// The indexes of vxlans that are ours.
    var tunnels: Set<Int32> { state.withLock { $0.tunnels } }

    /// Takes over a dump of all links.
    func replace(_ links: [LinkMessage]) {
        state.withLock { $0 = State() }
        add(links)
    }

    /// Takes over single links. Those that are gone stay: an index is not used again for long.
    func add(_ links: [LinkMessage]) {
        state.withLock { state in
            for link in links {
                state.names[link.index] = link.name
                if link.group == Mark.linkGroup || link.alias.flatMap({ Mark(alias: $0) }) != nil {
                    state.ours.insert(link.index)
                    if link.vxlan != nil { state.tunnels.insert(link.index) }
                } else {
                    state.ours.remove(link.index)
                }
            }
        }
    }
}
