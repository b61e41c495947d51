import Foundation
import Glibc
import Testing

/// What these tests need of the machine.
enum Requirements {
    /// What is missing; empty where the tests can run.
    static let missing: [String] = {
        let places = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
        var missing = ["etcd", "etcdctl", "ip", "socat"].filter { program in
            !places.contains { access("\($0)/\(program)", X_OK) == 0 }
        }
        if geteuid() != 0 { missing.append("root") }
        if namespace("self") == namespace("1") { missing.append("a network namespace of their own (make kernel)") }
        return missing
    }()

    /// Where a skipped test would be a lie: in CI, and where they were asked for.
    static let areDemanded: Bool = {
        let environment = ProcessInfo.processInfo.environment
        return environment["CI"] != nil || environment["RECONCILE_KERNEL_TESTS"] != nil
    }()

    private static func namespace(_ pid: String) -> String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/ns/net")) ?? ""
    }
}

extension Trait where Self == ConditionTrait {
    /// Disabled where they cannot run, but they fail where they are demanded.
    static var kernel: Self {
        .enabled(
            if: Requirements.missing.isEmpty || Requirements.areDemanded,
            "needs \(Requirements.missing.joined(separator: ", "))")
    }
}
