import Model

/// The fields in which a desired object differs from the observed one.
///
/// Every desired field counts, but for what the kernel does not tell just now. Fields that only the kernel knows are its
/// own affair, unless the kind is closed: then what is observed and not desired is to go.
func differences(desired: KernelObject, observed: KernelObject) -> [Change.FieldChange] {
    // The common case by far is a pass in which nothing differs: both sides list the same fields in the same order.
    if desired.fields == observed.fields { return [] }
    var changes: [Change.FieldChange] = []
    for field in desired.fields {
        let before = observed[field.name]
        if case .unknown = before { continue }
        if before != field.value { changes.append(Change.FieldChange(field.name, before: before, after: field.value)) }
    }
    if desired.id.kind.isClosed {
        for field in observed.fields where desired[field.name] == nil {
            changes.append(Change.FieldChange(field.name, before: field.value, after: nil))
        }
    }
    return changes
}
