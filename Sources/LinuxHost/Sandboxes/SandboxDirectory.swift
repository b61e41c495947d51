import CLinux
import Glibc
import Model
import Netlink
import Synchronization

/// The sandboxes at `/run/netns/reconcile-NAME`, and netlink sockets that were opened inside them.
///
/// A socket keeps the namespace that it was opened in and works from every thread; so one visit per sandbox and pass is
/// enough, and everything after happens from outside.
public final class SandboxDirectory: Sendable {
    /// Where `ip netns` looks.
    static let root = "/run/netns"
    private static let prefix = "reconcile-"
    private let sockets = Mutex<[String: NetlinkSocket]>([:])

    /// Makes the directory a shared mount of itself, as `ip netns add` does where it is none: done later by that
    /// command, it would hide the sandboxes' own mounts, and none could be removed any more (iproute2, ipnetns.c).
    static func prepare() -> Diagnostic? {
        guard mkdir(root, 0o755) == 0 || errno == EEXIST else {
            return Errno().diagnostic(code: "sandbox-failed", "cannot make \(root)", call: "mkdir")
        }
        var isMounted = false
        while mount("", root, "none", UInt(MS_SHARED | MS_REC), nil) != 0 {
            guard errno == EINVAL, !isMounted, mount(root, root, "none", UInt(MS_BIND | MS_REC), nil) == 0 else {
                return Errno().diagnostic(code: "sandbox-failed", "cannot share \(root)", call: "mount")
            }
            isMounted = true
        }
        return nil
    }

    /// Undoes that with the last sandbox. Where anybody has a namespace there, nothing is touched.
    static func removeIfEmpty() {
        guard DirectoryListing.names(root).isEmpty else { return }
        umount2(root, Int32(MNT_DETACH))
        rmdir(root)
    }

    /// The path of a container's sandbox.
    public static func path(_ container: String) -> String { "\(root)/\(prefix)\(container)" }

    /// The containers that have a file there, whatever it holds.
    static func names() -> [String] {
        DirectoryListing.names(root).filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }.sorted()
    }

    func remember(_ socket: NetlinkSocket, for container: String) {
        sockets.withLock { $0[container] = socket }
    }

    func forget(_ container: String) { _ = sockets.withLock { $0.removeValue(forKey: container) } }

    /// Closes all sockets: at the end of a pass.
    func forgetAll() { sockets.withLock { $0.removeAll() } }

    /// Sockets for changes inside sandboxes, by container: what is changed there is announced. Those that cannot be
    /// opened are missing.
    func sockets(for containers: Set<String>) async -> [String: NetlinkSocket] {
        let known = sockets.withLock { $0 }
        let missing = containers.filter { known[$0] == nil }
        guard !missing.isEmpty else { return known }
        let opened = await NamespaceThread.run { scope in
            var opened: [String: NetlinkSocket] = [:]
            for name in missing {
                guard let file = try? FileDescriptor(Self.path(name)), (try? scope.enter(file.rawValue)) != nil,
                    let socket = try? NetlinkSocket()
                else { continue }
                Announcement.enableForAll()
                opened[name] = socket
            }
            return opened
        }
        return sockets.withLock { sockets in
            sockets.merge(opened) { $1 }
            return sockets
        }
    }
}
