import Model

/// Where an agent's manifests come from.
public protocol InputSource: AnyObject {
    /// Descriptors that become readable when there may be something new, for as long as the source is used.
    var descriptors: [Int32] { get }
    /// When it wants to be asked again in any case.
    var nextDeadline: ContinuousClock.Instant? { get }
    /// Called once, before anything else. `wake` may be called from anywhere: the source is then asked.
    func start(wake: @escaping @Sendable () -> Void) async
    /// Asked whenever the agent wakes; `isForced` where a look at everything was asked for. Returns what is new; `nil`
    /// where nothing is, or not yet.
    func update(at now: ContinuousClock.Instant, isForced: Bool) async -> InputUpdate?
    /// Called after the pass over what was new, for what need not hold it up.
    func finish() throws(Diagnostic)
}

/// What an input source found.
public struct InputUpdate: Sendable {
    /// What is to be made true from now on; `nil` where that stays as it was.
    public var input: PassInput?
    /// What is newly wrong.
    public var diagnostics: [Diagnostic] = []
    /// What happened, for the log.
    public var events: [Event] = []
}
