import Model
import Testing

@testable import Containers

@Suite struct SeccompTests {
    let text = """
        {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
         "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]},
                     {"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": null}],
         "syscalls": [
          {"names": ["read", "nosuchcall"], "action": "SCMP_ACT_ALLOW", "args": null},
          {"names": ["bpf"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN", "CAP_BPF"]}},
          {"names": ["mount"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1, "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
          {"names": ["arch_prctl"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["amd64", "x32"]}},
          {"names": ["ptrace"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "4.8"}},
          {"names": ["personality"], "action": "SCMP_ACT_ALLOW",
           "args": [{"index": 0, "value": 8, "valueTwo": 0, "op": "SCMP_CMP_EQ"}]}
         ]}
        """

    private func names(_ resolved: SeccompProfile.Resolved) -> [String] { resolved.rules.flatMap { $0.names } }

    @Test func rulesDependOnCapabilities() throws {
        let profile = try SeccompProfile(text: text)
        let plain = profile.resolve(architecture: "amd64", kernel: (6, 1), capabilities: [])
        #expect(names(plain) == ["read", "nosuchcall", "mount", "arch_prctl", "ptrace", "personality"])
        let half = profile.resolve(architecture: "amd64", kernel: (6, 1), capabilities: ["CAP_SYS_ADMIN"])
        #expect(names(half) == ["read", "nosuchcall", "arch_prctl", "ptrace", "personality"])
        let both = profile.resolve(architecture: "amd64", kernel: (6, 1), capabilities: ["CAP_SYS_ADMIN", "CAP_BPF"])
        #expect(names(both).contains("bpf"))
    }

    @Test func rulesDependOnArchitectureAndKernel() throws {
        let profile = try SeccompProfile(text: text)
        let arm = profile.resolve(architecture: "arm64", kernel: (4, 7), capabilities: [])
        #expect(arm.architectures == ["SCMP_ARCH_AARCH64"])
        #expect(!names(arm).contains("arch_prctl"))
        #expect(!names(arm).contains("ptrace"))
    }

    @Test func documentForTheRuntime() throws {
        let json = try SeccompProfile(text: text).resolve(architecture: "amd64", kernel: (6, 1), capabilities: []).json
        #expect(json["defaultErrnoRet"]?.int == 38)
        #expect(json["architectures"]?.array?.count == 2)
        #expect(json["syscalls"]?.array?.last?["args"]?.array?.first?["value"]?.int == 8)
    }

    @Test func compilesToWholeInstructions() throws {
        let resolved = try SeccompProfile(text: text).resolve(
            architecture: SeccompFilters.host().architecture, kernel: (6, 1), capabilities: [])
        let program = try SeccompCompiler.compile(resolved)
        #expect(!program.isEmpty)
        #expect(program.count % 8 == 0)
        #expect(try SeccompCompiler.compile(resolved) == program)
    }

    @Test func refusesWhatIsNoProfile() {
        #expect(throws: Diagnostic.self) { try SeccompProfile(text: "{}") }
    }
}
