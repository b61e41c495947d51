import Glibc
import Model
import NIOCore
import NIOPosix

/// Listens on a TCP port of ::1 and ties each connection to one of its own to the container.
final class StreamForward: PortForward {
    let inode: UInt32
    private let channel: any Channel
    private let destination: Destination

    private init(_ channel: any Channel, _ inode: UInt32, _ destination: Destination) {
        self.channel = channel
        self.inode = inode
        self.destination = destination
    }

    /// Connections that wait to be accepted: one thread accepts for all ports. The kernel cuts it at net.core.somaxconn.
    private static let backlog: CInt = 1024

    /// Starts to listen.
    static func open(_ forward: Forward, on loop: any EventLoop) -> EventLoopFuture<any PortForward> {
        let destination = Destination(forward)
        do {
            let socket = try LoopbackSocket(forward.key)
            return ServerBootstrap(group: loop)
                .childChannelOption(.autoRead, value: false)
                .childChannelOption(.allowRemoteHalfClosure, value: true)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelOption(.socketOption(.so_keepalive), value: 1)
                .childChannelInitializer { client in
                    client.eventLoop.makeCompletedFuture {
                        let relay = Relay()
                        try client.pipeline.syncOperations.addHandlers(relay, Connector(relay, destination))
                    }
                }
                .withBoundSocket(socket.descriptor)
                .map { channel in
                    // NIO has said 128 for a socket that is bound already; listen(2) may be called again.
                    _ = listen(socket.descriptor, backlog)
                    return StreamForward(channel, socket.inode, destination)
                }
        } catch {
            return loop.makeFailedFuture(error)
        }
    }

    var isOpen: Bool { channel.isActive }

    /// Connections that there are keep their target, as those do that the kernel translated.
    func lead(to forward: Forward) { destination.set(forward) }

    func close() -> EventLoopFuture<Void> { channel.close() }
}

/// Connects a client's connection to the container once it is there, then leaves the pipeline.
private final class Connector: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let relay: Relay
    private let destination: Destination

    init(_ relay: Relay, _ destination: Destination) {
        self.relay = relay
        self.destination = destination
    }

    func channelActive(context: ChannelHandlerContext) {
        let relay = relay
        let server = Relay()
        let bound = NIOLoopBound(server, eventLoop: context.eventLoop)
        ClientBootstrap(group: context.eventLoop)
            .connectTimeout(.seconds(5))
            .channelOption(.autoRead, value: false)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(bound.value) }
            }
            .connect(to: destination.address)
            .assumeIsolated()
            .whenComplete { result in
                switch result {
                case .success: relay.join(server)
                case .failure: relay.abort()
                }
            }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
}
