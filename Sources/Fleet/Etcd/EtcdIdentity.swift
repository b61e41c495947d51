/// What a client shows etcd, and by what it knows etcd: all of it PEM text (RFC 7468).
public struct EtcdIdentity: Hashable, Sendable {
    /// The certificate of the fleet's authority, the only one that is trusted.
    public var authority: String
    /// This client's certificate.
    public var certificate: String
    /// Its private key.
    public var key: String

    /// An identity by its parts.
    public init(authority: String, certificate: String, key: String) {
        self.authority = authority
        self.certificate = certificate
        self.key = key
    }
}
