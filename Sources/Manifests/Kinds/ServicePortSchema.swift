import Model

enum ServicePortSchema {
    /// `ports:` of a service: as those of a container, and with a mode. A list of both kinds of items is spread out as
    /// there, so that `ports[3]` is the fourth published port.
    static let list = Schema<[ServicePort]>(
        expected: "a list of ports", json: ["type": "array", "items": item.json()]
    ) { node, decoding in
        guard let items = items.read(node, &decoding) else { return nil }
        let spread = items.map { item in item.range.spread.map { ServicePort($0, mode: item.mode) } }
        if spread.contains(where: { $0.count != 1 }) { decoding.spreadPositions(of: spread.map(\.count)) }
        return spread.flatMap { $0 }
    }.rendered { $0.isEmpty ? [] : nil }

    private struct Item: Sendable {
        var range: PortRange
        var mode = ServicePort.Mode.ingress
    }

    private static let items = Schema<[Item]>.list(of: item, "a list of ports", hint: "write [\"9090:80\"]")

    private static let item = Schema<Item>.either(
        scalar: PortSchema.short.map { Item(range: $0) }, map: long,
        "a text such as \"9090:80\", or a map such as { host: 9090, container: 80 }")

    private static let long = Schema<Item>(expected: object.name, json: object.json()) { node, decoding in
        var item = object.initial
        guard object.read(node, into: &item, &decoding), PortSchema.settle(&item.range, node, &decoding) else {
            return nil
        }
        return item
    }

    private static let object = ObjectSchema<Item>(
        "a port", initial: Item(range: PortSchema.object.initial), example: "{ host: 9090, container: 80 }",
        PortSchema.fields(\.range.host, \.range.container, \.range.transport, \.range.address) + [
            Field(
                "mode", \.mode, .choice,
                "ingress leads to the replicas of all nodes, host to those of the node itself.")
        ])
}
