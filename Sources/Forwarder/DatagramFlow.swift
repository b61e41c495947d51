import NIOCore
import NIOPosix

/// One client of a UDP port: a connected socket to the container, so that answers find their way back.
final class DatagramFlow: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    /// Datagrams that wait until the socket is there: a moment.
    private static let maximumWaiting = 64

    private let target: SocketAddress
    private let idle: TimeAmount
    private let answer: (ByteBuffer) -> Void
    private let ended: (DatagramFlow) -> Void
    private var context: ChannelHandlerContext?
    private var waiting: [ByteBuffer] = []
    private var hasEnded = false
    /// When the last datagram passed, in either direction.
    private(set) var lastUse = NIODeadline.now()

    init(
        on loop: any EventLoop, to target: SocketAddress, idle: TimeAmount, answer: @escaping (ByteBuffer) -> Void,
        ended: @escaping (DatagramFlow) -> Void
    ) {
        self.target = target
        self.idle = idle
        self.answer = answer
        self.ended = ended
        let bound = NIOLoopBound(self, eventLoop: loop)
        DatagramBootstrap(group: loop)
            .channelOption(.recvAllocator, value: DatagramFlows.allocator)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(bound.value) }
            }
            .connect(to: target)
            .assumeIsolated()
            .whenFailure { _ in self.end() }
        watch(loop)
    }

    /// Sends to the container.
    func send(_ data: ByteBuffer) {
        lastUse = .now()
        guard let context, context.channel.isActive else {
            if waiting.count < Self.maximumWaiting { waiting.append(data) }
            return
        }
        write(data, context)
        context.flush()
    }

    /// Closes the socket; nobody hears of this flow any more.
    func end() {
        guard !hasEnded else { return }
        hasEnded = true
        waiting = []
        ended(self)
        context?.close(promise: nil)
    }

    private func write(_ data: ByteBuffer, _ context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(AddressedEnvelope(remoteAddress: target, data: data)), promise: nil)
    }

    /// Ends the flow once it has been idle for long enough.
    private func watch(_ loop: any EventLoop) {
        loop.assumeIsolated().scheduleTask(deadline: lastUse + idle) { [weak self] in
            guard let self, !self.hasEnded else { return }
            if self.lastUse + self.idle <= .now() { self.end() } else { self.watch(loop) }
        }
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        // Ended before it was connected.
        if hasEnded { return context.close(promise: nil) }
        for data in waiting { write(data, context) }
        waiting = []
        context.flush()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastUse = .now()
        answer(unwrapInboundIn(data).data)
    }

    func channelInactive(context: ChannelHandlerContext) { end() }

    /// Nobody listens there yet (ECONNREFUSED): a later datagram may find somebody.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
