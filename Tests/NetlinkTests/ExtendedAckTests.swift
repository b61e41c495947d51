import CLinux
import Glibc
import Testing

@testable import Netlink

@Suite struct ExtendedAckTests {
    /// An answer as the kernel builds it: the error, the request's header, and what is said about it.
    private func answer(_ request: NetlinkRequest, capped: Bool, errno: Int32, _ body: (inout MessageWriter) -> Void)
        -> ExtendedAck?
    {
        let flags = NLM_F_ACK_TLVS | (capped ? NLM_F_CAPPED : 0)
        let message = NetlinkRequest(type: Int(NLMSG_ERROR), flags: flags, summary: "") { writer in
            writer.field(-errno)
            writer.field(bytes: capped ? request.bytes[..<16] : request.bytes[...])
            if !capped { writer.zeros(netlinkAlign(request.bytes.count) - request.bytes.count) }
            body(&writer)
        }
        var ack: ExtendedAck?
        Captures.read(message.bytes) { $0.forEachMessage { ack = ExtendedAck($0, $1) } }
        return ack
    }

    private let request = LinkRequest.create(Dummy(), LinkAttributes(name: "name-is-too-long"))

    @Test(arguments: [true, false])
    func explains(capped: Bool) {
        let ack = answer(request, capped: capped, errno: ERANGE) { writer in
            writer.attribute(Int(NLMSGERR_ATTR_MSG.rawValue), string: "Attribute failed policy validation")
            writer.attribute(Int(NLMSGERR_ATTR_OFFS.rawValue), UInt32(32))
            writer.nested(Int(NLMSGERR_ATTR_POLICY.rawValue)) { $0.attribute(1, UInt32(1)) }
            writer.attribute(Int(NLMSGERR_ATTR_MISS_TYPE.rawValue), UInt32(5))
            writer.attribute(Int(NLMSGERR_ATTR_MISS_NEST.rawValue), UInt32(48))
        }
        let error = NetlinkError(.refused, errno: ack?.errno ?? 0, acknowledgement: ack, request: request)
        #expect(error.errno == ERANGE)
        #expect(error.message == "Attribute failed policy validation")
        #expect(error.offendingOffset == 32)
        #expect(error.offendingType == IFLA_IFNAME)
        #expect(error.missingType == 5)
        #expect(error.missingNest == 48)
        #expect(
            "\(error)" == """
                create dummy name-is-too-long: Numerical result out of range (Attribute failed policy validation), \
                attribute 3 at byte 32, attribute 5 is missing
                """)
    }

    @Test func offsetsOutsideNameNothing() {
        for offset in [0, 15, request.bytes.count - 3, .max - 8] { #expect(request.attributeType(at: offset) == nil) }
    }

    @Test func tellsAbsentFromPresent() {
        #expect(NetlinkError(.refused, errno: ENODEV).isAbsent)
        #expect(NetlinkError(.refused, errno: EADDRNOTAVAIL).isAbsent)
        #expect(!NetlinkError(.socket, errno: ENOENT).isAbsent)
        #expect(NetlinkError(.refused, errno: EEXIST).isPresent)
    }

    @Test func endOfDumpCarriesAnError() {
        let message = NetlinkRequest(type: Int(NLMSG_DONE), flags: NLM_F_ACK_TLVS, summary: "") { writer in
            writer.field(-EINVAL)
            writer.attribute(Int(NLMSGERR_ATTR_MSG.rawValue), string: "no")
        }
        var ack: ExtendedAck?
        Captures.read(message.bytes) { $0.forEachMessage { ack = ExtendedAck($0, $1) } }
        #expect(ack?.errno == EINVAL)
        #expect(ack?.message == "no")
    }

    @Test func namespaceOfAnEvent() {
        // struct cmsghdr: length 20, SOL_NETLINK 270, NETLINK_LISTEN_ALL_NSID 8; then the id.
        let control = Captures.bytes("1400000000000000 0e010000 08000000 05000000 00000000 0000000000000000")
        #expect(NetlinkSocket.namespace(control, length: 24) == 5)
        #expect(NetlinkSocket.namespace(control, length: 0) == nil)
        #expect(NetlinkSocket.namespace(Array(control.dropFirst(8)), length: 24) == nil)
    }
}
