import Drivers
import Glibc
import Model
import Netlink

/// Finds who holds the host ports that manifests want to publish (sock_diag(7)).
struct ListenerReader {
    let socket: NetlinkSocket

    /// The holders of some ports, and that there are some of ports in a range. A socket's owner is looked for only where
    /// one of the former is held, since that walks all of /proc/PID/fd.
    func holders(
        of ports: Set<UInt16>, andIn range: ClosedRange<UInt16>? = nil, but own: Set<Int32>, _ ownSockets: Set<UInt32>
    ) -> [HostFacts.Listener] {
        guard !ports.isEmpty || range != nil else { return [] }
        var found: [(TransportProtocol, SocketMessage)] = []
        let protocols: [(TransportProtocol, Int)] = [
            (.tcp, Int(IPPROTO_TCP)), (.udp, Int(IPPROTO_UDP)), (.sctp, Int(IPPROTO_SCTP)),
        ]
        for (transport, number) in protocols {
            for family in IPAddress.Family.allCases {
                let sockets = (try? socket.boundSockets(family: family, protocolNumber: UInt8(number))) ?? []
                found += sockets.filter {
                    (ports.contains($0.localPort) || range?.contains($0.localPort) == true)
                        && !ownSockets.contains($0.inode)
                }.map { (transport, $0) }
            }
        }
        guard !found.isEmpty else { return [] }
        let named = found.filter { ports.contains($0.1.localPort) }
        let owners = named.isEmpty ? [:] : Self.owners(of: Set(named.map(\.1.inode)))
        return found.compactMap { transport, message in
            let owner = owners[message.inode]
            // The sockets by which it sends to containers come and go.
            if let owner, own.contains(owner) { return nil }
            return HostFacts.Listener(
                transport: transport, address: message.localAddress, port: message.localPort,
                holder: owner.map(Self.name) ?? "a process of user \(message.userID)")
        }
    }

    /// The UDP sockets that hold a port.
    func datagramSockets(port: UInt16) -> [BoundSocket] {
        IPAddress.Family.allCases.flatMap { family in
            let sockets =
                (try? socket.boundSockets(family: family, protocolNumber: UInt8(IPPROTO_UDP), port: port)) ?? []
            // Those that are connected take nothing from others.
            return sockets.filter { $0.localPort == port && $0.state == .closed }.map {
                BoundSocket(address: $0.localAddress, inode: $0.inode, isIPv6Only: $0.isIPv6Only == true)
            }
        }
    }

    /// Processes by the inodes of their sockets, as `NAME (pid N)`.
    static func holders(of inodes: Set<UInt32>) -> [UInt32: String] { owners(of: inodes).mapValues(name) }

    /// The inodes of TCP and UDP sockets on ::1.
    func loopbackSockets() -> Set<UInt32> {
        var inodes: Set<UInt32> = []
        for number in [IPPROTO_TCP, IPPROTO_UDP] {
            let sockets = (try? socket.boundSockets(family: .ipv6, protocolNumber: UInt8(number))) ?? []
            for socket in sockets where socket.localAddress.isLoopback { inodes.insert(socket.inode) }
        }
        return inodes
    }

    /// `NAME (pid N)`.
    private static func name(_ pid: Int32) -> String {
        "\(SmallFile.read("/proc/\(pid)/comm") ?? "a process") (pid \(pid))"
    }

    /// Processes by the inodes of their sockets.
    private static func owners(of inodes: Set<UInt32>) -> [UInt32: Int32] {
        var owners: [UInt32: Int32] = [:]
        for pid in DirectoryListing.names("/proc").compactMap({ Int32($0) }) {
            for descriptor in DirectoryListing.names("/proc/\(pid)/fd") {
                var target = [CChar](repeating: 0, count: 64)
                guard readlink("/proc/\(pid)/fd/\(descriptor)", &target, 63) > 0 else { continue }
                let text = String(decoding: target.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                guard text.hasPrefix("socket:["), let inode = UInt32(text.dropFirst(8).dropLast()),
                    inodes.contains(inode), owners[inode] == nil
                else { continue }
                owners[inode] = pid
            }
        }
        return owners
    }
}
