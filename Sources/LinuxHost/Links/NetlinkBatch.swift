import Glibc
import Model
import Netlink
import Planning

/// Requests of many operations for several sockets, sent with one system call a socket as far as they fit, and sorted
/// back into one result an operation.
struct NetlinkBatch {
    private var queues: [ObjectIdentifier: (socket: NetlinkSocket, requests: [Entry])] = [:]
    private var order: [ObjectIdentifier] = []
    private(set) var failures: [Int: Diagnostic] = [:]

    private struct Entry {
        let operation: Int
        let request: NetlinkRequest
        let forgivesAbsence: Bool
    }

    /// Queues a request of an operation. `forgivesAbsence`: "no such thing" is success, as for every removal.
    mutating func add(
        _ request: NetlinkRequest, of operation: Int, on socket: NetlinkSocket, forgivesAbsence: Bool = false
    ) {
        let key = ObjectIdentifier(socket)
        if queues[key] == nil {
            queues[key] = (socket, [])
            order.append(key)
        }
        queues[key]?.requests.append(Entry(operation: operation, request: request, forgivesAbsence: forgivesAbsence))
    }

    /// Marks an operation as failed before anything is sent.
    mutating func fail(_ operation: Int, _ diagnostic: Diagnostic) {
        failures[operation] = failures[operation] ?? diagnostic
    }

    /// Sends all that is queued, in order a socket, and forgets it.
    mutating func send() {
        for key in order {
            guard let (socket, requests) = queues[key] else { continue }
            for (entry, result) in zip(requests, socket.transact(requests.map(\.request))) {
                guard case .failure(let error) = result, !(entry.forgivesAbsence && error.isAbsent) else { continue }
                fail(entry.operation, Self.diagnostic(error))
            }
        }
        queues = [:]
        order = []
    }

    /// One result an operation.
    func results(_ count: Int) -> [OperationResult] {
        (0..<count).map { failures[$0].map { .failed($0) } ?? .done }
    }

    /// A kernel error as a diagnostic: the request, errno, and the kernel's own words.
    static func diagnostic(_ error: NetlinkError) -> Diagnostic {
        Diagnostic(code: "kernel-refused", "the kernel refused: \(error.request)", cause: error.description)
    }
}
