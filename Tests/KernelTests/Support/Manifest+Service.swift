extension TestHost {
    /// A service of busybox that serves pages on port 80, or runs a command. `template` and `spec` are lines of theirs.
    func service(
        _ name: String, replicas: Int, command: [String]? = nil, template: [String] = [], _ spec: String...
    ) -> String {
        let command = command ?? ["httpd", "-f", "-p", "80", "-h", "/www"]
        let quoted = command.map { "'\($0.replacing("'", with: "''"))'" }.joined(separator: ", ")
        let lines = ["rootfs: \(rootfs)", "command: [\(quoted)]", "stopSignal: SIGKILL"] + template
        return """
            ---
            apiVersion: reconcile/v1
            kind: Service
            metadata: { name: \(name) }
            spec:
              replicas: \(replicas)
              template:
            \(lines.map { "    \($0)\n" }.joined())
            \(spec.map { "  \($0)\n" }.joined())
            """
    }

    /// Which replicas answer some requests for a page, one after the other; each under its host name.
    func answering(_ server: String, requests: Int = 12, from place: Place = .host) throws -> [String: Int] {
        var names: [String: Int] = [:]
        // Where one is lost in spite of much patience, the others need not be waited for as long.
        var patience = 10
        for _ in 0..<requests {
            let page = try http(server, "/cgi-bin/name", from: place, patience: patience)
            if page.code != 0 { patience = 2 }
            names[page.code == 0 ? page.text : "curl \(page.code)", default: 0] += 1
        }
        return names
    }

    /// Waits until each replica serves pages at its own address: httpd takes a moment to listen.
    func awaitReplicas(_ names: String...) throws {
        for name in names { try awaitHTTP("\(try address(name)):80") }
    }
}
