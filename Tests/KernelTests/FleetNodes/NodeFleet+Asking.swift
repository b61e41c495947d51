import Glibc
import Model
import Testing

extension NodeFleet {
    /// etcdctl, as an operator uses it, with the fleet's keys below `KEYS`.
    @discardableResult
    func etcdctl(_ command: String) throws -> String {
        let folder = "\(control.directory)/etcd"
        return try control.sh(
            "export KEYS=/reconcile/\(Self.name); ETCDCTL_API=3 etcdctl --dial-timeout=20s --command-timeout=30s "
                + "--endpoints=https://\(endpoint):2379 --cacert=\(folder)/ca.pem --cert=\(folder)/server.pem "
                + "--key=\(folder)/server.key \(command)", timeout: .seconds(60))
    }

    /// The keys of questions and answers that are in etcd.
    func questionKeys() throws -> [String] {
        try ["asks", "answers"].flatMap { try etcdctl("get --prefix --keys-only $KEYS/\($0)/").lines }
            .filter { !$0.isEmpty }
    }

    /// Waits until nothing is left of any question.
    func expectNoQuestions(
        within timeout: Duration, _ when: String, source: SourceLocation = #_sourceLocation
    ) throws {
        var left: [String] = []
        let isClean = try eventually(within: timeout) {
            left = try questionKeys()
            return left.isEmpty
        }
        #expect(isClean, "\(when): \(left)", sourceLocation: source)
    }

    /// A dry run about nodes, asked on one of them.
    func preview(_ number: Int, _ options: String..., of path: String) throws -> CommandResult {
        try node(number).reconcile(["apply", "--dry-run"] + options + [path])
    }
}

extension CommandResult {
    /// What was printed, as JSON.
    var json: JSONValue? { try? JSONValue(parsing: Array(output.utf8)) }
}
