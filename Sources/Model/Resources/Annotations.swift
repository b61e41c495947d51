/// The annotations that mean something to us. All others are free.
public enum Annotations {
    /// What begins the names of ours.
    public static let prefix = "reconcile/"
    /// What is done about drift of a resource; see ``Mode``.
    public static let mode = "reconcile/mode"

    /// Values of ``mode``.
    public enum Mode: String, Hashable, Sendable, CaseIterable {
        /// Drift is repaired: the default.
        case repair
        /// Drift is reported and not repaired. What the manifests change is applied all the same.
        case detectOnly = "detect-only"
    }
}

extension Metadata {
    /// Whether drift of the resource is only reported.
    public var isDetectOnly: Bool { annotations[Annotations.mode] == Annotations.Mode.detectOnly.rawValue }
}

extension ResourceSet {
    /// The resources of which drift is only reported. With a service that goes for all its replicas.
    public var detectOnly: Set<ResourceID> {
        let services = services.lazy.filter(\.metadata.isDetectOnly)
        return Set(
            networks.lazy.filter(\.metadata.isDetectOnly).map(\.id)
                + containers.lazy.filter(\.metadata.isDetectOnly).map(\.id)
                + services.map(\.id)
                + services.flatMap { service in
                    (0..<service.replicas).lazy.map { .container(ReplicaName(service.metadata.name, $0 + 1).text) }
                })
    }
}
