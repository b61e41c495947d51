import Foundation
import Model

extension ObjectID {
    /// Reads an id as plans print it: `address 10.20.0.10/24 on eth0 in web`.
    init?(text: String) {
        let kinds: [ObjectKind] = [
            .image, .sandbox, .link, .address, .route, .sysctl, .firewall, .forwarder, .forward, .nameServer,
            .dns, .name, .process,
        ]
        let words = text.split(separator: " ", maxSplits: 1).map(String.init)
        guard words.count == 2, let kind = kinds.first(where: { $0.name == words[0] }) else { return nil }
        var name = words[1]
        func cut(_ separator: String) -> String {
            guard let range = name.range(of: separator) else { return "" }
            defer { name = String(name[..<range.lowerBound]) }
            return String(name[range.upperBound...])
        }
        var sandbox = cut(" in ")
        let link = cut(" on ")
        if kind == .sandbox || kind == .process { sandbox = name }
        self.init(kind, name, on: link, in: sandbox)
    }
}

extension FieldValue {
    /// A field's value as a test file writes it; `{"secret": …}` for a secret.
    init?(json: JSONValue) {
        let fields = FieldCoding.decode([["x", json]])
        guard let value = fields?.first?.value else { return nil }
        self = value
    }
}
