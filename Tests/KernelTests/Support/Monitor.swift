/// Listens to all that the kernel tells of changes, and hears what a pass makes it say.
///
/// A monitor that hears nothing proves nothing by that: so a change of the test's own is waited for before and after.
struct Monitor {
    private let host: TestHost
    private let places: [TestHost.Place]
    private let listeners: [RunningCommand]
    private static let probe = "probe-"

    /// Starts to listen on the host and in these sandboxes, once the kernel has nothing more to say by itself.
    init(_ host: TestHost, sandboxes: [String]) throws {
        self.host = host
        places = [.host] + sandboxes.map { .sandbox($0) }
        try host.awaitAddresses(of: places)
        // Neighbours change state by themselves, so they are not listened to.
        listeners = try places.flatMap { place in
            [
                try host.start("ip -o monitor link address route rule", in: place),
                try host.start("nft monitor", in: place),
            ]
        }
    }

    /// What was said while `body` ran; empty where nothing was.
    func hears(_ body: () throws -> Void) throws -> [String] {
        try mark("before")
        try body()
        try mark("after")
        for listener in listeners { listener.stop() }
        return listeners.flatMap { listener in
            let lines = listener.output.lines
            let start = lines.lastIndex { $0.contains(Self.probe + "before") } ?? 0
            let end = lines.firstIndex { $0.contains(Self.probe + "after") } ?? lines.endIndex
            return lines[start..<end].filter { !$0.contains(Self.probe) && !$0.hasSuffix("(nft)") }
        }
    }

    /// Makes changes that each listener must tell of.
    private func mark(_ name: String) throws {
        let probe = Self.probe + name
        let isHeard = try eventually(within: .seconds(10)) {
            for place in places {
                try host.sh(
                    """
                    ip link add \(probe) type bridge; ip link del \(probe)
                    nft add table inet \(probe); nft delete table inet \(probe)
                    """, in: place)
            }
            return listeners.allSatisfy { $0.output.contains(probe) }
        }
        guard isHeard else { throw Failure("a monitor is deaf: \(listeners.map(\.output))") }
    }
}
