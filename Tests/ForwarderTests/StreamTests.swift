import Foundation
import Glibc
import Model
import NIOCore
import Testing

@testable import Forwarder

@Suite struct StreamTests {
    @Test(arguments: IPAddress.Family.allCases) func bytesGoBothWays(_ family: IPAddress.Family) async throws {
        try await withForwarder { forwarder in
            let (server, port) = try Peer.server(family: family)
            let key = try await forwarder.serve([port], family: family)[0]
            let client = try Peer.client(key)
            let behind = try server.accept()
            try client.write("ping")
            #expect(behind.read() == "ping")
            try behind.write("pong")
            #expect(client.read() == "pong")
            client.close()
            #expect(behind.read() == "")
        }
    }

    /// The request ends before the answer begins, as HTTP/1.0 and `nc -N` have it.
    @Test func eachDirectionEndsByItself() async throws {
        try await withForwarder { forwarder in
            let (server, port) = try Peer.server()
            let key = try await forwarder.serve([port])[0]
            let client = try Peer.client(key)
            try client.write("request")
            client.endOutput()
            let behind = try server.accept()
            #expect(behind.read() == "request")
            #expect(behind.read() == "")
            // More than any buffer on the way holds: what is still to be written must not be lost with the end.
            let text = String(repeating: "x", count: 1 << 20)
            // A thread of its own: one of the pool's may be hard to come by while other tests block them.
            Thread.detachNewThread {
                for _ in 0..<32 { try? behind.write(text) }
                behind.close()
            }
            usleep(200_000)
            #expect(client.count() == 32 << 20)
        }
    }

    @Test func theServerMayEndFirst() async throws {
        try await withForwarder { forwarder in
            let (server, port) = try Peer.server()
            let key = try await forwarder.serve([port])[0]
            let client = try Peer.client(key)
            let behind = try server.accept()
            try behind.write("greeting")
            behind.endOutput()
            #expect(client.read() == "greeting")
            #expect(client.read() == "")
            try client.write("late")
            #expect(behind.read() == "late")
            client.close()
            #expect(behind.read() == "")
        }
    }

    /// A client that does not read must stop the server, not fill the forwarder's memory.
    @Test func aSlowReaderSlowsTheWriter() async throws {
        try await withForwarder { forwarder in
            let (server, port) = try Peer.server()
            let key = try await forwarder.serve([port])[0]
            let client = try Peer.client(key)
            let behind = try server.accept()
            _ = fcntl(behind.descriptor, F_SETFL, O_NONBLOCK)
            let block = [UInt8](repeating: 1, count: 1 << 20)
            var sent = 0
            var idle = 0
            while idle < 20, sent < 256 << 20 {
                let count = send(behind.descriptor, block, block.count, Int32(MSG_NOSIGNAL))
                if count > 0 {
                    sent += count
                    idle = 0
                } else {
                    idle += 1
                    usleep(10_000)
                }
            }
            #expect(sent < 64 << 20, "\(sent) bytes went in and none came out")
            behind.close()
            #expect(client.count() == sent)
        }
    }

    @Test func nobodyBehindThePortIsAResetAtOnce() async throws {
        try await withForwarder { forwarder in
            let key = try await forwarder.serve([try Forwarder.freePort(.tcp)])[0]
            // An attempt to connect that nobody answers is given up after five seconds; this thread may stall as long.
            var shortest = Duration.seconds(60)
            for _ in 0..<5 where shortest >= .seconds(4.5) {
                let client = try Peer.client(key)
                let start = ContinuousClock.now
                let answer = client.read()
                let error = errno
                #expect(answer == nil)
                #expect(error == ECONNRESET)
                shortest = min(shortest, start.duration(to: .now))
            }
            #expect(shortest < .seconds(4.5))
        }
    }

    @Test func aResetIsHandedOn() async throws {
        try await withForwarder { forwarder in
            let (server, port) = try Peer.server()
            let key = try await forwarder.serve([port])[0]
            let client = try Peer.client(key)
            let behind = try server.accept()
            try client.write("x")
            #expect(behind.read() == "x")
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(client.descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
            client.close()
            #expect(behind.read() == nil)
        }
    }

    @Test func manyConnectionsAtOnce() async throws {
        try await withForwarder { forwarder in
            let (server, port) = try Peer.server()
            let key = try await forwarder.serve([port])[0]
            var pairs: [(client: Peer, behind: Peer)] = []
            // Each takes four descriptors, and other tests need some of the process's 1024.
            let count = 60
            for number in 0..<count {
                let client = try Peer.client(key)
                pairs.append((client, try server.accept()))
                try client.write("\(number)")
            }
            for (number, pair) in pairs.enumerated() {
                #expect(pair.behind.read() == "\(number)")
                try pair.behind.write("answer \(number)")
            }
            for (number, pair) in pairs.enumerated() { #expect(pair.client.read() == "answer \(number)") }
            let before = openDescriptors()
            pairs = []
            // Other tests open and close theirs meanwhile.
            let isClean = eventually { openDescriptors() < before - 3 * count }
            #expect(isClean, "\(before) descriptors, then \(openDescriptors())")
        }
    }
}

func openDescriptors() -> Int {
    guard let directory = opendir("/proc/self/fd") else { return 0 }
    defer { closedir(directory) }
    var count = 0
    while readdir(directory) != nil { count += 1 }
    return count
}

/// Waits half a minute at most.
func eventually(_ condition: () -> Bool) -> Bool {
    for _ in 0..<1500 {
        if condition() { return true }
        usleep(20_000)
    }
    return false
}
