import CLinux
import Glibc

/// An answer that carries an error number: `struct nlmsgerr` and the `NLMSGERR_ATTR_…` after it (`linux/netlink.h`).
struct ExtendedAck: Hashable, Sendable {
    /// Positive; 0 for success.
    let errno: Int32
    private(set) var message: String?
    private(set) var offset: Int?
    private(set) var missingType: Int?
    private(set) var missingNest: Int?

    /// Stands for an answer too short to hold an error number.
    static let malformed = ExtendedAck(errno: EBADMSG)

    private init(errno: Int32) { self.errno = errno }

    /// Reads the payload of an `NLMSG_ERROR`, or of an `NLMSG_DONE` that ends a failed dump; `nil` where too short.
    ///
    /// An error holds the request's header, and the request itself unless `NLM_F_CAPPED`; a done holds neither.
    init?(_ header: MessageHeader, _ payload: RawSpan) {
        guard let code = payload.i32() else { return nil }
        errno = code == .min ? .max : abs(code)
        guard header.has(NLM_F_ACK_TLVS) else { return }
        var start = MemoryLayout<Int32>.size
        if header.type == Int(NLMSG_ERROR) {
            guard let original = payload.u32(at: start) else { return }
            start += header.has(NLM_F_CAPPED) ? MessageHeader.size : netlinkAlign(Int(original))
        }
        payload.forEachAttribute(from: start) { type, value in
            switch UInt32(type) {
            case NLMSGERR_ATTR_MSG.rawValue: message = value.string
            case NLMSGERR_ATTR_OFFS.rawValue: offset = value.u32().map(Int.init)
            case NLMSGERR_ATTR_MISS_TYPE.rawValue: missingType = value.u32().map(Int.init)
            case NLMSGERR_ATTR_MISS_NEST.rawValue: missingNest = value.u32().map(Int.init)
            default: break
            }
        }
    }
}
