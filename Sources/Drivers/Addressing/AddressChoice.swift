import Model

/// Gives the endpoints of one pool their addresses, without a database: the address asked for, else the one observed,
/// else the one remembered, else the first free one on a sequence that hashes the endpoint's name.
struct AddressChoice {
    /// What one endpoint wants.
    struct Request {
        let metadata: Metadata
        let network: String
        let index: Int
        let asked: IPAddress?
        /// By claim in the fleet.
        let claimed: IPAddress?
        let observed: IPAddress?
        let remembered: IPAddress?
    }

    let pool: ResolvedNetwork.Pool
    /// Addresses on the segment that somebody else was seen to have, with his MAC.
    private let strangers: [IPAddress: MACAddress]
    /// The host's own addresses on the segment, with the link that has each.
    private let hosts: [IPAddress: String]
    private var used: Set<UInt128>
    private(set) var diagnostics: [Diagnostic] = []

    /// `taken` are addresses that endpoints on other nodes have.
    init(
        pool: ResolvedNetwork.Pool, strangers: [IPAddress: MACAddress] = [:], hosts: [IPAddress: String] = [:],
        taken: [IPAddress] = []
    ) {
        self.pool = pool
        self.strangers = strangers
        self.hosts = hosts
        used = Set(pool.keptBack.map(\.bits))
        for address in taken { used.insert(address.bits) }
    }

    /// One address a request, in their order; `nil` where the pool is used up, or somebody else has what was asked for.
    /// `others` are addresses of endpoints that are there and make no request: they go with their containers, or stay.
    mutating func choose(_ requests: [Request], others: () -> Set<UInt128> = { [] }) -> [IPAddress?] {
        var chosen = [IPAddress?](repeating: nil, count: requests.count)
        // In this order, so that nobody is given what another one has or asks for.
        for (index, request) in requests.enumerated() {
            guard let asked = request.asked else { continue }
            if asked != request.observed, let mac = strangers[asked] {
                reportHeld(asked, mac, request)
            } else if let link = hosts[asked] {
                // Where it has it already, taking it away would only be another surprise.
                reportHosts(asked, link, request)
                if asked == request.observed { chosen[index] = asked }
            } else {
                chosen[index] = asked
            }
            used.insert(asked.bits)
        }
        for key in [\Request.claimed, \Request.observed, \Request.remembered] {
            for (index, request) in requests.enumerated() where chosen[index] == nil && request.asked == nil {
                guard let known = request[keyPath: key], pool.range.contains(known),
                    key == \Request.observed || strangers[known] == nil && hosts[known] == nil,
                    used.insert(known.bits).inserted
                else { continue }
                chosen[index] = known
            }
        }
        let open = requests.indices.filter { chosen[$0] == nil && requests[$0].asked == nil }
        guard !open.isEmpty else { return chosen }
        used.formUnion(strangers.keys.lazy.map(\.bits))
        used.formUnion(hosts.keys.lazy.map(\.bits))
        let yielding = others().subtracting(used)
        used.formUnion(yielding)
        var hungry: [Int] = []
        for index in open {
            chosen[index] = next(requests[index])
            if chosen[index] == nil { hungry.append(index) }
        }
        // What leaves may be taken in the same pass; what stays, the plan will tell.
        if !hungry.isEmpty { used.subtract(yielding) }
        for index in hungry {
            chosen[index] = next(requests[index])
            if chosen[index] == nil { reportExhausted(requests[index], requests.count - hungry.count) }
        }
        return chosen
    }

    private mutating func next(_ request: Request) -> IPAddress? {
        let range = pool.range
        let count = range.count
        let hash = UInt128(StableHash.of("\(request.metadata.name)/\(request.network)"))
        var offset = hash % count
        // Every address that is not free is in `used`: so among one more than that, one is free, if the range has it.
        for _ in 0...min(UInt128(used.count), count - 1) {
            let candidate = range.first.advanced(by: offset)
            if used.insert(candidate.bits).inserted { return candidate }
            offset = (offset + 1) % count
        }
        return nil
    }

    private mutating func reportHeld(_ address: IPAddress, _ mac: MACAddress, _ request: Request) {
        let path = "networks[\(request.index)].\(address.family == .ipv4 ? "ipv4" : "ipv6")"
        diagnostics.append(
            Diagnostic(
                code: "address-in-use", "\(address) is used on network \(request.network) by somebody else, \(mac)",
                hint: "choose another address, or take it away from that link",
                resource: .container(request.metadata.name), position: request.metadata.position(of: path)))
    }

    private mutating func reportHosts(_ address: IPAddress, _ link: String, _ request: Request) {
        let path = "networks[\(request.index)].\(address.family == .ipv4 ? "ipv4" : "ipv6")"
        diagnostics.append(
            Diagnostic(
                address == request.observed ? .warning : .error, code: "address-in-use",
                "\(address) is the host's own address, on \(link)",
                hint: "two on one segment cannot have one address: choose another",
                resource: .container(request.metadata.name), position: request.metadata.position(of: path)))
    }

    private mutating func reportExhausted(_ request: Request, _ containers: Int) {
        let parts = pool.shares(
            containers: containers,
            strangers: Set(strangers.keys).union(hosts.keys).count { pool.range.contains($0) })
        diagnostics.append(
            Diagnostic(
                code: "addresses-exhausted",
                "no address is left on network \(request.network): all \(pool.range.count) of \(pool.range) are taken"
                    + " (\(parts.joined(separator: ", ")))",
                hint: "give the network a larger subnet or range", resource: .container(request.metadata.name),
                position: request.metadata.position(of: "networks[\(request.index)]")))
    }
}
