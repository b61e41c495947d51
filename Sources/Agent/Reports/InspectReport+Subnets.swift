import Drivers
import Model

extension InspectReport {
    /// A subnet, with how many addresses are in use and how many a new container may be given.
    ///
    /// Both are numbers, whatever they are: of a subnet with more free addresses than fit into 63 bits, as each /64 of
    /// IPv6 has, `free` is 9223372036854775807, as Docker holds it to 64 bits.
    static func subnet(_ pool: ResolvedNetwork.Pool, _ endpoints: [EndpointFacts]) -> JSONValue {
        let addresses = endpoints.compactMap { pool.prefix.family == .ipv4 ? $0.ipv4 : $0.ipv6 }
        return [
            "subnet": .string(pool.prefix.description), "gateway": .optional(pool.gateway?.description),
            "used": .int(Int64(pool.used(addresses))), "free": .int(Int64(clamping: pool.free(addresses))),
        ]
    }
}
