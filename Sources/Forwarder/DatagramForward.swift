import Model
import NIOCore
import NIOPosix

/// Listens on a UDP port of ::1 and gives each client a flow to the container.
final class DatagramForward: PortForward {
    let inode: UInt32
    private let channel: any Channel
    private let destination: Destination

    private init(_ channel: any Channel, _ inode: UInt32, _ destination: Destination) {
        self.channel = channel
        self.inode = inode
        self.destination = destination
    }

    /// Starts to listen. Flows end after `idle` without a datagram in either direction.
    static func open(_ forward: Forward, on loop: any EventLoop, idle: TimeAmount) -> EventLoopFuture<any PortForward> {
        let destination = Destination(forward)
        do {
            let socket = try LoopbackSocket(forward.key)
            return DatagramBootstrap(group: loop)
                .channelOption(.recvAllocator, value: DatagramFlows.allocator)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(DatagramFlows(destination, idle: idle))
                    }
                }
                .withBoundSocket(socket.descriptor)
                .map { DatagramForward($0, socket.inode, destination) }
        } catch {
            return loop.makeFailedFuture(error)
        }
    }

    var isOpen: Bool { channel.isActive }

    /// Flows are begun anew, as conntrack entries of a changed UDP port are flushed.
    func lead(to forward: Forward) {
        destination.set(forward)
        channel.pipeline.fireUserInboundEventTriggered(DatagramFlows.TargetChanged())
    }

    func close() -> EventLoopFuture<Void> { channel.close() }
}

/// The flows of one port, by the client's address.
final class DatagramFlows: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    struct TargetChanged: Sendable {}

    /// Room for the largest datagram.
    static let allocator = FixedSizeRecvByteBufferAllocator(capacity: 65536)
    /// Flows of one port: each is a descriptor. The one that was used least recently makes room for a new one.
    private static let maximum = 1024

    private let destination: Destination
    private let idle: TimeAmount
    private var flows: [SocketAddress: DatagramFlow] = [:]

    init(_ destination: Destination, idle: TimeAmount) {
        self.destination = destination
        self.idle = idle
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        let client = envelope.remoteAddress
        flow(of: client, context).send(envelope.data)
    }

    private func flow(of client: SocketAddress, _ context: ChannelHandlerContext) -> DatagramFlow {
        if let flow = flows[client] { return flow }
        if flows.count >= Self.maximum, let oldest = flows.values.min(by: { $0.lastUse < $1.lastUse }) { oldest.end() }
        let flow = DatagramFlow(
            on: context.eventLoop, to: destination.address, idle: idle,
            answer: { [weak self] data in self?.answer(client, data, context) },
            ended: { [weak self] flow in
                if self?.flows[client] === flow { self?.flows[client] = nil }
            })
        flows[client] = flow
        return flow
    }

    private func answer(_ client: SocketAddress, _ data: ByteBuffer, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(AddressedEnvelope(remoteAddress: client, data: data)), promise: nil)
    }

    private func endAll() {
        for flow in flows.values { flow.end() }
        flows = [:]
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is TargetChanged { endAll() }
    }

    func channelInactive(context: ChannelHandlerContext) { endAll() }

    /// An answer to a client that is gone comes back as ECONNREFUSED: no reason to stop serving the others.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
