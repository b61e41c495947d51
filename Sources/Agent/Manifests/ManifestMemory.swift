import Glibc
import LinuxHost
import Manifests
import Model

/// The last good manifests on disk, so that a new agent has them where the files are bad by then:
/// `<data-dir>/memory/manifests-<set>/`, a file for each content, named by its hash, and `index.json`, which says where
/// each lay. The index is replaced last, so it names files that are there; that they are whole is told by their hash.
struct ManifestMemory {
    /// More bytes than this are not remembered.
    static let limit = 64 << 20

    private let directory: String
    /// The absolute directory of manifests that the memory is about.
    private let root: String
    /// What the index on disk says; `nil` where that is not known.
    private var saved: JSONValue?

    init(dataDirectory: String, set: String, root: String) {
        directory = "\(dataDirectory)/memory/manifests-\(set)"
        self.root = root
    }

    private var index: MemoryFile { MemoryFile(directory: directory, name: "index.json") }

    /// What is remembered, if it is about the same directory. What cannot be read as it was written is left out, as is
    /// what this version calls an error.
    ///
    /// - Parameters:
    ///   - path: makes a path of one below the root.
    ///   - mends: removes what cannot be read, so that it is written anew. Who only asks does not.
    mutating func recall(mends: Bool = true, path: (String) -> String) -> [ManifestFile] {
        guard let json = index.read(), json["version"]?.int == 1, json["root"]?.string == root else { return [] }
        let files: [ManifestFile] = (json["files"]?.array ?? []).compactMap { entry in
            guard let name = entry["path"]?.string, let base = entry["directory"]?.string,
                let content = entry["content"]?.string, let bytes = file(content).bytes(),
                bytes.count <= Self.limit
            else { return nil }
            let file = ManifestDecoder.decode(bytes: bytes, path: path(name), directory: base)
            guard Self.name(file) == content else {
                if mends { try? self.file(content).write(nil) }
                return nil
            }
            return file.hasErrors ? nil : file
        }
        // Otherwise all is written anew.
        if files.count == json["files"]?.array?.count { saved = json }
        return files
    }

    /// Remembers these files and nothing else. Where nothing changed, nothing is written.
    ///
    /// - Parameter name: a path without the root.
    mutating func save(_ files: [ManifestFile], name: (String) -> String) throws(Diagnostic) {
        guard files.reduce(0, { $0 + $1.bytes.count }) <= Self.limit else {
            throw Diagnostic(
                .warning, code: "memory-too-large",
                "the manifests have more than \(Self.limit >> 20) MiB: their last good version is not kept on disk")
        }
        let json: JSONValue = [
            "version": 1, "root": .string(root),
            "files": .array(
                files.map {
                    [
                        "path": .string(name($0.path)), "directory": .string($0.directory),
                        "content": .string(Self.name($0)),
                    ]
                }),
        ]
        guard json != saved, saved != nil || !files.isEmpty else { return }
        saved = nil
        let known = Set(DirectoryListing.names(directory))
        for file in files where !known.contains(Self.name(file)) {
            try self.file(Self.name(file)).write(bytes: file.bytes, isDurable: false)
        }
        try index.write(json)
        saved = json
        // Also what an interrupted write left.
        let current = Set(files.map(Self.name)).union(["index.json"])
        for name in known.subtracting(current) { try file(name).write(nil) }
    }

    /// Removes the memory of a set.
    static func forget(dataDirectory: String, set: String) {
        let directory = "\(dataDirectory)/memory/manifests-\(set)"
        // The index first: without it the rest means nothing.
        for name in ["index.json"] + DirectoryListing.names(directory) {
            try? MemoryFile(directory: directory, name: name).write(nil)
        }
        rmdir(directory)
    }

    private func file(_ name: String) -> MemoryFile { MemoryFile(directory: directory, name: name) }

    /// 16 hexadecimal digits.
    private static func name(_ file: ManifestFile) -> String {
        let text = String(file.contentHash, radix: 16)
        return String(repeating: "0", count: 16 - text.utf8.count) + text
    }
}
