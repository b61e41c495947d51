import Model

/// Who should run which replica: rendezvous hashing, also called highest random weight (Thaler and Ravishankar, 1998).
///
/// Every node computes the same answer from the same view, without talking. A node that goes moves only what it ran; one
/// that comes takes only what it wins, so nothing moves back and forth.
public enum Placement {
    /// The nodes of a fleet in the order in which they should take a replica; the first one should.
    public static func order(service: String, replica: Int, nodes: some Sequence<String>) -> [String] {
        nodes.map { (weight(service, replica, $0), $0) }
            .sorted { $0.0 == $1.0 ? $0.1 < $1.1 : $0.0 > $1.0 }
            .map(\.1)
    }

    /// Where each of a service's replicas should run, by number from 1; empty where there is no node.
    ///
    /// Replicas that run already stay where they are while their node is a candidate and within its share. The others
    /// go, in the order of their numbers, to the first node of their ``order`` that has room: no node gets more than
    /// the share of ⌈replicas ÷ nodes⌉, so two replicas on two nodes are never both on one.
    ///
    /// - Parameter current: Who runs what now.
    public static func assign(
        service: String, replicas: Int, nodes: some Collection<String>, current: [Int: String] = [:]
    ) -> [Int: String] {
        guard replicas > 0, !nodes.isEmpty else { return [:] }
        let candidates = Set(nodes)
        let share = (replicas + candidates.count - 1) / candidates.count
        var (load, assigned): ([String: Int], [Int: String]) = ([:], [:])
        for number in 1...replicas {
            guard let node = current[number], candidates.contains(node), load[node, default: 0] < share else {
                continue
            }
            assigned[number] = node
            load[node, default: 0] += 1
        }
        for number in 1...replicas where assigned[number] == nil {
            let order = order(service: service, replica: number, nodes: candidates)
            guard let node = order.first(where: { load[$0, default: 0] < share }) else { continue }
            assigned[number] = node
            load[node, default: 0] += 1
        }
        return assigned
    }

    private static func weight(_ service: String, _ replica: Int, _ node: String) -> UInt64 {
        StableHash.of("\(service)/\(replica)/\(node)")
    }
}
