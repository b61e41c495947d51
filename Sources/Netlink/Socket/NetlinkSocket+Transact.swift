import CLinux
import Glibc

extension NetlinkSocket {
    /// Bytes of requests in one send. The socket's send buffer (212,992 by default) must hold them at once.
    static let batchBytes = 65_536

    /// Memory that the kernel accounts for one unread acknowledgement: the message, its `sk_buff` and what allocation
    /// rounds up to, with room for an explanation. About 900 to 1,300 bytes were seen.
    static let acknowledgementBytes = 2_304

    /// Carries out requests in order, many to a system call, and returns each one's outcome, in order.
    ///
    /// A request that fails does not stop those after it. Each send is bounded by 64 KiB and by the number of
    /// acknowledgements that the receive buffer holds, so that none is lost. Where the send itself fails, all requests
    /// in it fail with `.socket`.
    public func transact(_ requests: [NetlinkRequest]) -> [Result<Void, NetlinkError>] {
        transact(requests, areWrites: true)
    }

    private func transact(_ requests: [NetlinkRequest], areWrites: Bool) -> [Result<Void, NetlinkError>] {
        guard !requests.isEmpty else { return [] }
        return state.withLock { state in
            defer { state.buffer.giveBack() }
            var results: [Result<Void, NetlinkError>] = []
            results.reserveCapacity(requests.count)
            let limit = acknowledgementLimit(&state)
            var bytes: [UInt8] = []
            bytes.reserveCapacity(min(requests.reduce(0) { $0 + $1.bytes.count + 3 }, Self.batchBytes))
            while results.count < requests.count {
                bytes.removeAll(keepingCapacity: true)
                let start = results.count
                var end = start
                while end < requests.count, end - start < limit,
                    end == start || bytes.count + requests[end].bytes.count <= Self.batchBytes
                {
                    requests[end].append(
                        to: &bytes, sequence: state.sequence &+ UInt32(end - start + 1), flags: NLM_F_ACK)
                    end += 1
                }
                results += batch(requests[start..<end], bytes, areWrites: areWrites, &state)
            }
            return results
        }
    }

    /// Carries out one request that changes something.
    public func perform(_ request: NetlinkRequest) throws(NetlinkError) {
        try transact([request])[0].get()
    }

    /// Sends a request that would change something only to see what the kernel says to it, and does not count it as a
    /// write: for a namespace that nobody else has and that goes with whatever came of it.
    public func ask(_ request: NetlinkRequest) throws(NetlinkError) {
        try transact([request], areWrites: false)[0].get()
    }

    private func acknowledgementLimit(_ state: inout State) -> Int {
        if let limit = state.acknowledgementLimit { return limit }
        var bytes: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        let known = getsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, &size) == 0
        let limit = known ? min(max(Int(bytes) / Self.acknowledgementBytes, 1), 1_024) : 1
        state.acknowledgementLimit = limit
        return limit
    }

    private func batch(
        _ requests: ArraySlice<NetlinkRequest>, _ bytes: [UInt8], areWrites: Bool, _ state: inout State
    ) -> [Result<Void, NetlinkError>] {
        let first = state.sequence &+ 1
        state.sequence &+= UInt32(requests.count)
        if areWrites { countWrites(requests.count, &state) }
        var answers = [ExtendedAck?](repeating: nil, count: requests.count)
        var missing = requests.count
        var failure = NetlinkError(.lostAnswer)
        do throws(NetlinkError) {
            try send(bytes)
            while missing > 0, let count = try receive(into: &state.buffer) {
                state.buffer.forEachMessage(in: count) {
                    header, payload in
                    let index = Int(header.sequence &- first)
                    guard header.type == Int(NLMSG_ERROR), index < answers.count, answers[index] == nil,
                        let answer = ExtendedAck(header, payload)
                    else { return }
                    answers[index] = answer
                    missing -= 1
                }
            }
        } catch { failure = error }
        return zip(requests, answers).map { request, answer in
            guard let answer else {
                return .failure(
                    NetlinkError(failure.kind, errno: failure.errno, message: failure.message, request: request))
            }
            guard answer.errno != 0 else { return .success(()) }
            return .failure(
                NetlinkError(.refused, errno: answer.errno, acknowledgement: answer, request: request))
        }
    }
}
