import Model

enum MountSchema {
    /// `mounts:` of a container.
    static let list = Schema<[Mount]>.list(
        of: item, "a list of mounts", hint: "write [{ source: ./site, target: /srv }]")

    private static let item = Schema<Mount>(expected: "a map", json: object.json()) { node, decoding in
        var mount = object.initial
        guard object.read(node, into: &mount, &decoding) else { return nil }
        switch mount.kind {
        case .bind:
            if mount.source == nil {
                decoding.report(
                    "missing-field", "a bind mount needs the field \"source\"",
                    hint: "for an empty directory in memory write type: tmpfs", at: node)
            }
            if mount.size != nil {
                decoding.report("invalid-value", "a bind mount has no size", hint: "only tmpfs has", at: node)
            }
        case .tmpfs:
            if mount.source != nil { decoding.report("invalid-value", "a tmpfs mount has no source", at: node) }
        }
        return mount
    }

    private static let object = ObjectSchema<Mount>(
        "a mount", initial: Mount(kind: .bind, target: ""), example: "{ source: ./site, target: /srv }",
        [
            Field(
                "type", \.kind, .choice, "bind: a file or directory of the host; tmpfs: an empty directory in memory."),
            Field(
                "source", \.source, source, synonyms: ["src", "hostPath"],
                "What of the host is mounted; relative to the manifest's file."),
            Field(
                "target", \.target, target, required: true, synonyms: ["dst", "destination", "mountPath"],
                "Where in the container: an absolute path."),
            Field("readOnly", \.readOnly, .boolean, synonyms: ["read_only", "ro"], "It cannot be written."),
            Field(
                "size", \.size, Schema<Int64>.size(minimum: 4096, "4Ki"),
                "tmpfs only: its size. Default: half of the memory."),
        ])

    private static let path = Schema<String>.text("a path", json: ["type": "string", "minLength": 1]) { !$0.isEmpty }

    private static let source = Schema<String>(expected: path.expected, json: path.json()) { node, decoding in
        path.read(node, &decoding).map { AbsolutePath.of($0, in: decoding.directory) }
    }

    private static let target = Schema<String>(
        expected: Schema<String>.absolutePath.expected, json: Schema<String>.absolutePath.json()
    ) { node, decoding in
        guard let path = Schema<String>.absolutePath.read(node, &decoding) else { return nil }
        let clean = AbsolutePath.of(path, in: "/")
        if clean == "/" {
            decoding.report(
                "invalid-value", "a mount cannot replace the root file system", hint: "use rootfs in place of image",
                at: node)
        }
        return clean
    }
}
