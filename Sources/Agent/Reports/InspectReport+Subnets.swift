import Drivers
import Model

extension InspectReport {
    /// A subnet, with how many addresses are in use and how many a new container may be given.
    ///
    /// Both are exact whole numbers, also those beyond 64 bits that a subnet of IPv6 may have.
    static func subnet(_ pool: ResolvedNetwork.Pool, _ endpoints: [EndpointFacts]) -> JSONValue {
        let addresses = endpoints.compactMap { pool.prefix.family == .ipv4 ? $0.ipv4 : $0.ipv6 }
        return [
            "subnet": .string(pool.prefix.description), "gateway": .optional(pool.gateway?.description),
            "used": .int(Int64(pool.used(addresses))), "free": .count(pool.free(addresses)),
        ]
    }
}
