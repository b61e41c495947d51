import Drivers
import Model

/// Makes of a rule, as libnftables gives it in JSON (libnftables-json(5)), what matters of it for what we forward.
struct HostRuleParser {
    /// The elements of a named set or map of the rule's table; `nil` where it cannot be had.
    let elements: (String) -> [JSONValue]?

    /// Statements that decide nothing and ask nothing.
    private static let silent: Set<String> = [
        "counter", "log", "mangle", "meta", "ct", "ct helper", "ct timeout", "ct expectation", "notrack", "flow", "set",
        "map", "comment", "dup", "fwd", "masquerade", "snat", "dnat", "redirect", "tproxy", "synproxy",
    ]

    /// True where the JSON does not tell what a match of iptables asks for.
    static func needsText(_ rule: JSONValue) -> Bool {
        rule["expr"]?.array?.contains { isConntrack($0) } ?? false
    }

    private static func isConntrack(_ statement: JSONValue) -> Bool {
        guard let xt = statement["xt"], xt["type"]?.string == "match" else { return false }
        return xt["name"]?.string == "conntrack" || xt["name"]?.string == "state"
    }

    /// The rules in the text of a chain, by their handles.
    static func linesByHandle(_ text: String) -> [Int64: String] {
        var lines: [Int64: String] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count > 2, words[words.count - 2] == "handle", let handle = Int64(words[words.count - 1]) else {
                continue
            }
            lines[handle] = String(line)
        }
        return lines
    }

    /// What a rule decides: nothing, one thing, or with a verdict map several.
    func rules(_ rule: JSONValue, text: String?) -> [HostFirewall.Rule] {
        var conditions: [HostFirewall.Condition] = []
        for statement in rule["expr"]?.array ?? [] {
            guard let member = statement.members?.first else { continue }
            switch member.name {
            case "match": conditions.append(condition(member.value))
            case "accept": return [HostFirewall.Rule(conditions, .accept)]
            case "drop", "reject": return [HostFirewall.Rule(conditions, .drop)]
            case "return": return [HostFirewall.Rule(conditions, .returns)]
            case "jump", "goto": return Self.verdict(statement).map { [HostFirewall.Rule(conditions, $0)] } ?? []
            case "vmap": return mapped(member.value, conditions)
            case "xt":
                if Self.isConntrack(statement) {
                    conditions += Self.conntrack(text)
                } else if member.value["type"]?.string == "target" {
                    // Of the others, such as LOG and MARK, those that decide do not drop.
                    return member.value["name"]?.string == "REJECT" ? [HostFirewall.Rule(conditions, .drop)] : []
                } else if member.value["name"]?.string != "comment" {
                    conditions.append(.other)
                }
            default: if !Self.silent.contains(member.name) { conditions.append(.other) }
            }
        }
        return []
    }

    /// The states and statuses in the text of a rule: `ct state related,established`.
    private static func conntrack(_ text: String?) -> [HostFirewall.Condition] {
        let words = (text ?? "").split(separator: " ").map(String.init)
        var conditions: [HostFirewall.Condition] = []
        for index in words.indices where words[index] == "ct" && index + 2 < words.count {
            let isNegated = words[index + 2] == "!=" || words[index + 2] == "!"
            let place = index + (isNegated ? 3 : 2)
            guard place < words.count else { continue }
            let values = words[place].split(separator: ",").map(String.init)
            switch words[index + 1] {
            case "state": conditions.append(.state(values, isNegated: isNegated))
            case "status": conditions.append(.status(values, isNegated: isNegated))
            default: conditions.append(.other)
            }
        }
        return conditions.isEmpty ? [.other] : conditions
    }

    private static func verdict(_ value: JSONValue) -> HostFirewall.Verdict? {
        guard let member = value.members?.first else { return nil }
        switch member.name {
        case "accept": return .accept
        case "drop", "reject": return .drop
        case "return": return .returns
        case "jump": return member.value["target"]?.string.map { .jump($0) }
        case "goto": return member.value["target"]?.string.map { .goto($0) }
        default: return nil
        }
    }

    /// A rule an element of a verdict map.
    private func mapped(_ map: JSONValue, _ conditions: [HostFirewall.Condition]) -> [HostFirewall.Rule] {
        let key = map["key"] ?? .null
        let inline = map["data"]?["set"]?.array
        let named = inline == nil ? map["data"]?.string.flatMap { elements(String($0.dropFirst())) } : nil
        return (inline ?? named ?? []).compactMap { pair in
            guard let parts = pair.array, parts.count == 2, let verdict = Self.verdict(parts[1]) else { return nil }
            let value = parts[0]["elem"]?["val"] ?? parts[0]
            return HostFirewall.Rule(conditions + [condition(["op": "==", "left": key, "right": value])], verdict)
        }
    }

    private func condition(_ match: JSONValue) -> HostFirewall.Condition {
        let operation = match["op"]?.string ?? "=="
        guard ["==", "!=", "in"].contains(operation), let left = match["left"], let right = match["right"] else {
            return .other
        }
        let isNegated = operation == "!="
        if let key = left["meta"]?["key"]?.string {
            switch key {
            case "iifname", "iif", "oifname", "oif":
                guard let names = values(right)?.map({ $0.string }), !names.contains(nil) else { return .other }
                return .link(isInput: key.hasPrefix("i"), names.compactMap { $0 }, isNegated: isNegated)
            case "nfproto" where !isNegated:
                switch right.string {
                case "ipv4": return .family(.ipv4)
                case "ipv6": return .family(.ipv6)
                default: return .other
                }
            default: return .other
            }
        }
        if let key = left["ct"]?["key"]?.string {
            guard let words = values(right)?.compactMap(\.string) else { return .other }
            switch key {
            case "state": return .state(words, isNegated: isNegated)
            case "status": return .status(words, isNegated: isNegated)
            default: return .other
            }
        }
        return payload(left, right, isNegated) ?? .other
    }

    private func payload(_ left: JSONValue, _ right: JSONValue, _ isNegated: Bool) -> HostFirewall.Condition? {
        guard let field = left["payload"]?["field"]?.string, let values = values(right) else { return nil }
        switch (left["payload"]?["protocol"]?.string ?? "", field) {
        case ("ip", "saddr"), ("ip6", "saddr"), ("ip", "daddr"), ("ip6", "daddr"):
            let prefixes = values.map(Self.prefix)
            guard !prefixes.contains(nil) else { return nil }
            return .address(isSource: field == "saddr", prefixes.compactMap { $0 }, isNegated: isNegated)
        case ("tcp", "dport"), ("udp", "dport"), ("th", "dport"), ("sctp", "dport"):
            let ranges = values.map(Self.range)
            guard !ranges.contains(nil) else { return nil }
            return .port(ranges.compactMap { $0 }, isNegated: isNegated)
        default: return nil
        }
    }

    /// One value, those of a set in the rule, or those of a named set.
    private func values(_ right: JSONValue) -> [JSONValue]? {
        let items: [JSONValue]
        if let set = right["set"]?.array {
            items = set
        } else if let list = right.array {
            items = list
        } else if let name = right.string, name.hasPrefix("@") {
            guard let found = elements(String(name.dropFirst())) else { return nil }
            items = found
        } else {
            items = [right]
        }
        return items.map { $0["elem"]?["val"] ?? $0 }
    }

    private static func prefix(_ value: JSONValue) -> IPPrefix? {
        if let address = value.string.flatMap({ IPAddress($0) }) {
            return IPPrefix(address, length: address.family == .ipv4 ? 32 : 128)
        }
        guard let address = value["prefix"]?["addr"]?.string, let length = value["prefix"]?["len"]?.int else {
            return nil
        }
        return IPPrefix("\(address)/\(length)")
    }

    private static func range(_ value: JSONValue) -> ClosedRange<UInt16>? {
        if let port = value.int.flatMap({ UInt16(exactly: $0) }) { return port...port }
        guard let ends = value["range"]?.array?.compactMap(\.int), ends.count == 2,
            let low = UInt16(exactly: ends[0]), let high = UInt16(exactly: ends[1]), low <= high
        else { return nil }
        return low...high
    }
}
