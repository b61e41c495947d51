import Drivers
import Model

/// Reads which host ports other sets of this host publish. Their tables bear the same mark as ours, and each element the
/// name of its resource.
struct OtherSetsReader {
    /// This set's table.
    let own: String
    /// What libnftables answers to a listing, as JSON; `nil` where it is refused.
    let list: (String) -> [JSONValue]?

    /// The ports, in an order that depends on nothing else.
    func ports() -> [PortOfAnotherSet] {
        // Each of our tables has chains, and chains are listed without what sets hold: tables are not (libnftables 1.0.6
        // reads all there is of them).
        let chains = (list("list chains") ?? []).compactMap { $0["chain"] }.filter { $0["family"]?.string == "inet" }
        return Set(chains.compactMap { $0["table"]?.string }).subtracting([own]).sorted().flatMap { table in
            TableName.set(of: table).map { ports(of: $0, in: table) } ?? []
        }
    }

    private func ports(of set: String, in table: String) -> [PortOfAnotherSet] {
        guard let items = list("list table inet \(table)") else { return [] }
        // A table without the mark is of somebody else: its only object has no owner.
        let objects = FirewallObserver.observation(items, table: table).objects.values.sorted { $0.id < $1.id }
        return objects.compactMap { object in
            FactsReader.published(object).map { PortOfAnotherSet(set: set, resource: $0.owner, port: $0.port) }
        }
    }
}
