import LinuxHost
import Model

/// What is known of commits that do not count before the fleet's rollout says so.
struct HeldCommits {
    /// The rollout's sequence that is known now: a look that begins after it was known says what is newer.
    var sequence: Int64 = 0
    /// The commit that the branch is at; `nil` before it was read.
    private(set) var tip: String?
    /// The sequence that was known when the last look began that went well; -1 before one did.
    private(set) var lookedAt: Int64 = -1
    /// The last commit of the branch that was seen rolled out.
    var joined: String?
    /// A commit is being made the one that counts.
    var isPublishing = false
    private var problem: Diagnostic?
    private var looks = 0
    /// For which sequence the branch was asked out of turn.
    private var asked: Int64 = -1
    private var preparing: Set<String> = []
    private var preparations: [String: Diagnostic?] = [:]

    /// A look begins; answers with the sequence that it is to count for. One beside another brings no answer of its own.
    mutating func beginLook() -> Int64 {
        looks += 1
        return looks == 1 ? sequence : -1
    }

    /// A look brought an answer.
    mutating func looked(_ update: GitUpdate, at sequence: Int64, inForce: String?) {
        looks -= 1
        switch update {
        case .failed: return
        case .new(let checkout), .held(let checkout), .recovered(let checkout): tip = checkout.commit
        case .unchanged: if tip == nil, sequence >= 0 { tip = inForce }
        }
        lookedAt = max(lookedAt, sequence)
    }

    /// A commit counts now, or why it does not: which is told once.
    mutating func published(_ update: GitUpdate) -> GitUpdate {
        isPublishing = false
        guard case .failed(let problem, _) = update else {
            problem = nil
            return update
        }
        defer { self.problem = problem }
        return .failed(problem, isRepeated: problem == self.problem)
    }

    /// Whether to ask the branch out of turn: once a sequence.
    mutating func mayAsk() -> Bool {
        guard looks == 0, asked < sequence else { return false }
        asked = sequence
        return true
    }

    /// A commit's tree is there, or why it is not.
    mutating func prepared(_ commit: String, _ update: GitUpdate) {
        preparing.remove(commit)
        if case .failed(let problem, _) = update {
            preparations[commit] = .some(problem)
        } else {
            preparations[commit] = .some(nil)
        }
    }

    /// Takes what became of a preparation; `nil` while there is none.
    mutating func takePreparation(_ commit: String) -> Result<Void, Diagnostic>? {
        guard let outcome = preparations.removeValue(forKey: commit) else { return nil }
        return outcome.map { .failure($0) } ?? .success(())
    }

    /// Whether a preparation is to be begun.
    mutating func beginPreparation(_ commit: String) -> Bool { preparing.insert(commit).inserted }
}

extension HeldCommits {
    private func file(_ settings: GitSettings) -> MemoryFile {
        MemoryFile(directory: settings.layout.directory, name: "rollout.json")
    }

    /// The commit that an earlier agent saw rolled out.
    func recall(_ settings: GitSettings) -> String? { file(settings).read()?["joined"]?.string }

    /// Remembers it: after a restart it is no news.
    func remember(_ settings: GitSettings) throws(Diagnostic) {
        try file(settings).write(["version": 1, "joined": .optional(joined)])
    }
}
