import Glibc
import Model
import NIOCore
import NIOPosix

/// Serves the forwards of a table: one event loop, one listening socket a port.
public final class Forwarder: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let loop: any EventLoop
    private let ports: NIOLoopBoundBox<[Forward.Key: Open]>
    private let idle: TimeAmount

    private struct Open {
        var forward: Forward
        let port: any PortForward
    }

    /// A forwarder without ports. UDP flows end after `idle` seconds without a datagram.
    public init(idle: Double = 90) {
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        loop = group.next()
        ports = .makeBoxSendingValue([:], eventLoop: loop)
        self.idle = .milliseconds(Int64(idle * 1000))
    }

    /// Makes the open ports those of a table; answers with the table and what became of each forward.
    ///
    /// What is in both the old and the new table goes on undisturbed; a port whose socket somebody closed is opened anew.
    public func load(_ table: ForwardTable) -> EventLoopFuture<ForwardTable> {
        loop.flatSubmit { [self] in
            var closing: [EventLoopFuture<Void>] = []
            for (key, open) in ports.value {
                guard let wanted = table.forwards[key], open.port.isOpen else {
                    ports.value[key] = nil
                    closing.append(open.port.close().recover { _ in })
                    continue
                }
                if wanted.target != open.forward.target { open.port.lead(to: wanted) }
                ports.value[key]?.forward = wanted
            }
            return EventLoopFuture.andAllComplete(closing, on: loop).flatMap { self.open(table) }
        }
    }

    private func open(_ table: ForwardTable) -> EventLoopFuture<ForwardTable> {
        let missing = table.forwards.values.filter { ports.value[$0.key] == nil }
        let opening = missing.map { forward in
            open(forward).map { port -> (Forward.Key, ForwardTable.Outcome) in
                self.ports.value[forward.key] = Open(forward: forward, port: port)
                return (forward.key, .socket(port.inode))
            }.recover { (forward.key, .failed("\($0)")) }
        }
        return EventLoopFuture.whenAllSucceed(opening, on: loop).map { results in
            var table = table
            table.outcomes = self.ports.value.mapValues { .socket($0.port.inode) }
            for (key, outcome) in results { table.outcomes[key] = outcome }
            return table
        }
    }

    private func open(_ forward: Forward) -> EventLoopFuture<any PortForward> {
        switch forward.key.transport {
        case .tcp: StreamForward.open(forward, on: loop)
        case .udp: DatagramForward.open(forward, on: loop, idle: idle)
        case .sctp: loop.makeFailedFuture(IOError(errnoCode: EPROTONOSUPPORT, reason: "sctp"))
        }
    }

    /// Ends all ports and connections.
    public func shutDown() async throws { try await group.shutdownGracefully() }
}
