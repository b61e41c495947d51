internal import Crypto
internal import FoundationEssentials
import Model
internal import SwiftASN1
internal import X509

/// The fleet's certificate authority: it makes the certificates of etcd's members and of the nodes.
///
/// All keys are ECDSA on P-256, which every TLS library has.
public struct Authority: Sendable {
    /// Certificates begin so many seconds before they are made, so that who has a clock that is behind takes them.
    public static let clockMargin: Int64 = 3600
    /// How long an authority holds: ten years.
    public static let lifetime: Int64 = 10 * 365 * 86400
    /// How long certificates of etcd's members hold: a year.
    public static let serverLifetime: Int64 = 365 * 86400
    /// How long certificates of nodes hold where nothing else is asked for: 90 days. They are renewed on the way.
    public static let clientLifetime: Int64 = 90 * 86400

    let certificate: Certificate
    let key: P256.Signing.PrivateKey

    /// Its certificate as PEM: what nodes and etcd trust.
    public let certificatePEM: String

    /// Its key as PEM. Who has it can make a node of the fleet.
    public var keyPEM: String { key.pemRepresentation + "\n" }

    /// The fleet's name.
    public var fleet: String { CertificateFacts(certificate).fleet }

    /// A new authority.
    ///
    /// - Parameter now: Seconds since 1970.
    public static func make(fleet: String, now: Int64) throws(Diagnostic) -> Authority {
        let key = P256.Signing.PrivateKey()
        return try reporting { () throws in
            let name = try DistinguishedName {
                OrganizationName(fleet)
                CommonName("reconcile fleet \(fleet)")
            }
            let certificate = try Certificate(
                version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: Certificate.PublicKey(key.publicKey),
                notValidBefore: date(now - clockMargin), notValidAfter: date(now + lifetime), issuer: name,
                subject: name,
                signatureAlgorithm: .ecdsaWithSHA256,
                extensions: try Certificate.Extensions {
                    Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                    Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                    SubjectKeyIdentifier(hash: Certificate.PublicKey(key.publicKey))
                }, issuerPrivateKey: Certificate.PrivateKey(key))
            return try Authority(certificate, key)
        }
    }

    /// An authority from PEM text.
    public init(certificate: String, key: String) throws(Diagnostic) {
        let parsed = try CertificateFacts.parse(certificate)
        self = try Self.reporting { () throws in try Authority(parsed, P256.Signing.PrivateKey(pemRepresentation: key))
        }
        guard CertificateFacts(parsed).publicKey == Self.info(self.key) else {
            throw Diagnostic(code: "fleet-certificate", "the authority's key does not belong to its certificate")
        }
    }

    private init(_ certificate: Certificate, _ key: P256.Signing.PrivateKey) throws {
        self.certificate = certificate
        self.key = key
        certificatePEM = try certificate.serializeAsPEM().pemString + "\n"
    }

    /// A key and a certificate for a member of etcd, which is client and server of its peers and of itself.
    ///
    /// - Parameter hosts: The addresses and names at which it is reached.
    public func issueServer(_ hosts: [String], now: Int64) throws(Diagnostic) -> (certificate: String, key: String) {
        let key = P256.Signing.PrivateKey()
        let names = hosts.map { host in
            IPAddress(host).map { GeneralName.ipAddress(ASN1OctetString(contentBytes: $0.bytes[...])) }
                ?? .dnsName(host)
        }
        let made = try sign(
            name: hosts.first ?? "etcd", key: Certificate.PublicKey(key.publicKey), usages: [.serverAuth, .clientAuth],
            names: names, now: now, lifetime: Self.serverLifetime)
        return (made, key.pemRepresentation + "\n")
    }

    /// A key and a certificate for a node.
    ///
    /// It names no address: etcd would hold the node to it.
    public func issueClient(
        _ node: String, now: Int64, lifetime: Int64 = clientLifetime
    ) throws(Diagnostic) -> (certificate: String, key: String) {
        let key = P256.Signing.PrivateKey()
        let made = try sign(
            name: node, key: Certificate.PublicKey(key.publicKey), usages: [.clientAuth], names: [], now: now,
            lifetime: lifetime)
        return (made, key.pemRepresentation + "\n")
    }

    /// Another certificate for the same node and key: only who has that key already can use it, so it is no secret.
    public func renewClient(_ pem: String, now: Int64) throws(Diagnostic) -> String {
        let old = try CertificateFacts.parse(pem)
        guard isIssuer(of: old) else {
            throw Diagnostic(code: "fleet-certificate", "the certificate is not of this authority")
        }
        let facts = CertificateFacts(old)
        return try sign(
            name: facts.name, key: old.publicKey, usages: [.clientAuth], names: [], now: now,
            lifetime: facts.lifetime)
    }

    /// Whether it has signed a certificate.
    func isIssuer(of other: Certificate) -> Bool { certificate.publicKey.isValidSignature(other.signature, for: other) }

    /// Whether it has signed a certificate in PEM form. Only the authority's certificate is asked.
    public static func isIssued(_ pem: String, by authority: String) -> Bool {
        guard let certificate = try? CertificateFacts.parse(pem), let authority = try? CertificateFacts.parse(authority)
        else { return false }
        return authority.publicKey.isValidSignature(certificate.signature, for: certificate)
    }

    /// Whether a private key belongs to a certificate.
    public static func isKey(_ key: String, of certificate: String) -> Bool {
        guard let facts = try? CertificateFacts(pem: certificate),
            let key = try? P256.Signing.PrivateKey(pemRepresentation: key)
        else { return false }
        return info(key) == facts.publicKey
    }

    private func sign(
        name: String, key: Certificate.PublicKey, usages: [ExtendedKeyUsage.Usage], names: [GeneralName], now: Int64,
        lifetime: Int64
    ) throws(Diagnostic) -> String {
        let (issuer, own, fleet) = (certificate.subject, self.key, fleet)
        return try Self.reporting { () throws in
            let certificate = try Certificate(
                version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: key,
                notValidBefore: Self.date(now - Self.clockMargin), notValidAfter: Self.date(now + lifetime),
                issuer: issuer,
                subject: try DistinguishedName {
                    OrganizationName(fleet)
                    CommonName(name)
                }, signatureAlgorithm: .ecdsaWithSHA256,
                extensions: try Certificate.Extensions {
                    Critical(BasicConstraints.notCertificateAuthority)
                    Critical(KeyUsage(digitalSignature: true))
                    try ExtendedKeyUsage(usages)
                    if !names.isEmpty { SubjectAlternativeNames(names) }
                    AuthorityKeyIdentifier(
                        keyIdentifier: SubjectKeyIdentifier(hash: Certificate.PublicKey(own.publicKey)).keyIdentifier)
                }, issuerPrivateKey: Certificate.PrivateKey(own))
            return try certificate.serializeAsPEM().pemString + "\n"
        }
    }

    private static func date(_ seconds: Int64) -> Date { Date(timeIntervalSince1970: Double(seconds)) }

    private static func info(_ key: P256.Signing.PrivateKey) -> [UInt8] { Array(key.publicKey.derRepresentation) }

    static func reporting<T>(_ body: () throws -> T) throws(Diagnostic) -> T {
        do { return try body() } catch {
            throw Diagnostic(
                code: "fleet-certificate", "a certificate or key cannot be made or read",
                cause: String(describing: error))
        }
    }
}
