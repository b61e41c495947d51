import Containers
import Drivers
import LinuxHost
import Model

extension NameFacts {
    /// Adds what was found of the servers of names, and of others at their port; `holders` are those by the inodes of
    /// their sockets, as far as anybody looked for them.
    mutating func add(_ found: NameServerObservation, holders: [UInt32: String] = [:]) {
        isAvailable = found.isAvailable
        served = found.served
        listeners = found.others.map { socket in
            HostFacts.Listener(
                transport: .udp, address: socket.address, port: 53, holder: holders[socket.inode] ?? "another process",
                isIPv6Only: socket.isIPv6Only)
        }
    }
}

extension Engine {
    /// Looks at the servers of names.
    func observeNames() -> NameServerObservation {
        NameServerObservation(layout: layout, bound: host.nameSockets(), memory: namesRead)
    }

    /// Whether names can be served elsewhere than when the desired state was derived: aardvark-dns came or went, or
    /// somebody else at its port.
    func canServeOtherNames(than known: NameServerObservation?) -> Bool {
        guard let known else { return false }
        let now = observeNames()
        return now.isAvailable != known.isAvailable || Set(now.others) != Set(known.others)
    }
}
