import Model
import Planning

/// Changes of firewall objects as the text of one nftables transaction.
struct FirewallTransaction {
    let table: String
    private var flushes: [String] = []
    private var removals: [String] = []
    private var frames: [String] = []
    private var rules: [String] = []
    private var deletedElements: [String: [String]] = [:]
    private var addedElements: [String: [String]] = [:]

    init(table: String, changes: [Change]) {
        self.table = table
        // What goes with its table needs no command of its own.
        let tableGoes = changes.contains { $0.id == .firewallTable && $0.before != nil && $0.action != .update }
        for change in changes {
            if let before = change.before, change.action != .create, !tableGoes || change.id == .firewallTable {
                remove(before, wholly: change.action != .update)
            }
            if let after = change.after { add(after) }
        }
    }

    /// The commands: what goes, before the frame, before what refers to it.
    var text: String {
        var lines: [String] = []
        for (set, keys) in deletedElements.sorted(by: { $0.key < $1.key }) {
            lines.append("delete element inet \(table) \(set) { \(keys.joined(separator: ", ")) }")
        }
        lines += flushes + removals + frames + rules
        for (set, elements) in addedElements.sorted(by: { $0.key < $1.key }) {
            lines.append("add element inet \(table) \(set) { \(elements.joined(separator: ", ")) }")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private mutating func remove(_ object: KernelObject, wholly: Bool) {
        if object.id == .firewallTable {
            removals.append("delete table inet \(table)")
        } else if let element = FirewallElement(name: object.id.name) {
            deletedElements[element.set, default: []].append(Self.key(element))
        } else if let chain = Self.chainName(object.id) {
            // All chains are emptied before the first goes: one that others jump to cannot go.
            flushes.append("flush chain inet \(table) \(chain)")
            if wholly { removals.append("delete chain inet \(table) \(chain)") }
        }
    }

    private mutating func add(_ object: KernelObject) {
        if object.id == .firewallTable {
            frames.insert("add table inet \(table)", at: 0)
            for declaration in object.list(.sets) ?? [] { frames.append(declare(declaration)) }
        } else if let element = FirewallElement(name: object.id.name) {
            let owner = object.owner.map { " comment \"\($0)\"" } ?? ""
            let value = object.string(.target).map { " : \(Self.value($0, in: element.set))" } ?? ""
            addedElements[element.set, default: []].append(Self.key(element) + owner + value)
        } else if let chain = Self.chainName(object.id) {
            frames.append("add chain inet \(table) \(chain)" + (object.string(.hook).map(Self.hook) ?? ""))
            rules += (object.list(.rules) ?? []).map { "add rule inet \(table) \(chain) \($0)" }
        }
    }

    private func declare(_ declaration: String) -> String {
        let parts = declaration.split(separator: " ", maxSplits: 1)
        var type = parts.count > 1 ? String(parts[1]) : ""
        let isInterval = type.hasSuffix(" interval")
        if isInterval { type.removeLast(" interval".count) }
        let keyword = type.contains(" : ") ? "map" : "set"
        let flags = isInterval ? " flags interval;" : ""
        return "add \(keyword) inet \(table) \(parts[0].dropLast()) { type \(type);\(flags) }"
    }

    private static func chainName(_ id: ObjectID) -> String? {
        id.name.hasPrefix("chain ") ? String(id.name.dropFirst(6)) : nil
    }

    private static func hook(_ text: String) -> String {
        let words = text.split(separator: " ")
        guard words.count >= 3 else { return "" }
        return " { type \(words[0]) hook \(words[1]) priority \(words[2]); policy accept; }"
    }

    /// Interface names are quoted; addresses, numbers and protocols are not.
    private static func key(_ element: FirewallElement) -> String {
        element.key.enumerated().map { index, part in
            isName(index, element.set) ? "\"\(part)\"" : part
        }.joined(separator: " . ")
    }

    private static func isName(_ index: Int, _ set: String) -> Bool {
        switch set {
        case "bridges", "closed", "same", "trusted", "snat4", "snat6": true
        case "routed", "unprotected", "outbound": index == 1
        case "subnets4", "subnets6": index == 0
        default: false
        }
    }

    /// An address with its port, an address alone, or a verdict.
    private static func value(_ target: String, in set: String) -> String {
        guard set.hasPrefix("ports"), let colon = target.lastIndex(of: ":"),
            let port = UInt16(target[target.index(after: colon)...])
        else {
            return target
        }
        let address = target[..<colon].drop { $0 == "[" }
        return "\(address.last == "]" ? address.dropLast() : address) . \(port)"
    }
}
