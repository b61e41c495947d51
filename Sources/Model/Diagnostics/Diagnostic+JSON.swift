extension SourcePosition {
    /// `{file, line, column}`.
    public var json: JSONValue {
        ["file": .string(file), "line": .int(Int64(line)), "column": .int(Int64(column))]
    }

    /// Reads what ``json`` wrote; `nil` for anything else.
    init?(json: JSONValue) {
        guard let file = json["file"]?.string, let line = json["line"]?.int.flatMap({ Int(exactly: $0) }),
            let column = json["column"]?.int.flatMap({ Int(exactly: $0) })
        else { return nil }
        self.init(file: file, line: line, column: column)
    }
}

extension Diagnostic {
    /// `{severity, code, message, cause, hint, resource, source}`.
    public var json: JSONValue {
        [
            "severity": .string(severity.rawValue), "code": .string(code), "message": .string(message),
            "cause": .optional(cause), "hint": .optional(hint), "resource": .optional(resource?.description),
            "source": position?.json ?? .null,
        ]
    }

    /// Reads what ``json`` wrote; `nil` for anything else.
    public init?(json: JSONValue) {
        guard let severity = json["severity"]?.string.flatMap({ Severity(rawValue: $0) }),
            let code = json["code"]?.string, let message = json["message"]?.string
        else { return nil }
        self.init(
            severity, code: code, message, cause: json["cause"]?.string, hint: json["hint"]?.string,
            resource: json["resource"]?.string.flatMap { ResourceID($0) },
            position: json["source"].flatMap { SourcePosition(json: $0) })
    }
}
