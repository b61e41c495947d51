import Glibc

/// Why a netlink operation did not succeed.
public struct NetlinkError: Error, Hashable, Sendable {
    /// What kind of failure it was.
    public enum Kind: Hashable, Sendable {
        /// The kernel refused the request; `errno` and the extended acknowledgement say why.
        case refused
        /// A system call on the socket failed; `message` names it.
        case socket
        /// A dump was inconsistent (`NLM_F_DUMP_INTR`) each time it was tried: the tables keep changing.
        case interrupted
        /// Notifications were dropped because they were not read fast enough (`ENOBUFS`): look at everything again.
        case lostEvents
        /// The kernel's answer never came or did not fit; whether the request was carried out is unknown.
        case lostAnswer
    }

    /// What kind of failure it was.
    public let kind: Kind
    /// The error number (`errno.h`), positive; 0 where there is none.
    public let errno: Int32
    /// The kernel's own words (`NLMSGERR_ATTR_MSG`), or the name of the system call that failed.
    public let message: String?
    /// Where in the request the attribute starts that the kernel objects to, in bytes (`NLMSGERR_ATTR_OFFS`).
    public let offendingOffset: Int?
    /// The type of that attribute.
    public let offendingType: Int?
    /// The type of an attribute that is missing (`NLMSGERR_ATTR_MISS_TYPE`).
    public let missingType: Int?
    /// Where the attribute starts that should have held the missing one (`NLMSGERR_ATTR_MISS_NEST`); `nil`: top level.
    public let missingNest: Int?
    /// What was asked for, in words.
    public let request: String

    init(
        _ kind: Kind, errno: Int32 = 0, message: String? = nil, acknowledgement: ExtendedAck? = nil,
        request: NetlinkRequest? = nil
    ) {
        self.kind = kind
        self.errno = errno
        self.message = acknowledgement?.message ?? message
        self.offendingOffset = acknowledgement?.offset
        self.offendingType = acknowledgement?.offset.flatMap { request?.attributeType(at: $0) }
        self.missingType = acknowledgement?.missingType
        self.missingNest = acknowledgement?.missingNest
        self.request = request?.summary ?? ""
    }

    /// True for errors that say "there is no such thing": `ENOENT`, `ENODEV`, `ESRCH`, `EADDRNOTAVAIL`, `ENXIO`.
    ///
    /// To a delete they are success. Which one the kernel uses differs by kind: links `ENODEV`, addresses
    /// `EADDRNOTAVAIL`, routes `ESRCH`, neighbours and connections `ENOENT`.
    public var isAbsent: Bool {
        kind == .refused && [ENOENT, ENODEV, ESRCH, EADDRNOTAVAIL, ENXIO].contains(errno)
    }

    /// True where the thing exists already (`EEXIST`).
    public var isPresent: Bool { kind == .refused && errno == EEXIST }
}

extension NetlinkError: CustomStringConvertible {
    /// One line: what was asked, what the kernel said, and about which attribute.
    public var description: String {
        var text = request.isEmpty ? "netlink" : request
        switch kind {
        case .refused: text += ": " + (errno == 0 ? "refused" : Self.words(errno))
        case .socket: text += ": " + Self.words(errno)
        case .interrupted: text += ": the tables changed during every attempt to read them"
        case .lostEvents: text += ": notifications were lost"
        case .lostAnswer: text += ": the kernel's answer was lost"
        }
        if let message { text += " (\(message))" }
        if let offendingType, let offendingOffset {
            text += ", attribute \(offendingType) at byte \(offendingOffset)"
        }
        if let missingType { text += ", attribute \(missingType) is missing" }
        return text
    }

    private static func words(_ errno: Int32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let text = buffer.baseAddress, strerror_r(errno, text, buffer.count) == 0
            else { return "error \(errno)" }
            return String(cString: text)
        }
    }
}
