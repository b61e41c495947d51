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
        let observed: IPAddress?
        let remembered: IPAddress?
    }

    let pool: ResolvedNetwork.Pool
    private var used: Set<UInt128>
    private(set) var diagnostics: [Diagnostic] = []

    init(pool: ResolvedNetwork.Pool) {
        self.pool = pool
        used = Set(pool.reserved.map(\.bits))
        if let gateway = pool.gateway { used.insert(gateway.bits) }
        let prefix = pool.prefix
        if prefix.family.bitWidth - prefix.length >= 2 {
            used.insert(prefix.first.bits)
            if prefix.family == .ipv4 { used.insert(prefix.last.bits) }
        }
    }

    /// One address a request, in their order; `nil` where the pool is used up.
    mutating func choose(_ requests: [Request]) -> [IPAddress?] {
        var chosen = [IPAddress?](repeating: nil, count: requests.count)
        // In this order, so that nobody is given what another one has or asks for.
        for (index, request) in requests.enumerated() {
            guard let asked = request.asked else { continue }
            chosen[index] = asked
            used.insert(asked.bits)
        }
        for key in [\Request.observed, \Request.remembered] {
            for (index, request) in requests.enumerated() where chosen[index] == nil {
                guard let known = request[keyPath: key], pool.range.contains(known), used.insert(known.bits).inserted
                else { continue }
                chosen[index] = known
            }
        }
        for (index, request) in requests.enumerated() where chosen[index] == nil { chosen[index] = next(request) }
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
        diagnostics.append(
            Diagnostic(
                code: "addresses-exhausted",
                "no address is left on network \(request.network): all \(count) of \(range) are in use or reserved",
                hint: "give the network a larger subnet or range", resource: .container(request.metadata.name),
                position: request.metadata.position(of: "networks[\(request.index)]")))
        return nil
    }
}
