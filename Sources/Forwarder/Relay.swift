import Glibc
import NIOCore

/// One end of a forwarded TCP connection: what it reads, its partner writes.
///
/// Nothing is read before there is a partner, nor while the partner's buffer is full; so a slow reader slows the writer
/// at the other end. The end of one direction is handed on without touching the other (half-close).
final class Relay: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var context: ChannelHandlerContext?
    private var partner: Relay?
    /// What was read before there was a partner: only what came together with the end of input.
    private var early: [NIOAny] = []
    private var hasEnded = false
    private var isReading = false
    private var isBroken = false

    /// Ties both ends together and starts reading. Where one is gone already the other goes too.
    func join(_ other: Relay) {
        guard context != nil, other.context != nil else {
            abort()
            other.abort()
            return
        }
        partner = other
        other.partner = self
        start()
        other.start()
    }

    /// Closes with a reset: the other side must not take a broken connection for a finished one.
    func abort() {
        isBroken = true
        guard let context else { return }
        // On the event loop this is done when the call returns.
        _ = (context.channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        context.close(promise: nil)
    }

    private func start() {
        for data in early { partner?.context?.write(data, promise: nil) }
        early = []
        if hasEnded { partner?.finish(.output) } else { read() }
    }

    /// Closes once everything is written. NIO itself would not wait where its input has ended before.
    private func finish(_ mode: CloseMode) {
        guard let context else { return }
        let nothing = wrapOutboundOut(context.channel.allocator.buffer(capacity: 0))
        context.writeAndFlush(nothing).assumeIsolated().whenComplete { [weak self] _ in
            self?.context?.close(mode: mode, promise: nil)
        }
    }

    private func read() {
        guard !isReading, !hasEnded, let context, partner?.context?.channel.isWritable == true else { return }
        isReading = true
        context.read()
    }
}

extension Relay {
    typealias OutboundOut = ByteBuffer

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        partner = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if let partner { partner.context?.write(data, promise: nil) } else { early.append(data) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        partner?.context?.flush()
        read()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { partner?.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed = event else { return }
        hasEnded = true
        partner?.finish(.output)
    }

    /// Where both directions ended in order, what came last still has to be written at the other end.
    func channelInactive(context: ChannelHandlerContext) {
        if isBroken { partner?.abort() } else { partner?.finish(.all) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { abort() }
}
