import Foundation
import Model

/// All that was done to a host, to be compared with the events of its agents.
struct Ledger {
    /// An event, as far as it matters here.
    struct Told {
        let time: Int64
        let kind: String
        let object: String
        let field: String?

        init?(_ json: JSONValue) {
            guard let text = json["time"]?.string, let time = Self.milliseconds(text) else { return nil }
            self.init(
                time: time, kind: json["event"]?.string ?? "", object: json["object"]?.string ?? "",
                field: json["field"]?.string)
        }

        init(time: Int64, kind: String, object: String, field: String?) {
            self.time = time
            self.kind = kind
            self.object = object
            self.field = field
        }

        private static let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

        static func milliseconds(_ text: String) -> Int64? {
            (try? format.parse(text)).map { Int64(($0.timeIntervalSince1970 * 1000).rounded()) }
        }
    }

    /// How a sabotage was found in the events.
    enum Finding {
        /// Its object and field, as drift.
        case told
        /// Its object, or what that hangs on, in other words: something else happened to the same part at that time.
        case overtaken
        /// The agent was killed at that moment: it may have repaired it and not have come to telling.
        case lostWithItsAgent
        case missing
    }

    /// An event of what is repaired at once comes within so many milliseconds, also on a busy machine.
    static let patience: Int64 = 15_000
    /// Those of what nobody is told of: a look is taken every minute.
    static let silentPatience: Int64 = 60_000 + patience
    /// Whoever is contended waits for up to a minute.
    static let contendedPatience: Int64 = 75_000 + patience
    /// What happens within so many milliseconds may overtake one another.
    static let overlap: Int64 = 10_000
    /// Between a sabotage and the event of its repair, on a machine that is busy.
    static let untold: Int64 = 6_000

    private(set) var deeds: [Deed] = []

    mutating func note(_ what: Deed.What, from start: Int64, to end: Int64) {
        deeds.append(Deed(start: start, end: end, what: what))
    }

    /// What became of each sabotage.
    func compare(_ events: [Told]) -> [(sabotage: Sabotage, deed: Deed, finding: Finding)] {
        deeds.compactMap { deed in
            guard case .sabotage(let sabotage) = deed.what else { return nil }
            return (sabotage, deed, find(sabotage, deed, events))
        }
    }

    private func find(_ sabotage: Sabotage, _ deed: Deed, _ events: [Told]) -> Finding {
        let isContended = events.contains { $0.kind == "contended" && sabotage.concerns($0.object) }
        let patience =
            isContended ? Self.contendedPatience : sabotage.isSilent ? Self.silentPatience : Self.patience
        let times = deed.start...deed.end + patience
        let later = events.filter { times.contains($0.time) }
        if later.contains(where: { $0.kind == "drift" && sabotage.concerns($0.object) && $0.field == sabotage.field }) {
            return .told
        }
        // What nobody is told of may be overtaken for as long as nobody looks.
        let until = sabotage.isSilent || isContended ? times.upperBound : deed.end + Self.overlap
        let others = deeds.filter { other in
            other.start != deed.start && (deed.start - Self.overlap...until).contains(other.start)
                && other.touches(sabotage.parts)
        }
        let isMentioned = later.contains { event in
            ["drift", "created", "updated", "replaced", "deleted"].contains(event.kind)
                && (sabotage.concerns(event.object) || sabotage.ancestors.contains(event.object))
        }
        if !others.isEmpty, isMentioned { return .overtaken }
        let isKilled = others.contains { other in
            if case .kill = other.what { (deed.start...deed.end + Self.untold).contains(other.start) } else { false }
        }
        return isKilled ? .lostWithItsAgent : .missing
    }
}

extension Sabotage {
    /// Whether an object is the one that was spoiled; a `*` at the end of a name stands for anything.
    func concerns(_ object: String) -> Bool {
        objects.contains { $0.hasSuffix("*") ? object.hasPrefix($0.dropLast()) : object == $0 }
    }
}
