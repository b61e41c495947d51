import LinuxHost

/// Where an agent's manifests come from.
public protocol InputSource: Sendable {
    /// Descriptors that become readable when there may be something new, for as long as the source is used.
    var descriptors: [Int32] { get }
    /// Asked after a descriptor of its own became readable, after its deadline has passed, and whenever a look at
    /// everything was asked for (`isForced`). Returns the new input; `nil` where nothing is new, or not yet.
    mutating func update(at now: ContinuousClock.Instant, isForced: Bool) async -> InputUpdate?
    /// When it wants to be asked again in any case.
    var nextDeadline: ContinuousClock.Instant? { get }
}

/// What an input source found.
public struct InputUpdate: Sendable {
    /// What is to be made true from now on; `nil` where that is what it was, and there are only events to tell.
    public var input: PassInput?
    /// What happened, one event each, for the log.
    public var events: [Event]

    /// An update.
    public init(input: PassInput?, events: [Event]) {
        self.input = input
        self.events = events
    }
}
