import FoundationEssentials
import Glibc
import Model
import Synchronization

/// The filters of this host's containers: compiled once a profile, architecture and capability set, kept in
/// `<runtime-dir>/seccomp` for the processes after us, and in memory.
final class SeccompFilters: Sendable {
    private let directory: String
    private let state = Mutex(State())

    private struct State {
        var text: String?
        var profile: SeccompProfile?
        var compiled: [String: String] = [:]
    }

    init(directory: String) { self.directory = directory }

    /// The setting for a container with these capabilities. Only crun takes compiled filters.
    func setting(capabilities: [String], compiled: Bool) throws(Diagnostic) -> SeccompSetting {
        let (text, profile) = try load()
        let host = Self.host()
        let resolve = {
            profile.resolve(architecture: host.architecture, kernel: host.kernel, capabilities: Set(capabilities))
        }
        guard compiled else { return .profile(resolve().json) }
        // The kernel's version is part of the key: profiles may ask for it.
        let facts = [host.architecture, "\(host.kernel)", capabilities.joined(separator: ","), text]
        let key = "v1-" + StableHash.hex(facts.joined(separator: "\n"), digits: 16)
        if let known = state.withLock({ $0.compiled[key] }) { return .compiled(known) }
        let path = directory + "/" + key
        var filter = Files.text(path) ?? ""
        if filter.isEmpty {
            filter = Data(try SeccompCompiler.compile(resolve())).base64EncodedString()
            try Files.makeDirectory(directory, mode: 0o700)
            try Files.writeAtomically(filter, to: path)
        }
        let result = filter
        state.withLock { $0.compiled[key] = result }
        return .compiled(result)
    }

    private func load() throws(Diagnostic) -> (String, SeccompProfile) {
        if let text = state.withLock({ $0.text }), let profile = state.withLock({ $0.profile }) {
            return (text, profile)
        }
        guard let text = SeccompProfile.paths.lazy.compactMap({ Files.text($0) }).first else {
            throw Diagnostic(
                code: "seccomp-profile-missing", "there is no seccomp profile",
                cause: "neither \(SeccompProfile.paths.joined(separator: " nor ")) can be read",
                hint: "apt install golang-github-containers-common")
        }
        let profile = try SeccompProfile(text: text)
        state.withLock {
            $0.text = text
            $0.profile = profile
        }
        return (text, profile)
    }

    /// This machine's architecture by its Go name, and its kernel's version.
    static func host() -> (architecture: String, kernel: (Int, Int)) {
        var name = utsname()
        uname(&name)
        let machine = withUnsafeBytes(of: &name.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let release = withUnsafeBytes(of: &name.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let names = ["x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "i686": "x86"]
        let parts = release.split { !$0.isNumber }.map { Int($0) ?? 0 }
        return (names[machine] ?? machine, (parts.first ?? 0, parts.count > 1 ? parts[1] : 0))
    }
}
