import CLinux
import CSeccomp
import Glibc
import Model

/// Compiles a resolved profile into the program that the kernel runs, through libseccomp.
///
/// crun would do the same at every start, which costs 20 ms of CPU; the result depends on nothing but the profile.
enum SeccompCompiler {
    /// The BPF program (struct sock_filter[]), as the kernel of this machine takes it.
    static func compile(_ profile: SeccompProfile.Resolved) throws(Diagnostic) -> [UInt8] {
        guard let standard = action(profile.defaultAction, profile.defaultErrnoRet),
            let context = seccomp_init(standard)
        else { throw Diagnostic(code: "seccomp-profile", "unknown default action \(profile.defaultAction)") }
        defer { seccomp_release(context) }
        for name in profile.architectures {
            let token = architecture(name)
            // Already there: the native one. Unknown to this libseccomp: nothing of that kind can run here.
            if token != 0 { _ = seccomp_arch_add(context, token) }
        }
        // A binary tree over the numbers instead of a chain: cheaper for each system call of the container.
        _ = seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2)
        for rule in profile.rules {
            guard let action = action(rule.action, rule.errnoRet) else {
                throw Diagnostic(code: "seccomp-profile", "unknown action \(rule.action)")
            }
            // libseccomp refuses rules that do what the default does anyway.
            if action == standard { continue }
            let arguments = try rule.args.map(comparison)
            for name in rule.names {
                let number = seccomp_syscall_resolve_name(name)
                // Not known to this libseccomp: the default action answers.
                if number == -1 { continue }
                let result = seccomp_rule_add_array(context, action, number, UInt32(arguments.count), arguments)
                guard result == 0 || result == -EEXIST else {
                    throw systemError(
                        "seccomp-profile", "the rule for \(name) is refused", call: "seccomp_rule_add", errno: -result)
                }
            }
        }
        let file = memfd_create("seccomp", 0x1)
        guard file >= 0 else { throw systemError("seccomp-profile", "no memory file", call: "memfd_create") }
        let holder = Descriptor(file)
        let result = seccomp_export_bpf(context, holder.number)
        guard result == 0 else {
            throw systemError("seccomp-profile", "no filter", call: "seccomp_export_bpf", errno: -result)
        }
        lseek(file, 0, SEEK_SET)
        return Files.bytes("/proc/self/fd/\(holder.number)") ?? []
    }

    // The SCMP_ACT_ macros of seccomp.h, which Swift does not import.
    private static func action(_ name: String, _ number: UInt32?) -> UInt32? {
        switch name {
        case "SCMP_ACT_ALLOW": 0x7fff_0000
        case "SCMP_ACT_LOG": 0x7ffc_0000
        case "SCMP_ACT_TRACE": 0x7ff0_0000 | (number ?? UInt32(EPERM)) & 0xffff
        case "SCMP_ACT_ERRNO": 0x0005_0000 | (number ?? UInt32(EPERM)) & 0xffff
        case "SCMP_ACT_TRAP": 0x0003_0000
        case "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD": 0
        case "SCMP_ACT_KILL_PROCESS": 0x8000_0000
        default: nil
        }
    }

    private static func architecture(_ name: String) -> UInt32 {
        guard name.hasPrefix("SCMP_ARCH_") else { return 0 }
        return seccomp_arch_resolve_name(name.dropFirst("SCMP_ARCH_".utf8.count).lowercased())
    }

    private static func comparison(_ argument: SeccompProfile.Argument) throws(Diagnostic) -> scmp_arg_cmp {
        let operations: [String: scmp_compare] = [
            "SCMP_CMP_NE": SCMP_CMP_NE, "SCMP_CMP_LT": SCMP_CMP_LT, "SCMP_CMP_LE": SCMP_CMP_LE,
            "SCMP_CMP_EQ": SCMP_CMP_EQ, "SCMP_CMP_GE": SCMP_CMP_GE, "SCMP_CMP_GT": SCMP_CMP_GT,
            "SCMP_CMP_MASKED_EQ": SCMP_CMP_MASKED_EQ,
        ]
        guard let operation = operations[argument.op] else {
            throw Diagnostic(code: "seccomp-profile", "unknown comparison \(argument.op)")
        }
        return scmp_arg_cmp(
            arg: argument.index, op: operation, datum_a: argument.value, datum_b: argument.valueTwo ?? 0)
    }
}
