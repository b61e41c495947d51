extension ObjectKind {
    /// The process that serves published ports on ::1: one for all ports of a set.
    public static let forwarder = ObjectKind("forwarder", rank: 74, drifting: [.state, .configuration])

    /// One port that the forwarder listens on, and where it leads. It ends with the forwarder.
    public static let forward = ObjectKind(
        "forward", rank: 75, diesWithParent: true, drifting: [.listening], shown: [.target])
}

extension FieldName {
    /// Whether the forwarder's configuration is what it works by: `loaded`, `missing` or `changed`.
    public static let configuration: FieldName = "configuration"
    /// Whether the forwarder's socket is there.
    public static let listening: FieldName = "listening"
}

extension ObjectID {
    /// The forwarder of ::1.
    public static let forwarder = ObjectID(.forwarder, "[::1]")

    /// A port on ::1: `[::1]:8080/tcp`.
    public static func forward(_ port: UInt16, _ transport: TransportProtocol) -> ObjectID {
        ObjectID(.forward, "[::1]:\(port)/\(transport.rawValue)")
    }
}
