import CLinux
import Model

/// One direction of a connection: `CTA_TUPLE_…`.
public struct ConntrackTuple: Hashable, Sendable {
    /// Who sends.
    public var source: IPAddress
    /// To whom.
    public var destination: IPAddress
    /// `IPPROTO_…`: 6 TCP, 17 UDP, 132 SCTP.
    public var protocolNumber: UInt8
    /// The sender's port; `nil` for protocols without.
    public var sourcePort: UInt16?
    /// The receiver's port; `nil` for protocols without.
    public var destinationPort: UInt16?

    /// A tuple.
    public init(
        source: IPAddress, destination: IPAddress, protocolNumber: UInt8, sourcePort: UInt16? = nil,
        destinationPort: UInt16? = nil
    ) {
        self.source = source
        self.destination = destination
        self.protocolNumber = protocolNumber
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
    }

    /// Reads the content of a tuple; `nil` where an address or the protocol is missing.
    init?(_ value: RawSpan) {
        var source: IPAddress?
        var destination: IPAddress?
        var number: UInt8?
        var sourcePort: UInt16?
        var destinationPort: UInt16?
        value.forEachAttribute { type, value in
            value.forEachAttribute { inner, value in
                switch (type, inner) {
                case (ConntrackAttribute.tupleAddresses, ConntrackAttribute.ipv4Source),
                    (ConntrackAttribute.tupleAddresses, ConntrackAttribute.ipv6Source):
                    source = value.address
                case (ConntrackAttribute.tupleAddresses, ConntrackAttribute.ipv4Destination),
                    (ConntrackAttribute.tupleAddresses, ConntrackAttribute.ipv6Destination):
                    destination = value.address
                case (ConntrackAttribute.tupleProtocol, ConntrackAttribute.protocolNumber): number = value.u8()
                case (ConntrackAttribute.tupleProtocol, ConntrackAttribute.sourcePort): sourcePort = value.be16()
                case (ConntrackAttribute.tupleProtocol, ConntrackAttribute.destinationPort):
                    destinationPort = value.be16()
                default: break
                }
            }
        }
        guard let source, let destination, let number, source.family == destination.family else { return nil }
        self.init(
            source: source, destination: destination, protocolNumber: number, sourcePort: sourcePort,
            destinationPort: destinationPort)
    }

    /// Writes the content of a tuple.
    func encode(into writer: inout MessageWriter) {
        let isIPv4 = source.family == .ipv4
        writer.nested(ConntrackAttribute.tupleAddresses) { writer in
            writer.attribute(isIPv4 ? ConntrackAttribute.ipv4Source : ConntrackAttribute.ipv6Source, source)
            writer.attribute(
                isIPv4 ? ConntrackAttribute.ipv4Destination : ConntrackAttribute.ipv6Destination, destination)
        }
        writer.nested(ConntrackAttribute.tupleProtocol) { writer in
            writer.attribute(ConntrackAttribute.protocolNumber, protocolNumber)
            if let sourcePort { writer.attribute(ConntrackAttribute.sourcePort, bigEndian: sourcePort) }
            if let destinationPort { writer.attribute(ConntrackAttribute.destinationPort, bigEndian: destinationPort) }
        }
    }
}
