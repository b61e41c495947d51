import Foundation
import Testing

@testable import Agent

/// A service manager's end of the socket.
private final class Manager {
    private let descriptor: Int32

    init(_ name: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var time = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(name.utf8)
        if bytes[0] == 0x40 { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(2 + bytes.count + (bytes[0] == 0 ? 0 : 1))
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        try #require(result == 0, "bind: \(String(cString: strerror(errno)))")
    }

    deinit { close(descriptor) }

    func next() -> String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count < 0 ? "nothing came" : String(decoding: buffer[..<count], as: UTF8.self)
    }
}

@Suite struct ServiceNotificationTests {
    @Test(arguments: [false, true]) func saysWhatTheManagerReads(isAbstract: Bool) async throws {
        try await withDirectory { directory in
            let name = isAbstract ? "@reconcile-test-\(UUID().uuidString)" : directory + "/notify"
            let manager = try Manager(name)
            let notification = ServiceNotification(socket: name)
            #expect(
                notification.ready("42 resources\nREADY=0") && manager.next() == "READY=1\nSTATUS=42 resources READY=0")
            #expect(notification.status("converged") && manager.next() == "STATUS=converged")
            #expect(notification.alive() && manager.next() == "WATCHDOG=1")
            #expect(notification.stopping() && manager.next() == "STOPPING=1")
            var before = timespec()
            clock_gettime(CLOCK_MONOTONIC, &before)
            #expect(notification.reloading())
            let lines = manager.next().split(separator: "\n").map(String.init)
            let time = try #require(lines.last.flatMap { Int64($0.dropFirst("MONOTONIC_USEC=".count)) })
            #expect(lines.first == "RELOADING=1" && lines.count == 2 && lines[1].hasPrefix("MONOTONIC_USEC="))
            let start = Int64(before.tv_sec) * 1_000_000 + Int64(before.tv_nsec) / 1000
            #expect((start..<start + 60_000_000).contains(time))
        }
    }

    @Test func nobodyListensIsNoHarm() async throws {
        try await withDirectory { directory in
            #expect(!ServiceNotification(socket: directory + "/none").ready("x"))
            #expect(!ServiceNotification(socket: "/" + String(repeating: "x", count: 200)).ready("x"))
        }
    }

    /// Not the process's own environment: other tests read it meanwhile.
    @Test func theEnvironmentIsTaken() {
        func take(_ socket: String?, pid: Int32 = 7) -> ServiceNotification? {
            var environment = ["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "7", "PATH": "/bin"]
            environment["NOTIFY_SOCKET"] = socket
            let notification = ServiceNotification(pid: pid) { environment.removeValue(forKey: $0) }
            #expect(environment == ["PATH": "/bin"], "helpers see what is left")
            return notification
        }
        let nobody = ServiceNotification(pid: 7, take: { _ in nil })
        #expect(nobody == nil)
        #expect(take("@x")?.watchdogInterval == .milliseconds(1500))
        let ofAnother = take("@x", pid: 8)
        #expect(ofAnother != nil && ofAnother?.watchdogInterval == nil)
        for wrong in [nil, "", "@", "vsock:2:1234", "relative"] { #expect(take(wrong) == nil) }
    }
}
