import Model

/// The members of a map that is being written: what is absent or empty is left out.
struct Members {
    private(set) var all: [JSONValue.Member] = []

    var json: JSONValue { .object(all) }

    mutating func add(_ name: String, _ value: JSONValue) { all.append(.init(name, value)) }

    mutating func add(_ name: String, _ text: String?) { if let text { add(name, JSONValue.string(text)) } }

    mutating func add(_ name: String, _ number: Int?) { if let number { add(name, JSONValue.int(Int64(number))) } }

    mutating func add(_ name: String, _ flag: Bool) { if flag { add(name, JSONValue.bool(true)) } }

    mutating func add(_ name: String, _ items: [JSONValue]) { if !items.isEmpty { add(name, JSONValue.array(items)) } }

    mutating func add(_ name: String, _ items: [String]) { add(name, items.map { JSONValue.string($0) }) }

    mutating func add(_ name: String, _ members: Members) { if !members.all.isEmpty { add(name, members.json) } }

    mutating func add(_ name: String, _ texts: [String: String]) {
        var members = Members()
        for (key, text) in texts.sorted(by: { $0.key < $1.key }) { members.add(key, text) }
        add(name, members)
    }
}
