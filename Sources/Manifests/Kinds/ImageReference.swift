import Model

/// A registry reference, as Docker reads and completes it (github.com/distribution/reference, normalize.go).
struct ImageReference {
    /// `nginx` is `docker.io/library/nginx:latest`; a reference with a digest gets no tag.
    static func normalize(_ text: String) throws(Misreading) -> String {
        var rest = Substring(text)
        var digest = ""
        if let at = rest.utf8.firstIndex(of: UInt8(ascii: "@")) {
            digest = String(rest[at...])
            rest = rest[..<at]
            guard isDigest(digest.dropFirst()) else {
                throw Misreading(hint: "a digest is sha256: and 64 hexadecimal digits")
            }
        }
        var tag = ""
        if let colon = rest.utf8.lastIndex(of: UInt8(ascii: ":")), !rest[colon...].utf8.contains(UInt8(ascii: "/")) {
            tag = String(rest[colon...])
            rest = rest[..<colon]
            guard isTag(tag.dropFirst()) else {
                throw Misreading(
                    hint: "a tag is 1 to 128 letters, digits, _, . and -, and begins with none of the last two")
            }
        }
        let (domain, path) = split(String(rest))
        guard isDomain(domain), path.utf8.count + domain.utf8.count < 255,
            path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy({
                isComponent($0)
            })
        else {
            let hint = path == path.lowercased() ? nil : "repository names are lower case: \(text.lowercased())"
            throw Misreading(hint: hint)
        }
        return "\(domain)/\(path)\(tag.isEmpty && digest.isEmpty ? ":latest" : tag)\(digest)"
    }

    private static func split(_ name: String) -> (domain: String, path: String) {
        if let slash = name.utf8.firstIndex(of: UInt8(ascii: "/")) {
            let first = String(name[..<slash])
            let rest = String(name[name.utf8.index(after: slash)...])
            let isDomain = first.utf8.contains { $0 == 46 || $0 == 58 || $0 >= 65 && $0 <= 90 } || first == "localhost"
            if isDomain {
                if first != "docker.io", first != "index.docker.io" { return (first, rest) }
                return ("docker.io", rest.utf8.contains(UInt8(ascii: "/")) ? rest : "library/\(rest)")
            }
            return ("docker.io", name)
        }
        return ("docker.io", "library/\(name)")
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool { byte >= 97 && byte <= 122 || byte >= 48 && byte <= 57 }

    /// Runs of letters and digits, between them one `.`, one or two `_`, or any number of `-`.
    private static func isComponent(_ text: Substring.UTF8View) -> Bool {
        guard let first = text.first, let last = text.last, isAlphanumeric(first), isAlphanumeric(last)
        else { return false }
        return text.split(whereSeparator: isAlphanumeric).allSatisfy { separator in
            separator.elementsEqual([46]) || separator.elementsEqual([95]) || separator.elementsEqual([95, 95])
                || separator.allSatisfy { $0 == 45 }
        }
    }

    private static func isDomain(_ text: String) -> Bool {
        var host = Substring(text)
        if let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")), text.utf8.last != UInt8(ascii: "]") {
            host = text[..<colon]
            guard let port = Digits.integer(text[text.index(after: colon)...]), (1...65535).contains(port)
            else { return false }
        }
        if host.utf8.first == UInt8(ascii: "["), host.utf8.last == UInt8(ascii: "]") {
            return IPAddress(String(host.dropFirst().dropLast())) != nil
        }
        return Names.isHostname(String(host))
    }

    private static func isTag(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 128, first != 45, first != 46 else { return false }
        return text.utf8.allSatisfy {
            isAlphanumeric($0) || $0 >= 65 && $0 <= 90 || $0 == 95 || $0 == 45 || $0 == 46
        }
    }

    private static func isDigest(_ text: Substring) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let length = ["sha256": 64, "sha384": 96, "sha512": 128][parts[0]] else { return false }
        return parts[1].utf8.count == length
            && parts[1].utf8.allSatisfy { $0 >= 48 && $0 <= 57 || $0 >= 97 && $0 <= 102 }
    }
}
