/// One way in which somebody spoils what is ours, and what the events must say of it.
struct Sabotage: CustomStringConvertible {
    let script: String
    let place: TestHost.Place
    /// The object, or one of several, that must be told of.
    let objects: [String]
    /// The field that must be named; `nil` where the whole object goes or comes.
    let field: String?
    /// What it hangs on: made anew, these take the object and its repair with them.
    var ancestors: Set<String> = []
    /// The parts of the site that it touches: what happens to the same part at the same time may overtake it.
    let parts: Set<String>
    /// Nobody is told of it: it is found by the look that is taken every minute, or by a full one.
    var isSilent = false

    var description: String { "\(script) (\(place)): \(objects.joined(separator: " or ")) \(field ?? "")" }
}

/// What was done at some moment.
struct Deed {
    /// Milliseconds since 1970, before and after.
    let start: Int64
    let end: Int64
    let what: What

    enum What {
        case sabotage(Sabotage)
        /// Manifests changed, which touches these parts of the site.
        case manifest(Set<String>)
        /// The agent was killed, and the next one started.
        case kill
    }

    /// Whether it may overtake what is done to some parts.
    func touches(_ parts: Set<String>) -> Bool {
        switch what {
        case .sabotage(let sabotage): !sabotage.parts.isDisjoint(with: parts)
        case .manifest(let others): !others.isDisjoint(with: parts)
        case .kill: true
        }
    }
}
