import Drivers
import Model
import Planning
import Synchronization

/// What our table was seen to hold, and in which generation of the namespace's firewall.
///
/// Whoever changes anything in nftables begins another generation. So while it is the same one, listing the table again
/// would show the same; and after a transaction of our own that began the very next one, the same and what that
/// transaction changed.
final class FirewallMemory: Sendable {
    private struct Seen {
        var generation: UInt32
        var observation: Observation
    }

    private let generation: @Sendable () -> UInt32?
    private let seen = Mutex<Seen?>(nil)
    private let others = Mutex<(generation: UInt32, firewall: FirewallOfOthers)?>(nil)

    /// `generation` asks the kernel; `nil` where it does not tell.
    init(generation: @escaping @Sendable () -> UInt32?) { self.generation = generation }

    /// What the table holds; it is listed where anything may have changed since it was seen.
    func recall(_ list: () throws(Diagnostic) -> Observation) throws(Diagnostic) -> Observation {
        let present = generation()
        if let known = seen.withLock({ $0?.generation == present ? $0?.observation : nil }) { return known }
        let observation = try list()
        let isSettled = generation() == present
        seen.withLock { $0 = isSettled ? present.map { Seen(generation: $0, observation: observation) } : nil }
        return observation
    }

    /// What others have; it is read where anything of theirs may have changed since. What is changed while it is read is
    /// read again next time.
    func recallOthers(_ read: () -> FirewallOfOthers?) -> FirewallOfOthers {
        let present = generation()
        if let known = others.withLock({ $0?.generation == present ? $0?.firewall : nil }) { return known }
        let firewall = read()
        let isSettled = generation() == present
        others.withLock { others in
            others = isSettled ? present.flatMap { present in firewall.map { (present, $0) } } : nil
        }
        return firewall ?? FirewallOfOthers()
    }

    /// Takes in a transaction that the kernel has just carried out. What is more than elements of hash sets and maps,
    /// which are held exactly as they were sent, is listed next time.
    func note(_ changes: [Change]) {
        let present = generation()
        // Our transactions change nothing of what others have.
        others.withLock { others in
            guard let known = others?.generation else { return }
            if present == known &+ 1 { others?.generation = known &+ 1 } else { others = nil }
        }
        seen.withLock { seen in
            guard let known = seen?.generation, present == known &+ 1, changes.allSatisfy(Self.isPlain) else {
                seen = nil
                return
            }
            seen?.generation = known &+ 1
            for change in changes { seen?.observation.objects[change.id] = change.after.map(Self.asListed) }
        }
    }

    private static func isPlain(_ change: Change) -> Bool {
        FirewallElement(name: change.id.name).map { $0.set.hasPrefix("ports") || $0.set.hasPrefix("open") } ?? false
    }

    private static func asListed(_ object: KernelObject) -> KernelObject {
        KernelObject(object.id, owner: object.owner, fields: object.fields, hangsOn: [.firewallTable])
    }
}
