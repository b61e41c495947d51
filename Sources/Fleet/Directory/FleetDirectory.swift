import Model

/// The files of a membership: directories of mode 0700, files of mode 0600, each written whole or not at all.
public struct FleetDirectory: Hashable, Sendable {
    /// `<data-dir>/fleet`.
    public let path: String

    /// That of a data directory.
    public init(dataDirectory: String) { path = "\(dataDirectory)/fleet" }

    /// Whether this host is a member of a fleet. One look at the file system: all that a host without a fleet pays.
    public var exists: Bool { PrivateFile.exists("\(path)/fleet.json") }

    /// The authority's files, where the fleet began on this host.
    public var authority: AuthorityDirectory { AuthorityDirectory(path: "\(path)/authority") }

    /// Reads the membership; throws where there is none, or where its files are not private.
    public func read() throws(Diagnostic) -> FleetMembership {
        guard exists else {
            throw Diagnostic(
                code: "fleet-none", "this host is not in a fleet", cause: "there is no \(path)/fleet.json",
                hint: "reconcile fleet init begins one, reconcile fleet join enters one")
        }
        let text = try PrivateFile.read("\(path)/fleet.json")
        guard let json = try? JSONValue(parsing: text.utf8), let fleet = json["fleet"]?.string,
            let node = json["node"]?.string, let instance = json["instance"]?.string,
            let endpoints = json["endpoints"]?.array?.compactMap({ $0.string.flatMap { EtcdEndpoint($0) } }),
            !endpoints.isEmpty
        else {
            throw Diagnostic(
                code: "fleet-files", "\(path)/fleet.json cannot be read",
                hint: "leave the fleet and join again with a new bundle")
        }
        return FleetMembership(
            fleet: fleet, node: node, endpoints: endpoints, instance: instance,
            leaseSeconds: FleetLease.read(json["leaseSeconds"]?.int),
            identity: EtcdIdentity(
                authority: try PrivateFile.read("\(path)/ca.pem"),
                certificate: try PrivateFile.read("\(path)/node.pem"),
                key: try PrivateFile.read("\(path)/node.key")))
    }

    /// Writes a new membership: all of it appears at once. Refused where there is one already.
    ///
    /// - Parameters:
    ///   - leaseSeconds: how long a node is a member after it was last heard of.
    ///   - identity: Called with the directory while it has another name, to put more into it.
    public func create(
        fleet: String, node: String, endpoints: [EtcdEndpoint], leaseSeconds: Int = FleetLease.usual,
        identity: (FleetDirectory) throws(Diagnostic) -> EtcdIdentity
    ) throws(Diagnostic) {
        guard !PrivateFile.exists(path) else {
            let present = try? read()
            throw Diagnostic(
                code: "fleet-member",
                present.map { "this host is node \($0.node) of fleet \($0.fleet)" } ?? "\(path) exists already",
                hint: "leave it first: reconcile fleet leave")
        }
        let new = FleetDirectory(path: "\(path).new")
        for leftover in [new.path, aside] { try PrivateFile.remove(leftover) }
        try PrivateFile.makeDirectory(new.path)
        let random = (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 16) }.joined()
        let json: JSONValue = [
            "version": 1, "fleet": .string(fleet), "node": .string(node),
            "endpoints": .strings(endpoints.map(\.description)), "instance": .string(random),
            "leaseSeconds": .int(Int64(leaseSeconds)),
        ]
        do throws(Diagnostic) {
            let identity = try identity(new)
            try PrivateFile.write(json.text(pretty: true) + "\n", to: "\(new.path)/fleet.json")
            try PrivateFile.write(identity.authority, to: "\(new.path)/ca.pem")
            try PrivateFile.write(identity.certificate, to: "\(new.path)/node.pem")
            try PrivateFile.write(identity.key, to: "\(new.path)/node.key")
            try PrivateFile.move(new.path, to: path)
        } catch {
            try? PrivateFile.remove(new.path)
            throw error
        }
    }

    /// Replaces the node's certificate by one for the same key.
    func renew(_ certificate: String) throws(Diagnostic) {
        try PrivateFile.write(certificate, to: "\(path)/node.pem")
    }

    /// Removes all of it.
    public func remove() throws(Diagnostic) {
        try PrivateFile.remove(path)
        try PrivateFile.remove(aside)
    }

    /// Removes all of it after something else, and keeps all of it where that fails. Meanwhile this host is a member no
    /// more: an agent whose lease is revoked would come back with another one as long as it finds the files.
    public func remove<Value>(
        after body: () async throws(Diagnostic) -> Value
    ) async throws(Diagnostic) -> Value {
        try PrivateFile.remove(aside)
        try PrivateFile.move(path, to: aside)
        let value: Value
        do throws(Diagnostic) { value = try await body() } catch {
            try? PrivateFile.move(aside, to: path)
            throw error
        }
        try remove()
        return value
    }

    private var aside: String { "\(path).left" }

    private init(path: String) { self.path = path }
}
