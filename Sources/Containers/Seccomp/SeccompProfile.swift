import FoundationEssentials
import Model

/// A seccomp profile in the form that containers/common and Docker share (`seccomp.json`): rules that depend on the
/// architecture, the kernel and the container's capabilities.
public struct SeccompProfile: Sendable, Decodable {
    struct Architecture: Sendable, Decodable {
        var architecture: String
        var subArchitectures: [String]?
    }

    /// A comparison of one argument.
    struct Argument: Hashable, Sendable, Decodable {
        var index: UInt32
        var value: UInt64
        var valueTwo: UInt64?
        var op: String
    }

    struct Filter: Sendable, Decodable {
        var caps: [String]?
        var arches: [String]?
        var minKernel: String?
    }

    struct Rule: Sendable, Decodable {
        var name: String?
        var names: [String]?
        var action: String
        var errnoRet: UInt32?
        var args: [Argument]?
        var includes: Filter?
        var excludes: Filter?
    }

    var defaultAction: String
    var defaultErrnoRet: UInt32?
    var architectures: [String]?
    var archMap: [Architecture]?
    var syscalls: [Rule]?

    /// Where Debian's golang-github-containers-common puts its profile, and an administrator's own.
    public static let paths = ["/etc/containers/seccomp.json", "/usr/share/containers/seccomp.json"]

    /// From the text of a profile.
    public init(text: String) throws(Diagnostic) {
        do {
            self = try JSONDecoder().decode(SeccompProfile.self, from: Data(text.utf8))
        } catch {
            throw Diagnostic(code: "seccomp-profile", "the seccomp profile cannot be read", cause: "\(error)")
        }
    }

    /// A profile without conditions: what one container gets.
    public struct Resolved: Hashable, Sendable {
        /// One rule for some system calls.
        struct Rule: Hashable, Sendable {
            var names: [String]
            var action: String
            var errnoRet: UInt32?
            var args: [Argument]
        }

        var defaultAction: String
        var defaultErrnoRet: UInt32?
        var architectures: [String]
        var rules: [Rule]

        /// As `linux.seccomp` of the OCI configuration.
        public var json: JSONValue {
            func withErrno(_ members: [JSONValue.Member], _ name: String, _ value: UInt32?) -> [JSONValue.Member] {
                members + (value.map { [.init(name, .int(Int64($0)))] } ?? [])
            }
            let calls = rules.map { rule -> JSONValue in
                var members: [JSONValue.Member] = [
                    .init("names", .strings(rule.names)), .init("action", .string(rule.action)),
                ]
                members = withErrno(members, "errnoRet", rule.errnoRet)
                if !rule.args.isEmpty {
                    let list = rule.args.map { argument -> JSONValue in
                        [
                            "index": .int(Int64(argument.index)),
                            "value": .int(Int64(clamping: argument.value)),
                            "valueTwo": .int(Int64(clamping: argument.valueTwo ?? 0)),
                            "op": .string(argument.op),
                        ]
                    }
                    members.append(.init("args", .array(list)))
                }
                return .object(members)
            }
            return .object(
                withErrno([.init("defaultAction", .string(defaultAction))], "defaultErrnoRet", defaultErrnoRet) + [
                    .init("architectures", .strings(architectures)), .init("syscalls", .array(calls)),
                ])
        }
    }

    /// The rules for an architecture by its Go name (`amd64`), a kernel release and capabilities with `CAP_`.
    public func resolve(architecture: String, kernel: (Int, Int), capabilities: Set<String>) -> Resolved {
        func holds(_ filter: Filter) -> (all: Bool, any: Bool) {
            var tests: [Bool] = (filter.caps ?? []).map { capabilities.contains($0) }
            if let arches = filter.arches, !arches.isEmpty { tests.append(arches.contains(architecture)) }
            if let text = filter.minKernel, !text.isEmpty {
                let parts = text.split(separator: ".").map { Int($0) ?? 0 }
                tests.append((kernel.0, kernel.1) >= (parts.first ?? 0, parts.count > 1 ? parts[1] : 0))
            }
            return (tests.allSatisfy { $0 }, tests.contains(true))
        }
        let native = Self.libseccompNames[architecture]
        let map = archMap?.first { $0.architecture == native }
        let rules = (syscalls ?? []).filter { rule in
            (rule.includes.map { holds($0).all } ?? true) && !(rule.excludes.map { holds($0).any } ?? false)
        }
        return Resolved(
            defaultAction: defaultAction, defaultErrnoRet: defaultErrnoRet,
            architectures: map.map { [$0.architecture] + ($0.subArchitectures ?? []) } ?? architectures ?? [],
            rules: rules.map {
                Resolved.Rule(
                    names: $0.names ?? $0.name.map { [$0] } ?? [], action: $0.action, errnoRet: $0.errnoRet,
                    args: $0.args ?? [])
            })
    }

    private static let libseccompNames = [
        "amd64": "SCMP_ARCH_X86_64", "arm64": "SCMP_ARCH_AARCH64", "s390x": "SCMP_ARCH_S390X",
        "mips64": "SCMP_ARCH_MIPS64", "mips64le": "SCMP_ARCH_MIPSEL64", "ppc64le": "SCMP_ARCH_PPC64LE",
        "riscv64": "SCMP_ARCH_RISCV64",
    ]
}
