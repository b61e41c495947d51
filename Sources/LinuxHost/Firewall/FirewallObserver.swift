import Model
import Planning

/// Reads our table back as kernel objects.
struct FirewallObserver {
    let nftables: Nftables
    let table: String
    let memory: FirewallMemory

    /// What the table holds; of a table that is not ours only that it is there.
    func observe() throws(Diagnostic) -> Observation { try memory.recall { () throws(Diagnostic) in try list() } }

    private func list() throws(Diagnostic) -> Observation {
        guard let items = try nftables.list(table: table) else { return Observation() }
        return Self.observation(items, table: table)
    }

    /// What a listing of libnftables says of a table.
    static func observation(_ items: [JSONValue], table: String) -> Observation {
        var objects: [KernelObject] = []
        var declarations: [String] = []
        var hooks: [(name: String, hook: String?)] = []
        var rules: [String: [String]] = [:]
        for item in items {
            guard let member = item.members?.first else { continue }
            let value = member.value
            switch member.name {
            case "set", "map":
                let name = value["name"]?.string ?? ""
                declarations.append("\(name): \(Self.type(of: value))")
                objects += Self.elements(of: value, in: name)
            case "chain": hooks.append((value["name"]?.string ?? "", Self.hook(of: value)))
            case "rule":
                let text = RuleText.rule(value["expr"]?.array ?? [])
                rules[value["chain"]?.string ?? "", default: []].append(text)
            default: break
            }
        }
        let owner = ResourceID.host("firewall")
        let isEmpty = declarations.isEmpty && hooks.isEmpty
        guard isEmpty || declarations.contains(where: { $0.hasPrefix("\(FirewallElement.mark): ") }) else {
            let whose = "table inet \(table) bears no mark of reconcile"
            return Observation(objects: [KernelObject(.firewallTable)], foreign: [.firewallTable: whose])
        }
        for (name, hook) in hooks {
            var fields = [Field(.rules, .list(rules[name] ?? []))]
            if let hook { fields.insert(Field(.hook, .string(hook)), at: 0) }
            objects.append(
                KernelObject(
                    .firewallChain(name), owner: BalanceChain(name).map { .service($0.service) } ?? owner,
                    fields: fields, hangsOn: [.firewallTable]))
        }
        objects.append(
            KernelObject(.firewallTable, owner: owner, fields: [Field(.sets, .list(declarations.sorted()))]))
        return Observation(objects: objects)
    }

    private static func type(of set: JSONValue) -> String {
        let key =
            set["type"]?.array?.compactMap(\.string).joined(separator: " . ") ?? set["type"]?.string
            // Later versions of the library tell where the number is read.
            ?? (set["type"]?["typeof"] == nil ? "?" : "integer")
        let value = set["map"]?.string.map { " : \($0)" } ?? ""
        let isInterval = set["flags"]?.array?.contains("interval") == true
        return key + value + (isInterval ? " interval" : "")
    }

    private static func hook(of chain: JSONValue) -> String? {
        guard let type = chain["type"]?.string, let hook = chain["hook"]?.string, let priority = chain["prio"]?.int
        else { return nil }
        let policy = chain["policy"]?.string ?? "accept"
        return "\(type) \(hook) \(priority)" + (policy == "accept" ? "" : " policy \(policy)")
    }

    private static func elements(of set: JSONValue, in name: String) -> [KernelObject] {
        let isMap = set["map"] != nil
        let types = set["type"]?.array?.map { $0.string ?? "" } ?? [set["type"]?.string ?? ""]
        return (set["elem"]?.array ?? []).map { item in
            let pair = isMap ? item.array : nil
            var key = pair?.first ?? item
            var owner: ResourceID?
            if let element = key["elem"] {
                owner = element["comment"]?.string.flatMap { ResourceID($0) }
                key = element["val"] ?? .null
            }
            let target = pair?.last.map { [Field(.target, .string(Self.target($0)))] } ?? []
            let values = key["concat"]?.array ?? [key]
            let parts = values.enumerated().map { Self.word($1, of: $0 < types.count ? types[$0] : "") }
            return KernelObject(
                FirewallElement(set: name, key: parts).id, owner: owner ?? .host("firewall"), fields: target,
                hangsOn: [.firewallTable])
        }
    }

    /// Numbers of protocols (IANA): asked for as numbers, since by name each would read /etc/protocols anew.
    static let protocols: [Int64: String] = [6: "tcp", 17: "udp", 132: "sctp"]

    /// One part of a key, of the type that its set declares: 6 is TCP as a protocol, and a port as a port.
    private static func word(_ value: JSONValue, of type: String) -> String {
        switch value {
        case .string(let text): return text
        case .int(let number): return (type == "inet_proto" ? Self.protocols[number] : nil) ?? "\(number)"
        default:
            guard let prefix = value["prefix"] else { return value.text() }
            return "\(prefix["addr"]?.string ?? "?")/\(prefix["len"]?.int ?? -1)"
        }
    }

    /// An address and port as `10.0.0.2:80`, an address as it is, a verdict as `goto icc`.
    private static func target(_ value: JSONValue) -> String {
        if let parts = value["concat"]?.array, parts.count == 2, let address = parts[0].string, let port = parts[1].int
        {
            return address.utf8.contains(UInt8(ascii: ":")) ? "[\(address)]:\(port)" : "\(address):\(port)"
        }
        if let address = value.string { return address }
        guard let verdict = value.members?.first else { return value.text() }
        return verdict.value["target"]?.string.map { "\(verdict.name) \($0)" } ?? verdict.name
    }
}
