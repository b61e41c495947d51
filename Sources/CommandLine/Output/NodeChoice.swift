import Model

/// Which nodes of a fleet a command is about.
struct NodeChoice: Equatable {
    /// Those that are there.
    var present: [String] = []
    /// Those of the fleet that are not.
    var away: [String] = []

    /// - Parameters:
    ///   - names: those that the user named; none: all.
    ///   - live: the members that are there.
    ///   - known: all that are known of.
    init(_ names: [String], live: Set<String>, known: Set<String>) throws(Diagnostic) {
        let all = live.union(known)
        for name in names where !all.contains(name) {
            let list = all.sorted(by: NaturalOrder.isBefore).joined(separator: ", ")
            throw Diagnostic(
                code: "node-unknown", "there is no node \(name) in the fleet",
                hint: all.isEmpty ? "no agent of a node runs" : "its nodes are \(list)")
        }
        for name in (names.isEmpty ? all : Set(names)).sorted(by: NaturalOrder.isBefore) {
            if live.contains(name) { present.append(name) } else { away.append(name) }
        }
    }

    static func away(_ node: String) -> Diagnostic {
        Diagnostic(
            code: "node-away", "node \(node) is away", cause: "its lease is over, or its agent does not run",
            hint: "reconcile fleet status shows who is there")
    }

    static func silent(_ node: String, _ timeout: Duration, set: String) -> Diagnostic {
        Diagnostic(
            code: "node-silent", "node \(node) does not answer within \(timeout.components.seconds)s",
            cause: "its agent is in the middle of a pass, cannot reach etcd, was killed, or is not of set \(set)",
            hint: "try again, or wait longer: --timeout 60s")
    }

    /// What a node said is wrong, said by whoever asked.
    static func of(_ node: String, _ problem: Diagnostic) -> Diagnostic {
        var problem = problem
        problem.message = "node \(node): \(problem.message)"
        return problem
    }
}
