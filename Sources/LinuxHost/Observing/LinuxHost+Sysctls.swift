import Model
import Planning

extension LinuxHost {
    /// Notes which of these settings of the host another set has made, and this one found as it wants them: they stay until
    /// the last of both is done with them.
    public func share(sysctls: some Sequence<KernelObject>) throws(Diagnostic) {
        try sysctlMemory.share(sysctls.lazy.filter { $0.hangsOn.isEmpty }.map(\.id.name))
    }

    /// Reads single sysctls of the host by their files. Those that are not there are missing.
    public func observe(sysctls: [KernelObject]) -> Observation {
        var observation = Observation()
        let remembered = sysctlMemory.ours()
        for var object in sysctls {
            guard let value = SmallFile.read("/proc/sys/\(object.id.name)") else { continue }
            object.fields = [Field(.value, .string(value))]
            observation.insert(object, remembered.contains(object.id.name) ? .ours : .unmarked)
        }
        return observation
    }
}
