/// The text of manifests, shortened to what a test is about.
enum Manifest {
    /// A network; each of `spec` is a line below `spec:`.
    static func network(_ name: String, _ spec: String...) -> String {
        """
        ---
        apiVersion: reconcile/v1
        kind: Network
        metadata: { name: \(name) }
        spec:
          driver: bridge
        \(spec.map { "  \($0)\n" }.joined())
        """
    }
}

extension TestHost {
    /// A container of busybox that ends at once when it is told to; without a command it serves pages on port 80.
    func container(_ name: String, command: [String]? = nil, _ spec: String...) -> String {
        let command = command ?? ["httpd", "-f", "-p", "80", "-h", "/www"]
        let quoted = command.map { "'\($0.replacing("'", with: "''"))'" }.joined(separator: ", ")
        return """
            ---
            apiVersion: reconcile/v1
            kind: Container
            metadata: { name: \(name) }
            spec:
              rootfs: \(rootfs)
              command: [\(quoted)]
              stopSignal: SIGKILL
            \(spec.map { "  \($0)\n" }.joined())
            """
    }

    /// Writes one file of manifests.
    func write(_ documents: String..., file: String = "site.yaml") throws {
        try Files.write(documents.joined(separator: "\n"), to: "\(manifests)/\(file)")
    }
}
