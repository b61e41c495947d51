import Model

/// `metadata.annotations`: names as Kubernetes has them, and a check of those that mean something to us.
enum AnnotationSchema {
    static let map = Schema<[String: String]>(expected: texts.expected, json: json()) { node, decoding in
        guard let annotations = texts.read(node, &decoding) else { return nil }
        let before = decoding.errorCount
        for entry in decoding.tree.entries(node) where decoding.tree[entry.key].kind == .scalar {
            let name = decoding.tree.string(entry.key)
            guard name.hasPrefix(Annotations.prefix), let text = annotations[name] else { continue }
            check(name, text, entry.key, entry.value, &decoding)
        }
        return decoding.errorCount == before ? annotations : nil
    }

    private static let modes = Annotations.Mode.allCases.map(\.rawValue)

    private static let texts = Schema<[String: String]>.dictionary(
        of: .text, "a map of texts",
        key: .text(
            "a name such as owner or example.org/owner: letters, digits, -, _ and ., at most 63, after an optional "
                + "DNS name and a slash", where: isName),
        hint: "write { example.org/owner: me }")

    /// Only our own are known.
    private static func check(
        _ name: String, _ text: String, _ key: NodeIndex, _ value: NodeIndex, _ decoding: inout Decoding
    ) {
        guard name == Annotations.mode else {
            decoding.report(
                "unknown-annotation", "there is no annotation \(quoted(name))",
                hint: NearestName.hint(for: name, among: [Annotations.mode])
                    ?? "of those that begin with \(Annotations.prefix) there is \(Annotations.mode)", at: key)
            return
        }
        guard !modes.contains(text) else { return }
        decoding.report(
            "invalid-value", "the annotation \(name) must be \(modes.joined(separator: " or ")), not \(quoted(text))",
            hint: NearestName.hint(for: text, among: modes), at: value)
    }

    /// An optional DNS subdomain with a slash, then at most 63 letters, digits, `-`, `_` and `.` with a letter or digit
    /// at both ends (Kubernetes' rule for annotations).
    private static func isName(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let name = parts.last, (1...63).contains(name.count) else { return false }
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            byte >= 48 && byte <= 57 || byte >= 65 && byte <= 90 || byte >= 97 && byte <= 122
        }
        guard let first = name.first, let last = name.last, isAlphanumeric(first), isAlphanumeric(last),
            name.allSatisfy({ isAlphanumeric($0) || $0 == 45 || $0 == 95 || $0 == 46 })
        else { return false }
        return parts.count == 1 || Names.isHostname(String(decoding: parts[0], as: UTF8.self))
    }

    private static func json() -> JSONValue {
        [
            "type": "object", "additionalProperties": Schema<String>.anyScalar,
            "properties": [
                Annotations.mode: [
                    "enum": .strings(modes), "description": "What is done about drift of the resource.",
                    "default": .string(Annotations.Mode.repair.rawValue),
                ]
            ],
            "propertyNames": ["pattern": "^([a-zA-Z0-9_.-]+/)?[a-zA-Z0-9]([a-zA-Z0-9_.-]*[a-zA-Z0-9])?$"],
        ]
    }
}
