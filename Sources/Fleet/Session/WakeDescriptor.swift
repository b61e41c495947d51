import Glibc

/// A descriptor that becomes readable when there is news, for a loop that waits in epoll(7).
///
/// A pair of sockets, not eventfd(2): the headers of that and those of NIO do not go into one module.
public final class WakeDescriptor: Sendable {
    /// To wait for; closed with this object. -1 where the process may open no more.
    public let descriptor: Int32
    private let writer: Int32

    /// A descriptor without news.
    public init() {
        var ends: [Int32] = [-1, -1]
        let type = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        _ = socketpair(AF_UNIX, Int32(type), 0, &ends)
        (descriptor, writer) = (ends[0], ends[1])
    }

    deinit {
        close(descriptor)
        close(writer)
    }

    /// Makes it readable. However often it is called, one ``drain`` takes it all; one that is full is readable already.
    public func signal() {
        var one: UInt8 = 1
        _ = write(writer, &one, 1)
    }

    /// Takes the news, before the view is read: what comes after makes it readable again.
    public func drain() {
        var chunk = [UInt8](repeating: 0, count: 4096)
        while read(descriptor, &chunk, chunk.count) > 0 {}
    }
}
