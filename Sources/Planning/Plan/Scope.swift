import Model

/// A part of the host that can be looked at and planned by itself. What an event may have touched is read again, and
/// nothing else: so the cost of a repair does not grow with the host.
public enum Scope: Hashable, Sendable {
    /// A link of the host with its addresses and settings, where it is no container's.
    case link(String)
    /// A container: its sandbox with all that is in it, the host's ends of its links, the processes that run in it.
    case container(String)
    /// The firewall table.
    case firewall
    /// The forwarder of ::1 and its ports.
    case forwarder
    /// The name servers, and all names that they serve.
    case names
    /// What concerns the host as a whole: settings of links that are not ours, images.
    case host

    /// The scope that an object is in. An object and what it hangs on are in one scope.
    public init(of object: KernelObject) {
        let id = object.id
        if let above = object.hangsOn.first, !above.sandbox.isEmpty {
            self = .container(above.sandbox)
        } else if !id.sandbox.isEmpty {
            self = .container(id.sandbox)
        } else if id.kind == .firewall {
            self = .firewall
        } else if id.kind == .forwarder || id.kind == .forward {
            self = .forwarder
        } else if id.kind == .nameServer || id.kind == .dns || id.kind == .name {
            self = .names
        } else if let owner = object.owner, owner.kind == .container, id.kind != .image {
            self = .container(owner.name)
        } else if id.kind == .link {
            self = .link(id.name)
        } else if !id.link.isEmpty {
            self = .link(id.link)
        } else if let parent = object.hangsOn.first, parent.kind == .link {
            self = .link(parent.name)
        } else {
            self = .host
        }
    }
}

extension Observation {
    /// The same, by scope.
    public func byScope() -> [Scope: Observation] {
        var parts: [Scope: Observation] = [:]
        for (id, object) in objects {
            let ownership: Ownership =
                foreign[id].map { .foreign($0) } ?? (unmarked.contains(id) ? .unmarked : .ours)
            parts[Scope(of: object), default: Observation()].insert(object, ownership)
        }
        return parts
    }
}
