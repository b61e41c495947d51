import Containers
import Foundation

/// Serves the files of a directory by HTTP on 127.0.0.1, to those who log in: as much of a web server as git's dumb
/// protocol needs.
final class FileServer: Sendable {
    let port: UInt16
    private let socket: Int32

    /// - Parameter login: `user:password`.
    init(_ directory: String, login: String) throws {
        let listener = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        socket = listener
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutableBytes(of: &address) {
            let pointer = $0.assumingMemoryBound(to: sockaddr.self).baseAddress!
            return bind(listener, pointer, size) == 0 && listen(listener, 16) == 0
                && getsockname(listener, pointer, &size) == 0
        }
        guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
        port = UInt16(bigEndian: address.sin_port)
        let expected = "authorization: basic \(Data(login.utf8).base64EncodedString())"
        Thread.detachNewThread {
            while true {
                let client = accept(listener, nil, nil)
                if client < 0 {
                    // The only error of a listener that was shut down.
                    if errno == EINVAL { break }
                    usleep(1000)
                    continue
                }
                _ = fcntl(client, F_SETFD, FD_CLOEXEC)
                Self.answer(client, directory, expected)
                close(client)
            }
            close(listener)
        }
    }

    /// Ends the thread, whose accept fails then. It closes the socket: before that its number may not be another's.
    func stop() { shutdown(socket, Int32(SHUT_RDWR)) }

    private static func answer(_ client: Int32, _ directory: String, _ login: String) {
        var request: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !request.reversed().starts(with: "\n\r\n\r".utf8) {
            let count = read(client, &buffer, buffer.count)
            guard count > 0 else { return }
            request += buffer[..<count]
        }
        let lines = String(decoding: request, as: UTF8.self).split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        let path = words.count > 1 ? words[1].prefix { $0 != "?" } : ""
        var status = "200 OK"
        var body: [UInt8] = []
        if !lines.contains(where: { $0.lowercased() == login.lowercased() }) {
            status = "401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"test\""
        } else if let bytes = Files.bytes(directory + path), access(directory + path, R_OK) == 0 {
            body = bytes
        } else {
            status = "404 Not Found"
        }
        let head = "HTTP/1.1 \(status)\r\nContent-Length: \(body.count)\r\nConnection: close\r\n\r\n"
        let all = Array(head.utf8) + body
        var done = 0
        while done < all.count {
            let count = all[done...].withUnsafeBytes {
                send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            done += count
        }
    }
}
