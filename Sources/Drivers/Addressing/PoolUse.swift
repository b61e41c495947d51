import Model

/// What of a pool is given out, and what is left.
extension ResolvedNetwork.Pool {
    /// The addresses that no container is given unless it asks: what no host has, the gateway's, and the reserved ones.
    var keptBack: Set<IPAddress> {
        Set(prefix.unassignable + [gateway].compactMap { $0 } + reserved)
    }

    /// How many addresses are in use: those of containers, and the gateway's.
    public func used(_ addresses: some Sequence<IPAddress>) -> Int {
        Set(addresses).union([gateway].compactMap { $0 }).count
    }

    /// How many addresses a new container may still be given.
    public func free(_ addresses: some Sequence<IPAddress>) -> UInt128 {
        range.count - UInt128(keptBack.union(addresses).count { range.contains($0) })
    }

    /// Who has the addresses of the range, in words: `2 containers`, `1 gateway`, `2 network and broadcast`.
    func shares(containers: Int, strangers: Int) -> [String] {
        func inRange(_ addresses: some Sequence<IPAddress>) -> Int { addresses.count { range.contains($0) } }
        let special = Set(prefix.unassignable)
        let gate = Set([gateway].compactMap { $0 })
        let parts = [
            (containers, containers == 1 ? "container" : "containers"), (inRange(gate), "gateway"),
            (inRange(special), prefix.family == .ipv4 ? "network and broadcast" : "subnet-router anycast"),
            (inRange(Set(reserved).subtracting(special).subtracting(gate)), "reserved"),
            (strangers, "used by others on the segment"),
        ]
        return parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    }
}
