import Agent
import Model

/// What `suspend` and `resume` did to one resource, or to everything.
struct SuspensionAnswer {
    /// `nil`: everything of the set.
    let resource: ResourceID?
    let isChanged: Bool
    /// Since when it is suspended, in milliseconds since 1970.
    let since: Int64?

    init(_ resource: ResourceID?, changed: Bool, since: Int64? = nil) {
        self.resource = resource
        isChanged = changed
        self.since = since
    }

    static func show(_ answers: [SuspensionAnswer], isSuspended: Bool, set: String, _ console: Console) {
        if console.isJSON {
            console.write(
                .array(
                    answers.map {
                        [
                            "resource": .optional($0.resource?.description), "set": .string(set),
                            "suspended": .bool(isSuspended), "changed": .bool($0.isChanged),
                            "since": .optional($0.since.map(Timestamp.text)),
                        ]
                    }))
        } else {
            for answer in answers { console.write(answer.text(isSuspended, set) + "\n") }
        }
    }

    private func text(_ isSuspended: Bool, _ set: String) -> String {
        let name = resource?.description ?? "everything of set \(set)"
        if isSuspended {
            return isChanged
                ? "Suspended \(name)." : "\(name) is suspended already, since \(since.map(Timestamp.text) ?? "")."
        }
        if isChanged { return "Resumed \(name)." }
        return resource == nil ? "Nothing of set \(set) is suspended." : "\(name) is not suspended."
    }
}
