internal import Crypto
internal import FoundationEssentials
import Glibc
import Model
internal import SwiftASN1
internal import X509

/// A list of revoked certificates (RFC 5280, section 5), as etcd's `--client-crl-file` takes it.
///
/// etcd 3.4 reads the file with each new connection. It compares serial numbers, and neither the signature nor the next
/// update; both are right all the same.
struct RevocationList {
    /// A serial number in hexadecimal digits, and when it was revoked in seconds since 1970.
    struct Entry: Hashable {
        let serial: String
        let time: Int64
    }

    /// The list in PEM form, signed by the authority.
    static func pem(
        _ entries: [Entry], of authority: Authority, number: Int64, now: Int64
    ) throws(Diagnostic) -> String {
        try Authority.reporting { () throws in
            let algorithm = try ASN1ObjectIdentifier(elements: [1, 2, 840, 10045, 4, 3, 2])
            var body = DER.Serializer()
            try body.appendConstructedNode(identifier: .sequence) { list in
                try list.serialize(Int64(1))
                try appendAlgorithm(algorithm, to: &list)
                try list.serialize(authority.certificate.subject)
                try appendTime(now - 3600, to: &list)
                try appendTime(now + Authority.lifetime, to: &list)
                if !entries.isEmpty {
                    try list.appendConstructedNode(identifier: .sequence) { revoked in
                        for entry in entries {
                            try revoked.appendConstructedNode(identifier: .sequence) { item in
                                try appendSerial(entry.serial, to: &item)
                                try appendTime(entry.time, to: &item)
                            }
                        }
                    }
                }
                try appendExtensions(authority, number, to: &list)
            }
            let bytes = body.serializedBytes
            let signature = try authority.key.signature(for: Data(bytes)).derRepresentation
            var whole = DER.Serializer()
            try whole.appendConstructedNode(identifier: .sequence) { list in
                list.serializeRawBytes(bytes)
                try appendAlgorithm(algorithm, to: &list)
                try list.serialize(ASN1BitString(bytes: Array(signature)[...]))
            }
            return PEMDocument(type: "X509 CRL", derBytes: whole.serializedBytes).pemString + "\n"
        }
    }

    private static func appendAlgorithm(_ identifier: ASN1ObjectIdentifier, to list: inout DER.Serializer) throws {
        try list.appendConstructedNode(identifier: .sequence) { try $0.serialize(identifier) }
    }

    /// The number of the list and the key that signed it: RFC 5280 wants both.
    private static func appendExtensions(
        _ authority: Authority, _ number: Int64, to list: inout DER.Serializer
    ) throws {
        let key = SubjectKeyIdentifier(hash: Certificate.PublicKey(authority.key.publicKey)).keyIdentifier
        let identifier = try Certificate.Extension(
            AuthorityKeyIdentifier(keyIdentifier: key), critical: false)
        var numberBytes = DER.Serializer()
        try numberBytes.serialize(number)
        let extensions: [(ASN1ObjectIdentifier, [UInt8])] = [
            (identifier.oid, Array(identifier.value)),
            (try ASN1ObjectIdentifier(elements: [2, 5, 29, 20]), numberBytes.serializedBytes),
        ]
        try list.serialize(explicitlyTaggedWithTagNumber: 0, tagClass: .contextSpecific) { tagged in
            try tagged.appendConstructedNode(identifier: .sequence) { all in
                for (oid, value) in extensions {
                    try all.appendConstructedNode(identifier: .sequence) { one in
                        try one.serialize(oid)
                        try one.serialize(ASN1OctetString(contentBytes: value[...]))
                    }
                }
            }
        }
    }

    /// A positive INTEGER: a leading zero where the first bit is set.
    private static func appendSerial(_ hex: String, to item: inout DER.Serializer) throws {
        var bytes: [UInt8] = []
        var rest = hex[...]
        while !rest.isEmpty {
            bytes.append(UInt8(rest.prefix(2), radix: 16) ?? 0)
            rest = rest.dropFirst(2)
        }
        while bytes.count > 1, bytes[0] == 0 { bytes.removeFirst() }
        if bytes.first.map({ $0 >= 0x80 }) ?? true { bytes.insert(0, at: 0) }
        item.appendPrimitiveNode(identifier: .integer) { $0 += bytes }
    }

    private static func appendTime(_ seconds: Int64, to list: inout DER.Serializer) throws {
        var (time, parts) = (time_t(seconds), tm())
        gmtime_r(&time, &parts)
        let year = Int(parts.tm_year) + 1900
        let (month, day) = (Int(parts.tm_mon) + 1, Int(parts.tm_mday))
        let (hours, minutes, seconds) = (Int(parts.tm_hour), Int(parts.tm_min), Int(parts.tm_sec))
        // RFC 5280, section 4.1.2.5: from 2050 on in the longer form.
        if year < 2050 {
            try list.serialize(
                try UTCTime(
                    year: year, month: month, day: day, hours: hours, minutes: minutes, seconds: seconds))
        } else {
            try list.serialize(
                try GeneralizedTime(
                    year: year, month: month, day: day, hours: hours, minutes: minutes, seconds: seconds,
                    fractionalSeconds: 0))
        }
    }
}
