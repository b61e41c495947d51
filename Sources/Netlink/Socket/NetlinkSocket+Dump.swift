import CLinux
import Glibc

extension NetlinkSocket {
    /// How often an inconsistent dump is tried again.
    static let dumpRetries = 5

    /// Reads a whole table: sends `request` with `NLM_F_DUMP` and collects what `decode` makes of each message.
    ///
    /// `decode` sees the message in place and returns `nil` for what it does not want. A table that changed while it
    /// was read (`NLM_F_DUMP_INTR`) is read again, five times at most; then `.interrupted` is thrown. `.refused` carries
    /// the kernel's reason.
    public func dump<Element: Sendable>(
        _ request: NetlinkRequest, _ decode: (MessageHeader, RawSpan) -> Element?
    ) throws(NetlinkError) -> [Element] {
        try state.withLock { (state) throws(NetlinkError) -> [Element] in
            defer { state.buffer.giveBack() }
            for _ in 0...Self.dumpRetries {
                var elements: [Element] = []
                let isConsistent = try exchange(request, flags: NLM_F_DUMP, &state) { header, payload in
                    if let element = decode(header, payload) { elements.append(element) }
                }
                if isConsistent { return elements }
            }
            throw NetlinkError(.interrupted, request: request)
        }
    }

    /// Asks for one thing (`RTM_GETLINK` with an index, …) and returns what `decode` makes of the answer.
    ///
    /// `nil` where the answer is not what `decode` wants. That there is no such thing is an error: see
    /// ``NetlinkError/isAbsent``.
    public func requestOne<Element: Sendable>(
        _ request: NetlinkRequest, _ decode: (MessageHeader, RawSpan) -> Element?
    ) throws(NetlinkError) -> Element? {
        try state.withLock { (state) throws(NetlinkError) -> Element? in
            defer { state.buffer.giveBack() }
            var element: Element?
            _ = try exchange(request, flags: 0, &state) { header, payload in element = decode(header, payload) }
            return element
        }
    }

    /// Sends a request and hands out its answers up to the last. Returns false where a dump was inconsistent.
    private func exchange(
        _ request: NetlinkRequest, flags: Int32, _ state: inout State, _ body: (MessageHeader, RawSpan) -> Void
    ) throws(NetlinkError) -> Bool {
        state.sequence &+= 1
        let sequence = state.sequence
        var bytes: [UInt8] = []
        bytes.reserveCapacity(request.bytes.count)
        request.append(to: &bytes, sequence: sequence, flags: flags)
        try send(bytes)

        var isConsistent = true
        var end: ExtendedAck?
        while end == nil {
            guard let count = try receive(into: &state.buffer) else {
                throw NetlinkError(.lostAnswer, request: request)
            }
            var isSingle = false
            let isWhole = state.buffer.forEachMessage(in: count) {
                header, payload in
                guard header.sequence == sequence, end == nil else { return }
                if header.has(NLM_F_DUMP_INTR) { isConsistent = false }
                switch Int32(header.type) {
                case NLMSG_DONE, NLMSG_ERROR: end = ExtendedAck(header, payload) ?? ExtendedAck.malformed
                case NLMSG_NOOP, NLMSG_OVERRUN: break
                default:
                    body(header, payload)
                    isSingle = !header.has(NLM_F_MULTI)
                }
            }
            guard isWhole else { throw NetlinkError(.lostAnswer, errno: EBADMSG, request: request) }
            if isSingle, flags & NLM_F_DUMP == 0 { return true }
        }
        if let end, end.errno != 0 {
            throw NetlinkError(.refused, errno: end.errno, acknowledgement: end, request: request)
        }
        return isConsistent
    }
}
