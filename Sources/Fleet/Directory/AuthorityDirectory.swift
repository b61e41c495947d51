import Model

/// The authority's files: its key, the certificates that it gave to nodes, and which of them are revoked. They stay where
/// the fleet began.
public struct AuthorityDirectory: Hashable, Sendable {
    /// `<data-dir>/fleet/authority`.
    public let path: String

    /// Whether the authority is on this host.
    public var exists: Bool { PrivateFile.exists("\(path)/ca.key") }

    /// What etcd's members are given, a folder a member: `ca.pem`, `crl.pem`, `server.pem`, `server.key`.
    public var etcd: String { "\(path)/etcd" }

    /// Reads the authority; throws where it is not here.
    public func read() throws(Diagnostic) -> Authority {
        guard exists else {
            throw Diagnostic(
                code: "fleet-no-authority", "the fleet's authority is not on this host",
                cause: "there is no \(path)/ca.key",
                hint: "run this where reconcile fleet init was run")
        }
        return try Authority(
            certificate: try PrivateFile.read("\(path)/ca.pem"), key: try PrivateFile.read("\(path)/ca.key"))
    }

    /// Writes a new authority with certificates for etcd's members.
    public func create(_ authority: Authority, members: [EtcdEndpoint], now: Int64) throws(Diagnostic) {
        for directory in [path, "\(path)/issued", "\(path)/revoked", etcd] {
            try PrivateFile.makeDirectory(directory)
        }
        try PrivateFile.write(authority.certificatePEM, to: "\(path)/ca.pem")
        try PrivateFile.write(authority.keyPEM, to: "\(path)/ca.key")
        try issueServers(authority, members, now)
        try writeRevocations(authority, now)
    }

    /// Makes new keys and certificates for etcd's members.
    public func issueServers(
        _ authority: Authority, _ members: [EtcdEndpoint], _ now: Int64
    ) throws(Diagnostic) {
        for member in members {
            let folder = "\(etcd)/\(member.host)"
            try PrivateFile.makeDirectory(folder)
            // etcd also talks to itself, by localhost.
            let made = try authority.issueServer([member.host, "localhost", "127.0.0.1", "::1"], now: now)
            try PrivateFile.write(authority.certificatePEM, to: "\(folder)/ca.pem")
            try PrivateFile.write(made.certificate, to: "\(folder)/server.pem")
            try PrivateFile.write(made.key, to: "\(folder)/server.key")
        }
    }

    /// When the first of the members' certificates ends, in seconds since 1970; `nil` where there is none.
    public var serversEnd: Int64? {
        PrivateFile.names(in: etcd).compactMap { name in
            (try? PrivateFile.read("\(etcd)/\(name)/server.pem")).flatMap { try? CertificateFacts(pem: $0) }?.ends
        }.min()
    }

    /// Makes a key and a certificate for a node, and notes the certificate.
    public func issueClient(
        _ authority: Authority, _ node: String, now: Int64, lifetime: Int64
    ) throws(Diagnostic) -> EtcdIdentity {
        let made = try authority.issueClient(node, now: now, lifetime: lifetime)
        try note(made.certificate)
        return EtcdIdentity(authority: authority.certificatePEM, certificate: made.certificate, key: made.key)
    }

    /// A further certificate for the key that a node has, noted as well; `nil` where none may be given: the node is
    /// unknown, or its certificates are revoked.
    func renewClient(_ authority: Authority, _ node: String, now: Int64) throws(Diagnostic) -> String? {
        let valid = issued(to: node).filter { !isRevoked($0.serial) }
        guard let newest = valid.max(by: { $0.ends < $1.ends }) else { return nil }
        // Given already, and the node has not taken it yet.
        let text = try PrivateFile.read(certificatePath(newest))
        guard newest.isDue(at: now) else { return text }
        let made = try authority.renewClient(text, now: now)
        try note(made)
        return made
    }

    /// The certificates that were given to a node, also those that are over or revoked.
    public func issued(to node: String) -> [CertificateFacts] {
        PrivateFile.names(in: "\(path)/issued").filter { $0.hasPrefix("\(node).") }.compactMap { name in
            (try? PrivateFile.read("\(path)/issued/\(name)")).flatMap { try? CertificateFacts(pem: $0) }
        }
    }

    /// Revokes all certificates of a node; answers how many there were. etcd's members must be given the list.
    public func revoke(_ authority: Authority, _ node: String, now: Int64) throws(Diagnostic) -> Int {
        let certificates = issued(to: node)
        for certificate in certificates where !isRevoked(certificate.serial) {
            try PrivateFile.write("\(now)\n", to: "\(path)/revoked/\(certificate.serial)")
        }
        if !certificates.isEmpty { try writeRevocations(authority, now) }
        return certificates.count
    }

    /// Whether a certificate is revoked, by its serial number.
    public func isRevoked(_ serial: String) -> Bool { PrivateFile.exists("\(path)/revoked/\(serial)") }

    private func writeRevocations(_ authority: Authority, _ now: Int64) throws(Diagnostic) {
        let entries = PrivateFile.names(in: "\(path)/revoked").map { serial in
            let text = (try? PrivateFile.read("\(path)/revoked/\(serial)")) ?? ""
            return RevocationList.Entry(serial: serial, time: Int64(text.prefix { $0.isNumber }) ?? now)
        }
        let list = try RevocationList.pem(entries, of: authority, number: Int64(entries.count + 1), now: now)
        for name in PrivateFile.names(in: etcd) { try PrivateFile.write(list, to: "\(etcd)/\(name)/crl.pem") }
    }

    private func note(_ certificate: String) throws(Diagnostic) {
        try PrivateFile.write(certificate, to: certificatePath(try CertificateFacts(pem: certificate)))
    }

    private func certificatePath(_ facts: CertificateFacts) -> String { "\(path)/issued/\(facts.name).\(facts.serial)" }
}
