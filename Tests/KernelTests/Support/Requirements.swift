import Foundation
import Testing

/// What kernel tests need of the machine.
enum Requirements {
    private static let programs = [
        "busybox", "conmon", "conntrack", "curl", "dbus-daemon", "dig", "firewalld", "ip", "iptables", "nft",
        "nsenter", "perl", "skopeo", "socat", "tcpdump", "ufw", "umoci", "unshare",
    ]

    /// What is missing; empty where the tests can run.
    static let missing: [String] = {
        var missing: [String] = []
        if getuid() != 0 { missing.append("root") }
        for program in programs where find(program) == nil { missing.append(program) }
        if find("crun") == nil, find("runc") == nil { missing.append("crun or runc") }
        if access("/usr/lib/podman/aardvark-dns", X_OK) != 0, find("aardvark-dns") == nil {
            missing.append("aardvark-dns")
        }
        if access("/usr/lib/podman/netavark", X_OK) != 0 { missing.append("netavark") }
        if find("docker-registry") == nil { missing.append("docker-registry") }
        return missing
    }()

    /// Where a skipped kernel test would be a lie: in CI, and where they were asked for.
    static let areDemanded: Bool = {
        let environment = ProcessInfo.processInfo.environment
        return environment["CI"] != nil || environment["RECONCILE_KERNEL_TESTS"] != nil
    }()

    static func check() throws {
        guard missing.isEmpty else { throw Failure("kernel tests need \(missing.joined(separator: ", "))") }
    }

    /// The binary under test: `RECONCILE_BINARY`, else the product beside this test bundle.
    static func binary() throws -> String {
        if let path = ProcessInfo.processInfo.environment["RECONCILE_BINARY"] { return path }
        var buffer = [CChar](repeating: 0, count: 4096)
        guard readlink("/proc/self/exe", &buffer, 4095) > 0 else { throw Failure("cannot read /proc/self/exe") }
        var places = [String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)]
        places += CommandLine.arguments.filter { $0.contains(".xctest") }
        for place in places {
            let path = URL(fileURLWithPath: place).deletingLastPathComponent().appendingPathComponent("reconcile").path
            if access(path, X_OK) == 0 { return path }
        }
        throw Failure("no reconcile beside \(places): build it, or name it in RECONCILE_BINARY")
    }

    private static func find(_ program: String) -> String? {
        ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"].map { "\($0)/\(program)" }
            .first { access($0, X_OK) == 0 }
    }
}

extension Trait where Self == ConditionTrait {
    /// Kernel tests are disabled where they cannot run, but fail where they are demanded: see ``TestHost``.
    static var kernel: Self {
        .enabled(
            if: Requirements.missing.isEmpty || Requirements.areDemanded,
            "needs \(Requirements.missing.joined(separator: ", "))")
    }
}
