import Model

extension Schema {
    /// A list. All items are read, whatever is wrong with some of them.
    static func list<Item>(
        of item: Schema<Item>, _ expected: String, hint: String? = nil, minimum: Int = 0
    ) -> Schema where Value == [Item] {
        let json: @Sendable () -> JSONValue = {
            var members: [JSONValue.Member] = [.init("type", "array"), .init("items", item.json())]
            if minimum > 0 { members.append(.init("minItems", .int(Int64(minimum)))) }
            return .object(members)
        }
        let render: @Sendable (Value) -> JSONValue? = { items in
            let values = items.compactMap(item.render)
            return values.count == items.count ? .array(values) : nil
        }
        return Schema(expected: expected, json: json(), render: render) { node, decoding in
            let list = decoding.tree[node]
            guard list.kind == .sequence else {
                decoding.reportType(expected, at: node, hint: decoding.tree.isEmpty(node) ? nil : hint)
                return nil
            }
            guard list.count >= minimum else {
                decoding.report("empty-list", "\(decoding.fieldPath) must not be an empty list", hint: hint, at: node)
                return nil
            }
            var items: [Item] = []
            var places: [Int] = []
            items.reserveCapacity(Int(list.count))
            for place in 0..<Int(list.count) {
                let child = decoding.tree.child(list, place)
                if let value = decoding.within(item: place, child, item.read) {
                    items.append(value)
                    places.append(place)
                }
            }
            // The set is checked with what can be read: each item's position must go on being its own.
            if items.count < Int(list.count) { decoding.keepPositions(ofItems: places) }
            return items
        }
    }

    /// A map whose keys are free, under a rule.
    static func dictionary<Item>(
        of item: Schema<Item>, _ expected: String, key: Schema<String> = .text, hint: String? = nil
    ) -> Schema where Value == [String: Item] {
        let json: @Sendable () -> JSONValue = {
            ["type": "object", "additionalProperties": item.json(), "propertyNames": key.json()]
        }
        return Schema(expected: expected, json: json()) { node, decoding in
            guard decoding.tree[node].kind == .mapping else {
                decoding.reportType(expected, at: node, hint: decoding.tree.isEmpty(node) ? nil : hint)
                return nil
            }
            var items: [String: Item] = [:]
            for entry in decoding.tree.entries(node) where decoding.tree[entry.key].kind == .scalar {
                guard let name = decoding.key(entry.key, key.read) else { continue }
                items[name] = decoding.within(key: entry.key, value: entry.value, item.read)
            }
            return items
        }
    }

    /// A short form as a scalar, a long form as a map.
    static func either(scalar short: Schema, map long: Schema, _ expected: String) -> Schema {
        Schema(expected: expected, json: ["anyOf": [short.json(), long.json()]], render: short.render) {
            node, decoding in
            switch decoding.tree[node].kind {
            case .mapping: return long.read(node, &decoding)
            case .scalar where !decoding.tree.isEmpty(node): return short.read(node, &decoding)
            default:
                decoding.reportType(expected, at: node)
                return nil
            }
        }
    }
}
