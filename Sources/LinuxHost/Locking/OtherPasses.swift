import Model
import Synchronization

/// Whether passes of other sets are under way in this network namespace. It is looked up once, and only where somebody
/// asks: beside a thousand containers the list of sockets is long (`/proc/net/unix`, proc(5)).
final class OtherPasses: Sendable {
    private let set: String
    private let answer: Mutex<Bool?>

    /// Looks when it is asked.
    init(but set: String) {
        self.set = set
        answer = Mutex(nil)
    }

    /// Does not look: there are none.
    static func none(but set: String) -> OtherPasses { OtherPasses(set, false) }

    private init(_ set: String, _ areActive: Bool) {
        self.set = set
        answer = Mutex(areActive)
    }

    /// True where another set's lock is held.
    var areActive: Bool {
        answer.withLock { answer in
            if let answer { return answer }
            let found = isHeld()
            answer = found
            return found
        }
    }

    private func isHeld() -> Bool {
        let sockets = SmallFile.read("/proc/net/unix")?.split(whereSeparator: \.isNewline) ?? []
        return sockets.contains { line in
            guard let name = line.split(separator: " ").last, name.hasPrefix("@reconcile/") else { return false }
            return name != "@reconcile/\(set)"
        }
    }
}
