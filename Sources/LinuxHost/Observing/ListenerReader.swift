import Drivers
import Glibc
import Model
import Netlink

/// Finds who holds the host ports that manifests want to publish (sock_diag(7)).
struct ListenerReader {
    let socket: NetlinkSocket

    /// The holders of some ports. A socket's owner is looked for only where there is one, since that walks all of
    /// /proc/PID/fd.
    func holders(of ports: Set<UInt16>) -> [HostFacts.Listener] {
        guard !ports.isEmpty else { return [] }
        var found: [(TransportProtocol, SocketMessage)] = []
        let protocols: [(TransportProtocol, Int)] = [
            (.tcp, Int(IPPROTO_TCP)), (.udp, Int(IPPROTO_UDP)), (.sctp, Int(IPPROTO_SCTP)),
        ]
        for (transport, number) in protocols {
            for family in IPAddress.Family.allCases {
                let sockets = (try? socket.boundSockets(family: family, protocolNumber: UInt8(number))) ?? []
                found += sockets.filter { ports.contains($0.localPort) }.map { (transport, $0) }
            }
        }
        guard !found.isEmpty else { return [] }
        let owners = Self.owners(of: Set(found.map(\.1.inode)))
        return found.map { transport, message in
            HostFacts.Listener(
                transport: transport, address: message.localAddress, port: message.localPort,
                holder: owners[message.inode] ?? "a process of user \(message.userID)")
        }
    }

    /// `NAME (pid N)` by the inode of a socket.
    private static func owners(of inodes: Set<UInt32>) -> [UInt32: String] {
        var owners: [UInt32: String] = [:]
        for pid in DirectoryListing.names("/proc").compactMap({ Int32($0) }) {
            for descriptor in DirectoryListing.names("/proc/\(pid)/fd") {
                var target = [CChar](repeating: 0, count: 64)
                guard readlink("/proc/\(pid)/fd/\(descriptor)", &target, 63) > 0 else { continue }
                let text = String(decoding: target.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                guard text.hasPrefix("socket:["), let inode = UInt32(text.dropFirst(8).dropLast()),
                    inodes.contains(inode), owners[inode] == nil
                else { continue }
                owners[inode] = "\(SmallFile.read("/proc/\(pid)/comm") ?? "a process") (pid \(pid))"
            }
        }
        return owners
    }
}
