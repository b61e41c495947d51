/// The keys of questions: `asks/ID` says that there is one, `answers/ID/…` has what it is about and what is answered.
extension FleetKeys {
    /// Where the keys begin that every member follows. Answers lie before it, and concern nobody but who asked.
    var followed: String { prefix + "asks/" }

    func question(_ id: String) -> String { followed + id }

    /// What a question is about. No node has such a name.
    func body(_ id: String, _ piece: Int) -> String { "\(answers(id)).question/\(piece)" }

    func answers(_ id: String) -> String { "\(prefix)answers/\(id)/" }

    /// A piece of an answer. What is said later in the same place takes the place of what was said before.
    func answer(_ id: String, _ node: String, _ place: String, _ piece: Int) -> String {
        "\(answers(id))\(node)/\(place)/\(piece)"
    }

    /// The id of the question that a key says there is; `nil` for other keys.
    func question(of key: String) -> String? {
        let start = followed
        guard key.hasPrefix(start) else { return nil }
        return String(key.dropFirst(start.count))
    }

    /// The node that an answer to a question is of; `nil` for other keys.
    func answerer(of key: String, _ id: String) -> String? {
        let start = answers(id)
        guard key.hasPrefix(start) else { return nil }
        let path = key.dropFirst(start.count).split(separator: "/", omittingEmptySubsequences: false)
        return path.count == 3 && FleetName.isValid(String(path[0])) ? String(path[0]) : nil
    }
}
