import Model
import Planning

/// Applies firewall changes: all of a pass in one transaction.
struct FirewallHandler: ObjectHandler {
    let nftables: Nftables
    let table: String
    let conntrack: ConntrackFlush
    let memory: FirewallMemory

    var kinds: [ObjectKind] { [.firewall] }
    var isTransactional: Bool { true }

    func apply(_ changes: [Change]) async -> [OperationResult] {
        guard let refusal = commit(changes) else { return changes.map { _ in .done } }
        // One bad element must not keep the others out: then each resource's part is a transaction of its own.
        let resources = Dictionary(grouping: changes.indices) { changes[$0].resource }
        guard resources.count > 1 else { return changes.map { _ in .failed(refusal) } }
        var results = [OperationResult](repeating: .done, count: changes.count)
        for (_, indices) in resources.sorted(by: { $0.key < $1.key }) {
            if let refusal = commit(indices.map { changes[$0] }) {
                for index in indices { results[index] = .failed(refusal) }
            }
        }
        return results
    }

    private func commit(_ changes: [Change]) -> Diagnostic? {
        do throws(Diagnostic) {
            try nftables.run(FirewallTransaction(table: table, changes: changes).text)
            memory.note(changes)
            conntrack.flush(changes)
            return nil
        } catch {
            return error
        }
    }
}
