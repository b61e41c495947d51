import Model

extension Schema where Value == ImageSource {
    /// `image:` a registry reference, `oci:DIR[:TAG]` or `docker-archive:FILE`.
    static let image = located(
        "an image such as nginx:1.27, oci:DIR[:TAG] or docker-archive:FILE", json: ["type": "string", "minLength": 1]
    ) { text, directory throws(Misreading) in
        if let rest = text.removing(prefix: "oci:") {
            // A colon before a slash belongs to the directory.
            let colon = rest.lastIndex(of: ":").flatMap { rest[$0...].contains("/") ? nil : $0 }
            let name = rest[..<(colon ?? rest.endIndex)]
            let tag = colon.map { String(rest[rest.index(after: $0)...]) }
            guard !name.isEmpty, tag?.isEmpty != true else { throw Misreading() }
            return .oci(directory: AbsolutePath.of(String(name), in: directory), tag: tag)
        }
        if let rest = text.removing(prefix: "docker-archive:") {
            guard !rest.isEmpty else { throw Misreading() }
            return .dockerArchive(path: AbsolutePath.of(String(rest), in: directory))
        }
        if let rest = text.removing(prefix: "docker://") ?? text.removing(prefix: "https://") {
            throw Misreading(hint: "write the reference alone: \(rest)")
        }
        return .registry(try ImageReference.normalize(text))
    }

    /// `rootfs:` a directory.
    static let rootfs = located("a directory", json: ["type": "string", "minLength": 1]) { text, directory in
        .rootfs(directory: AbsolutePath.of(text, in: directory))
    }

    private static func located(
        _ expected: String, json: JSONValue,
        _ parse: @escaping @Sendable (String, String) throws(Misreading) -> ImageSource
    ) -> Schema {
        let text = Schema<String>.text(expected, json: json) { !$0.isEmpty }
        return Schema(expected: expected, json: json) { node, decoding in
            guard let value = text.read(node, &decoding) else { return nil }
            do throws(Misreading) {
                return try parse(value, decoding.directory)
            } catch {
                decoding.reportValue(expected, at: node, hint: error.hint)
                return nil
            }
        }
    }
}

extension Decoding {
    /// A path of a manifest as an absolute one: relative to the manifest's own file, `.` and `..` taken out by name,
    /// symbolic links not resolved.
    func absolute(_ path: String) -> String { AbsolutePath.of(path, in: directory) }
}

extension String {
    /// What follows a prefix; `nil` without it.
    func removing(prefix: String) -> Substring? {
        // By bytes: comparing characters costs many times as much, and prefixes are ASCII.
        utf8.starts(with: prefix.utf8) ? self[utf8.index(startIndex, offsetBy: prefix.utf8.count)...] : nil
    }
}
