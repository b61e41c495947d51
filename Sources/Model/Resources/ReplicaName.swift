/// The name of a service's replica as a container: `pinger.1`, as Docker has it. Names of resources are one DNS label, so
/// no container of a manifest has such a name.
public struct ReplicaName: Hashable, Sendable {
    /// The service's name.
    public let service: String
    /// From 1 on; 0 stands for the service itself: its template, its ports.
    public let number: Int

    /// A name.
    public init(_ service: String, _ number: Int) {
        self.service = service
        self.number = number
    }

    /// Reads a container's name; `nil` where it is no replica's.
    public init?(_ text: String) {
        guard let dot = text.utf8.lastIndex(of: UInt8(ascii: ".")), dot != text.startIndex,
            let number = Int(text[text.utf8.index(after: dot)...]), number >= 0
        else { return nil }
        self.init(String(text[..<dot]), number)
        guard self.text == text else { return nil }
    }

    /// `pinger.1`.
    public var text: String { "\(service).\(number)" }
}

extension ResourceID {
    /// The service that a replica is of; `nil` for all else.
    public var service: ResourceID? {
        kind == .container ? ReplicaName(name).map { .service($0.service) } : nil
    }

    /// What the manifests describe it by: of a replica its service.
    public var described: ResourceID { service ?? self }
}
