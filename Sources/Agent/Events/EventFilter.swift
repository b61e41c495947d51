import Model

/// Which events are asked for.
public struct EventFilter: Hashable, Sendable {
    /// Events of these resources, or of all where it is empty.
    public var resources: Set<ResourceID>
    /// Events from then on, in milliseconds since 1970.
    public var since: Int64?

    /// All events but for what is given.
    public init(resources: Set<ResourceID> = [], since: Int64? = nil) {
        self.resources = resources
        self.since = since
    }

    func admits(_ event: JSONValue) -> Bool {
        if !resources.isEmpty {
            guard let resource = event["resource"]?.string.flatMap({ ResourceID($0) }), resources.contains(resource)
            else { return false }
        }
        guard let since else { return true }
        // Times of one form and zone compare as texts.
        return (event["time"]?.string ?? "") >= Timestamp.text(since)
    }

    /// True where no earlier line can be asked for. Several writers may be a moment apart.
    func isPast(_ event: JSONValue) -> Bool {
        guard let since, let time = event["time"]?.string else { return false }
        return time < Timestamp.text(since - 60_000)
    }
}
