import Model

/// How processes ended that are to run: why a plan starts them again.
public enum ProcessEnds {
    /// In words, by object. `end` answers by a container's name; `nil` of one that did not end.
    public static func reasons(_ desired: [KernelObject], _ end: (String) -> ProcessEnd?) -> [ObjectID: String] {
        var reasons: [ObjectID: String] = [:]
        for object in desired where object.id.kind == .process {
            if let end = end(object.id.name) { reasons[object.id] = end.description }
        }
        return reasons
    }
}
