import CLinux
import Glibc
import Netlink
import Synchronization

/// Asks the kernel which kinds of links it can make.
///
/// There is no list of them. But a request to make a link that must sit on another one, and names none, fails in either
/// case: where the kernel knows the kind with EINVAL, where it does not with EOPNOTSUPP, after it has tried to load the
/// module (`rtnl_newlink` in net/core/rtnetlink.c). It is sent in a network namespace made for asking, which goes with
/// the thread: so the host is not touched, whatever the answer.
final class LinkKindProbe: Sendable {
    /// What a kernel can do once it can do until it is booted anew; what it cannot is asked again, since a module may
    /// come.
    private let known = Mutex<Set<String>>([])

    /// Those of some kinds that cannot be made. Where nobody can ask, for want of a privilege, none is missing.
    func missing(_ kinds: Set<String>) async -> Set<String> {
        let open = kinds.subtracting(known.withLock { $0 })
        guard !open.isEmpty else { return [] }
        let missing = await NamespaceThread.run { scope in
            guard (try? scope.enterNew()) != nil, let socket = try? NetlinkSocket() else { return Set<String>() }
            return open.filter { !Self.isKnown($0, socket) }
        }
        known.withLock { $0.formUnion(open.subtracting(missing)) }
        return missing
    }

    private static func isKnown(_ kind: String, _ socket: NetlinkSocket) -> Bool {
        do throws(NetlinkError) {
            try socket.ask(LinkRequest.create(kind: kind, LinkAttributes(name: "probe")))
            return true
        } catch { return error.errno != EOPNOTSUPP }
    }
}

extension LinuxHost {
    /// The kinds of links among some that this kernel cannot make. Changes nothing.
    public func missingLinkKinds(_ kinds: Set<String>) async -> Set<String> {
        kinds.isEmpty ? [] : await self.kinds.missing(kinds)
    }
}
