import Glibc
import Model

extension ImageStore {
    /// Lets skopeo copy a source's manifest, configuration and missing layers into a layout, under the tag `image`.
    func copy(_ source: ImageSource, to target: OCILayout) throws(Diagnostic) {
        var arguments = ["copy", "--quiet"]
        // skopeo refuses to work without a policy; Debian's package brings none into a minimal system.
        if !Files.exists("/etc/containers/policy.json") { arguments.insert("--insecure-policy", at: 0) }
        switch source {
        case .registry(let reference):
            if Self.isLoopback(reference) { arguments.append("--src-tls-verify=false") }
            arguments.append("docker://" + Self.withoutTagBesideDigest(reference))
        case .oci(let directory, let tag): arguments.append("oci:\(directory)" + (tag.map { ":\($0)" } ?? ""))
        case .dockerArchive(let path): arguments.append("docker-archive:\(path)")
        case .rootfs: return
        }
        arguments.append("oci:\(target.directory):image")
        var skopeo = Helper(path: try Programs.find("skopeo"), arguments: arguments)
        skopeo.cgroup = helpers
        // A registry that stalls in the middle of a layer would hold the pull for ever.
        skopeo.timeout = 1_800_000
        let result = try skopeo.run()
        guard result.code != 0 else { return }
        if result.timedOut {
            throw Diagnostic(code: "pull-failed", "the pull of \(source.text) did not end within 30 minutes")
        }
        throw Self.failure(of: source, said: result.errorText)
    }

    /// Registries on this host are spoken to without TLS where they have none, as Docker does for 127.0.0.0/8.
    static func isLoopback(_ reference: String) -> Bool {
        var host = reference.prefix { $0 != "/" }
        if host.hasPrefix("[") { return host.hasPrefix("[::1]") }
        if let colon = host.lastIndex(of: ":") { host = host[..<colon] }
        return host == "localhost" || (host.hasPrefix("127.") && host.allSatisfy { $0.isNumber || $0 == "." })
    }

    /// `name:tag@digest` as `name@digest`: the digest decides, and skopeo refuses both together.
    static func withoutTagBesideDigest(_ reference: String) -> String {
        guard let at = reference.firstIndex(of: "@") else { return reference }
        let name = reference[..<at]
        guard let colon = name.lastIndex(of: ":"), !name[colon...].contains("/") else { return reference }
        return String(name[..<colon] + reference[at...])
    }

    /// What a failed pull means, from skopeo's words (those of containers/image and of Go's net and tls packages).
    static func failure(of source: ImageSource, said: String) -> Diagnostic {
        let words = said.lowercased()
        func says(_ parts: String...) -> Bool { parts.contains { words.contains($0) } }
        let name = source.text
        let (code, message, hint): (String, String, String?) =
            if says("manifest unknown", "name unknown", "not found", "no such file", "does not exist") {
                ("image-not-found", "there is no image \(name)", "check the name and the tag")
            } else if says("unauthorized", "authentication required", "denied", "forbidden") {
                (
                    "image-unauthorized", "the registry refused access to \(name)",
                    "log in with: skopeo login REGISTRY (or check the name: registries also answer so for what is not there)"
                )
            } else if says("x509", "tls:", "http response to https client", "certificate") {
                (
                    "registry-tls", "the registry of \(name) cannot be trusted",
                    "only registries on localhost work without TLS"
                )
            } else if says("no such host", "server misbehaving", "lookup ") {
                ("registry-unreachable", "the registry of \(name) has no address", "check the name and the host's DNS")
            } else if says("connection refused", "timeout", "unreachable", "no route", "connection reset") {
                ("registry-unreachable", "the registry of \(name) does not answer", nil)
            } else {
                ("pull-failed", "\(name) cannot be pulled", nil)
            }
        return Diagnostic(code: code, message, cause: "skopeo: " + plain(said), hint: hint)
    }

    /// skopeo's log line (`time="…" level=fatal msg="…"`) without its frame.
    private static func plain(_ said: String) -> String {
        guard let start = said.firstRange(of: "msg=\"") else { return said }
        var text = said[start.upperBound...]
        if let end = text.lastIndex(of: "\"") { text = text[..<end] }
        return String(text.replacing("\\\"", with: "\""))
    }
}
