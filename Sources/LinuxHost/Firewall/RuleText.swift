import Model

/// Writes a rule that libnftables gives as JSON in nftables' own language, so that what the kernel holds can be
/// compared with what we wrote. A statement that we never write comes out as its JSON: different from all of ours.
enum RuleText {
    static func rule(_ expressions: [JSONValue]) -> String {
        expressions.map(statement).joined(separator: " ")
    }

    private static func statement(_ value: JSONValue) -> String {
        guard let member = value.members?.first else { return value.text() }
        switch member.name {
        case "match": return match(member.value)
        case "accept", "drop", "return", "masquerade": return member.name
        case "jump", "goto": return "\(member.name) \(member.value["target"]?.string ?? "?")"
        case "vmap": return mapping(member.value, keyword: "vmap")
        case "dnat", "snat":
            let family = member.value["family"]?.string.map { "\($0) " } ?? ""
            guard let map = member.value["addr"]?["map"] else { return value.text() }
            return "\(member.name) \(family)to " + mapping(map, keyword: "map")
        default: return value.text()
        }
    }

    private static func match(_ value: JSONValue) -> String {
        let left = value["left"].map(expression) ?? "?"
        var right = value["right"].map(expression) ?? "?"
        if left == "meta l4proto", let number = value["right"]?.int {
            right = FirewallObserver.protocols[number] ?? right
        }
        let operation = value["op"]?.string ?? "?"
        return operation == "==" || operation == "in" ? "\(left) \(right)" : "\(left) \(operation) \(right)"
    }

    private static func mapping(_ value: JSONValue, keyword: String) -> String {
        let data = value["data"]?.string ?? value["data"]?["set"]?.array.map(pairs) ?? "?"
        return "\(value["key"].map(expression) ?? "?") \(keyword) \(data)"
    }

    /// A map without a name. The kernel keeps no order.
    private static func pairs(_ items: [JSONValue]) -> String {
        let sorted = items.compactMap(\.array).sorted { ($0.first?.int ?? 0) < ($1.first?.int ?? 0) }
        return "{ " + sorted.map { $0.map(expression).joined(separator: " : ") }.joined(separator: ", ") + " }"
    }

    private static func expression(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): return text == "lo" ? "\"lo\"" : text
        case .int(let number): return String(number)
        case .array(let items): return items.map(expression).joined(separator: ",")
        default: break
        }
        guard let member = value.members?.first else { return value.text() }
        switch member.name {
        case "meta":
            let key = member.value["key"]?.string ?? "?"
            return ["iifname", "oifname"].contains(key) ? key : "meta \(key)"
        case "ct": return "ct \(member.value["key"]?.string ?? "?")"
        case "payload" where member.value["base"] != nil:
            let place = [member.value["offset"], member.value["len"]].map { $0?.int ?? -1 }
            return "@\(member.value["base"]?.string ?? "?"),\(place[0]),\(place[1])"
        case "payload": return "\(member.value["protocol"]?.string ?? "?") \(member.value["field"]?.string ?? "?")"
        case "concat": return (member.value.array ?? []).map(expression).joined(separator: " . ")
        case "numgen":
            let offset = member.value["offset"]?.int ?? 0
            return "numgen \(member.value["mode"]?.string ?? "?") mod \(member.value["mod"]?.int ?? 0)"
                + (offset == 0 ? "" : " offset \(offset)")
        case "prefix": return "\(member.value["addr"]?.string ?? "?")/\(member.value["len"]?.int ?? -1)"
        case "fib":
            let flags = member.value["flags"]?.array?.compactMap(\.string).joined(separator: " . ") ?? "?"
            return "fib \(flags) \(member.value["result"]?.string ?? "?")"
        default: return value.text()
        }
    }
}
