import FoundationEssentials
import Glibc
import Model

/// The parts of an OCI image layout that we read and write (image-spec: image-layout.md, descriptor.md, manifest.md).
struct OCILayout: Sendable {
    let directory: String

    struct Descriptor: Codable, Hashable, Sendable {
        var mediaType: String?
        var digest: String
        var size: Int64
        var annotations: [String: String]?

        /// The tag (`org.opencontainers.image.ref.name`).
        var tag: String? {
            get { annotations?[Self.tagKey] }
            set { annotations = (annotations ?? [:]).merging([Self.tagKey: newValue ?? ""]) { $1 } }
        }
        static let tagKey = "org.opencontainers.image.ref.name"
    }

    struct Index: Codable, Sendable {
        var schemaVersion = 2
        var manifests: [Descriptor] = []
    }

    struct Manifest: Decodable, Sendable {
        var config: Descriptor
        var layers: [Descriptor]?
    }

    struct Configuration: Decodable, Sendable {
        var config: ImageConfig?
    }

    var indexPath: String { directory + "/index.json" }

    func index() throws(Diagnostic) -> Index { try Self.decode(Index.self, indexPath) }

    func blobPath(_ digest: String) -> String {
        directory + "/blobs/" + digest.split(separator: ":", maxSplits: 1).joined(separator: "/")
    }

    /// What a manifest's configuration says.
    func config(manifest digest: String) throws(Diagnostic) -> ImageConfig {
        let manifest = try Self.decode(Manifest.self, blobPath(digest))
        return try Self.decode(Configuration.self, blobPath(manifest.config.digest)).config ?? ImageConfig()
    }

    /// Makes a layout without blobs, or one whose blobs are those of another directory.
    func create(blobs: String? = nil, index: Index = Index()) throws(Diagnostic) {
        try Files.makeDirectory(directory, mode: 0o700)
        try Files.write("{\"imageLayoutVersion\":\"1.0.0\"}", to: directory + "/oci-layout", mode: 0o644)
        try write(index)
        if let blobs {
            try Files.link(blobs, at: directory + "/blobs")
        } else {
            try Files.makeDirectory(directory + "/blobs/sha256")
        }
    }

    /// Gives another layout the blobs of this one as hard links, but for those named; what it has already stays.
    func share(with other: OCILayout, except: Set<String> = []) throws(Diagnostic) {
        let (from, to) = (directory + "/blobs/sha256/", other.directory + "/blobs/sha256/")
        for name in Files.names(in: from) where !except.contains("sha256:" + name) {
            guard link(from + name, to + name) == 0 || errno == EEXIST else {
                throw systemError("image-store", "cannot share the blob \(name)", call: "link")
            }
        }
    }

    func write(_ index: Index) throws(Diagnostic) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(index) else {
            throw Diagnostic(code: "image-store", "cannot encode \(indexPath)")
        }
        try Files.writeAtomically(String(decoding: data, as: UTF8.self), to: indexPath, mode: 0o644)
    }

    static func decode<T: Decodable>(_ type: T.Type, _ path: String) throws(Diagnostic) -> T {
        guard let bytes = Files.bytes(path) else {
            throw systemError("image-unreadable", "cannot read \(path)", call: "open")
        }
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw Diagnostic(code: "image-unreadable", "\(path) is not what an image has there", cause: "\(error)")
        }
    }
}
