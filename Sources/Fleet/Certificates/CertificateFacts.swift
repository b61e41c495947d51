internal import Crypto
internal import FoundationEssentials
import Model
internal import SwiftASN1
internal import X509

/// What a certificate says, as far as the fleet asks.
public struct CertificateFacts: Hashable, Sendable {
    /// The common name: the node, or the fleet for its authority.
    public let name: String
    /// The organization: the fleet.
    public let fleet: String
    /// The serial number in hexadecimal digits.
    public let serial: String
    /// From when on it holds, in seconds since 1970.
    public let begins: Int64
    /// Until when it holds, in seconds since 1970.
    public let ends: Int64
    /// The public key, as SubjectPublicKeyInfo in DER.
    public let publicKey: [UInt8]

    /// Reads a certificate from PEM text.
    public init(pem: String) throws(Diagnostic) { self.init(try Self.parse(pem)) }

    init(_ certificate: Certificate) {
        name = Self.attribute(certificate, .RDNAttributeType.commonName)
        fleet = Self.attribute(certificate, .RDNAttributeType.organizationName)
        serial = Self.hex(certificate.serialNumber)
        begins = Int64(certificate.notValidBefore.timeIntervalSince1970)
        ends = Int64(certificate.notValidAfter.timeIntervalSince1970)
        publicKey = (try? certificate.publicKey.serializeAsPEM().derBytes) ?? []
    }

    /// Whether it holds at a time.
    public func holds(at now: Int64) -> Bool { (begins...max(begins, ends)).contains(now) }

    /// How long it holds from when it was made, in seconds.
    public var lifetime: Int64 { ends - begins - Authority.clockMargin }

    /// Whether it should be renewed: two thirds of its life are over.
    public func isDue(at now: Int64) -> Bool { now >= ends - lifetime / 3 }

    static func parse(_ pem: String) throws(Diagnostic) -> Certificate {
        do { return try Certificate(pemEncoded: pem) } catch {
            throw Diagnostic(
                code: "fleet-certificate", "this is no certificate", cause: String(describing: error),
                hint: "a certificate in PEM form is wanted")
        }
    }

    static func hex(_ serial: Certificate.SerialNumber) -> String {
        serial.bytes.map { byte in
            let digits = String(byte, radix: 16)
            return digits.utf8.count == 1 ? "0" + digits : digits
        }.joined()
    }

    private static func attribute(_ certificate: Certificate, _ type: ASN1ObjectIdentifier) -> String {
        for name in certificate.subject {
            for attribute in name where attribute.type == type { return attribute.value.description }
        }
        return ""
    }
}
