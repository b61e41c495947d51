/// All forwards of a set, as the engine writes them for the forwarder, and as the forwarder says that it serves them.
///
/// Both are JSON. Members that a version does not know are ignored, so that a forwarder goes on under a newer engine.
public struct ForwardTable: Hashable, Sendable {
    /// What became of a forward: only the forwarder says so.
    public enum Outcome: Hashable, Sendable {
        /// The inode of its listening socket, by which `sock_diag(7)` knows it.
        case socket(UInt32)
        /// The call that failed and its error.
        case failed(String)
    }

    /// Counts what the engine has written: a forwarder that answers with this number has read it.
    public var generation: Int64
    /// The forwards, by their keys.
    public var forwards: [Forward.Key: Forward]
    /// What became of them.
    public var outcomes: [Forward.Key: Outcome]

    /// A table.
    public init(generation: Int64 = 0, forwards: [Forward] = [], outcomes: [Forward.Key: Outcome] = [:]) {
        self.generation = generation
        self.forwards = Dictionary(forwards.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        self.outcomes = outcomes
    }

    /// Reads what ``text`` wrote; `nil` where it is something else.
    public init?(text: String) {
        guard let json = try? JSONValue(parsing: text.utf8), let generation = json["generation"]?.int,
            let entries = json["forwards"]?.array
        else { return nil }
        self.init(generation: generation)
        for entry in entries {
            guard let key = entry["listen"]?.string.flatMap({ Forward.key($0) }),
                let (address, port) = entry["target"]?.string.flatMap({ Forward.endpoint($0) }),
                let owner = entry["owner"]?.string.flatMap({ ResourceID($0) })
            else { return nil }
            forwards[key] = Forward(key, to: address, port: port, owner: owner)
            if let inode = entry["socket"]?.int.flatMap({ UInt32(exactly: $0) }) { outcomes[key] = .socket(inode) }
            if let error = entry["error"]?.string { outcomes[key] = .failed(error) }
        }
    }

    /// One forward a line, sorted.
    public var text: String {
        let lines = forwards.sorted { $0.key < $1.key }.map { key, forward in
            var members = [
                JSONValue.Member("listen", .string(forward.id.name)), .init("target", .string(forward.target)),
                .init("owner", .string(forward.owner.description)),
            ]
            switch outcomes[key] {
            case .socket(let inode): members.append(.init("socket", .int(Int64(inode))))
            case .failed(let error): members.append(.init("error", .string(error)))
            case nil: break
            }
            return "\n" + JSONValue.object(members).text()
        }
        return "{\"generation\":\(generation),\"forwards\":[\(lines.joined(separator: ","))]}\n"
    }

    /// The name of the file in the forwarder's memory that says what it serves: `/proc/PID/fd/3` leads to it.
    public static let stateName = "reconcile-forwards"
    /// The descriptor under which the forwarder holds that file.
    public static let stateDescriptor: Int32 = 3
}
