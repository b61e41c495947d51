import Model
import Planning

extension LinuxHost {
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
