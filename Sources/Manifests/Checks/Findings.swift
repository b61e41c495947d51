import Model

/// Collects what rules find. The lines of the manifests are added where the text is at hand.
struct Findings {
    private(set) var diagnostics: [Diagnostic] = []

    /// An error of a resource, at one of its fields (a path below `spec`).
    mutating func report(
        _ code: String, _ message: String, hint: String? = nil, _ id: ResourceID, _ metadata: Metadata, at field: String
    ) {
        diagnostics.append(
            Diagnostic(code: code, message, hint: hint, resource: id, position: metadata.position(of: field)))
    }

    /// An error of a network.
    mutating func report(
        _ code: String, _ message: String, hint: String? = nil, _ network: Network, at field: String
    ) { report(code, message, hint: hint, network.id, network.metadata, at: field) }

    /// An error of a container, or of a service where the container is its template.
    mutating func report(
        _ code: String, _ message: String, hint: String? = nil, _ container: Container, at field: String
    ) { report(code, message, hint: hint, container.id.described, container.metadata, at: field) }

    /// An error of a service.
    mutating func report(
        _ code: String, _ message: String, hint: String? = nil, _ service: Service, at field: String
    ) { report(code, message, hint: hint, service.id, service.metadata, at: field) }

    /// Takes over what other rules found.
    mutating func add(_ more: [Diagnostic]) { diagnostics += more }
}

/// The networks that exist without a manifest.
enum Predefined {
    static let bridge = "bridge"
    static let host = "host"
    static let none = "none"
    static let networks = [bridge, host, none]
}

/// Whether two resources can be on one node: not where their selectors want different values of one label.
enum NodeSelectors {
    static func meet(_ left: [String: String], _ right: [String: String]) -> Bool {
        left.isEmpty || right.isEmpty || left.allSatisfy { right[$0.key] == nil || right[$0.key] == $0.value }
    }
}
