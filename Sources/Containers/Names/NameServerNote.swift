import Glibc
import Model

/// What a server of names was seen to work by: which process, from which files, with which sockets. It is written once
/// the server has read them, and taken away before they are changed; what it says counts only as long as that process
/// lives and those sockets are open. For aardvark-dns itself tells nobody what it has read.
struct NameServerNote {
    var process: ProcessIdentity
    /// Its configuration files, by name.
    var files: [String: String]
    /// The host's name servers when it read them.
    var upstream: [String]
    /// The inodes of its sockets, by address.
    var sockets: [IPAddress: UInt32]

    init(process: ProcessIdentity, files: [String: String], upstream: [String], sockets: [IPAddress: UInt32]) {
        self.process = process
        self.files = files
        self.upstream = upstream
        self.sockets = sockets
    }

    /// Reads what ``text`` wrote; `nil` where it is something else.
    init?(text: String) {
        guard let json = try? JSONValue(parsing: text.utf8), let pid = json["pid"]?.int.flatMap({ Int32(exactly: $0) }),
            let start = json["started"]?.int, let files = json["files"]?.members
        else { return nil }
        process = ProcessIdentity(pid: pid, startTime: UInt64(start))
        self.files = Dictionary(
            files.compactMap { file in file.value.string.map { (file.name, $0) } },
            uniquingKeysWith: { first, _ in first })
        upstream = json["upstream"]?.array?.compactMap(\.string) ?? []
        sockets = [:]
        for socket in json["sockets"]?.members ?? [] {
            guard let address = IPAddress(socket.name), let inode = socket.value.int.flatMap({ UInt32(exactly: $0) })
            else { return nil }
            sockets[address] = inode
        }
    }

    /// One line of JSON.
    var text: String {
        let json: JSONValue = [
            "pid": .int(Int64(process.pid)), "started": .int(Int64(process.startTime)), "upstream": .strings(upstream),
            "sockets": .object(
                sockets.sorted { $0.key < $1.key }.map { .init($0.key.description, .int(Int64($0.value))) }),
            "files": .object(files.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) }),
        ]
        return json.text() + "\n"
    }
}
