import Model

/// All that a node needs to join: one file, which only its owner may read. Who has it is that node.
public struct FleetBundle: Hashable, Sendable {
    /// The fleet.
    public var fleet: String
    /// The node.
    public var node: String
    /// Where etcd is.
    public var endpoints: [EtcdEndpoint]
    /// Until when it can be used to join, in seconds since 1970.
    public var expires: Int64
    /// How long a node is a member after it was last heard of, in seconds.
    public var leaseSeconds: Int
    /// The certificates and the key.
    public var identity: EtcdIdentity

    /// A bundle by its parts.
    public init(
        fleet: String, node: String, endpoints: [EtcdEndpoint], expires: Int64, leaseSeconds: Int = FleetLease.usual,
        identity: EtcdIdentity
    ) {
        self.fleet = fleet
        self.node = node
        self.endpoints = endpoints
        self.expires = expires
        self.leaseSeconds = leaseSeconds
        self.identity = identity
    }

    /// Reads a bundle from its file, which must be plain and private, and checks it.
    ///
    /// - Parameter now: Seconds since 1970.
    public static func read(_ path: String, now: Int64) throws(Diagnostic) -> FleetBundle {
        let text = try PrivateFile.read(path)
        guard let json = try? JSONValue(parsing: text.utf8), let bundle = FleetBundle(json) else {
            throw Diagnostic(
                code: "fleet-bundle", "\(path) is no bundle of a fleet",
                hint: "reconcile fleet invite makes one, on the node where the fleet began")
        }
        try bundle.check(now)
        return bundle
    }

    /// Writes it into a new file of mode 0600.
    public func write(to path: String) throws(Diagnostic) {
        try PrivateFile.write(json.text(pretty: true) + "\n", to: path, isNew: true)
    }

    private func check(_ now: Int64) throws(Diagnostic) {
        guard now <= expires else {
            throw Diagnostic(
                code: "fleet-bundle-expired", "the bundle of node \(node) is too old",
                hint: "make a new one: reconcile fleet invite \(node)")
        }
        let facts = try CertificateFacts(pem: identity.certificate)
        guard facts.name == node, facts.fleet == fleet,
            Authority.isIssued(identity.certificate, by: identity.authority),
            Authority.isKey(identity.key, of: identity.certificate)
        else {
            throw Diagnostic(
                code: "fleet-bundle", "the bundle of node \(node) is damaged: its parts do not belong together",
                hint: "make a new one: reconcile fleet invite \(node)")
        }
        guard facts.holds(at: now) else {
            throw Diagnostic(
                code: "fleet-bundle-expired", "the certificate in the bundle of node \(node) does not hold now",
                hint: now < facts.begins ? "set this host's clock" : "make a new one: reconcile fleet invite \(node)")
        }
    }

    init?(_ json: JSONValue) {
        guard json["kind"]?.string == "FleetBundle", let fleet = json["fleet"]?.string, let node = json["node"]?.string,
            FleetName.isValid(fleet), FleetName.isValid(node),
            let endpoints = json["endpoints"]?.array?.compactMap({ $0.string.flatMap { EtcdEndpoint($0) } }),
            !endpoints.isEmpty, let expires = json["expires"]?.int, let authority = json["authority"]?.string,
            let certificate = json["certificate"]?.string, let key = json["key"]?.string
        else { return nil }
        self.init(
            fleet: fleet, node: node, endpoints: endpoints, expires: expires,
            leaseSeconds: FleetLease.read(json["leaseSeconds"]?.int),
            identity: EtcdIdentity(authority: authority, certificate: certificate, key: key))
    }

    var json: JSONValue {
        [
            "apiVersion": "reconcile/v1", "kind": "FleetBundle", "fleet": .string(fleet), "node": .string(node),
            "endpoints": .strings(endpoints.map(\.description)), "expires": .int(expires),
            "leaseSeconds": .int(Int64(leaseSeconds)), "authority": .string(identity.authority),
            "certificate": .string(identity.certificate),
            "key": .string(identity.key),
        ]
    }
}
