import Drivers
import Model

/// Reads which host ports other sets of this host publish, and which subnets they have. Their tables bear the same mark
/// as ours, and each element the name of its resource.
struct OtherSetsReader {
    /// This set's table.
    let own: String
    /// What libnftables answers to a listing, as JSON; `nil` where it is refused.
    let list: (String) -> [JSONValue]?

    /// All of it, in an order that depends on nothing else.
    func read() -> HeldByOtherSets {
        // Each of our tables has chains, and chains are listed without what sets hold: tables are not (libnftables 1.0.6
        // reads all there is of them).
        let chains = (list("list chains") ?? []).compactMap { $0["chain"] }.filter { $0["family"]?.string == "inet" }
        var held = HeldByOtherSets()
        for table in Set(chains.compactMap { $0["table"]?.string }).subtracting([own]).sorted() {
            if let set = TableName.set(of: table) { read(set, in: table, into: &held) }
        }
        return held
    }

    private func read(_ set: String, in table: String, into held: inout HeldByOtherSets) {
        guard let items = list("list table inet \(table)") else { return }
        // A table without the mark is of somebody else: its only object has no owner.
        let objects = FirewallObserver.observation(items, table: table).objects.values.sorted { $0.id < $1.id }
        for object in objects {
            if let (owner, port) = FactsReader.published(object) {
                held.ports.append(PortOfAnotherSet(set: set, resource: owner, port: port))
            } else if let (owner, bridge, prefix) = FactsReader.subnet(object) {
                held.subnets.append(SubnetOfAnotherSet(set: set, resource: owner, prefix: prefix, link: bridge))
            }
        }
    }
}
