import LinuxHost
import Model

/// Where a repository is: https, http, ssh, `user@host:path`, file, or a path of this host.
///
/// Other transports are refused, `ext::` and its kind among them: they run what the URL says (gitremote-helpers(7)).
public struct GitURL: Hashable, Sendable, CustomStringConvertible {
    /// The transports that git may use, as GIT_ALLOW_PROTOCOL wants them (git(1)).
    static let transports = ["file", "http", "https", "ssh"]

    /// For git, with credentials if the user put some in.
    let text: String
    /// A path of this host, absolute; `nil` for what is elsewhere.
    let localPath: String?
    /// The part between scheme and host that must not be printed.
    private let secret: String?

    /// Reads a URL; throws `git-url`. A relative path is taken from the working directory.
    public init(_ given: String) throws(Diagnostic) {
        guard !given.isEmpty, !given.hasPrefix("-"), given.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f }) else {
            throw Self.wrong(given, "it is empty, begins with a hyphen, or has a blank or a control character")
        }
        if let scheme = Self.scheme(of: given) {
            guard Self.transports.contains(scheme) else { throw Self.wrong(given, "\(scheme) is not among them") }
            text = given
            localPath = scheme == "file" ? String(given.dropFirst("file://".count)) : nil
            secret = Self.secret(in: given, scheme)
            return
        }
        let beforeSlash = given.prefix { $0 != "/" }
        secret = nil
        if beforeSlash.contains("::") { throw Self.wrong(given, "remote helpers are not used") }
        if beforeSlash.contains(":") {
            text = given
            localPath = nil
        } else {
            text = WorkingDirectory.absolute(given)
            localPath = text
        }
    }

    /// Without credentials.
    public var description: String { redact(text) }

    /// A text of git's in which the URL's credentials are not told.
    func redact(_ text: String) -> String {
        guard let secret else { return text }
        var out = ""
        var rest = text[...]
        while let found = rest.firstRange(of: secret) {
            out += rest[..<found.lowerBound] + "***"
            rest = rest[found.upperBound...]
        }
        return out + rest
    }

    private static func scheme(of text: String) -> String? {
        text.firstRange(of: "://").map { text[..<$0.lowerBound].lowercased() }
    }

    /// The user's name alone is no secret with ssh; with http it may be a token.
    private static func secret(in text: String, _ scheme: String) -> String? {
        let authority = text.dropFirst(scheme.utf8.count + 3).prefix { $0 != "/" }
        guard let at = authority.lastIndex(of: "@") else { return nil }
        let user = authority[..<at]
        if user.isEmpty || scheme == "ssh" && !user.contains(":") { return nil }
        return String(user)
    }

    private static func wrong(_ text: String, _ cause: String) -> Diagnostic {
        // What was wrong may be where the password is.
        let shown = text.contains("@") ? "this" : "\"\(text)\""
        return Diagnostic(
            code: "git-url", "\(shown) is no URL of a git repository", cause: cause,
            hint: "https://HOST/PATH, ssh://USER@HOST/PATH, USER@HOST:PATH, file:///PATH or a path")
    }
}

extension StringProtocol {
    /// Where a text first occurs, byte by byte.
    func firstRange(of other: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].utf8.starts(with: other.utf8) {
                return start..<utf8.index(start, offsetBy: other.utf8.count)
            }
            utf8.formIndex(after: &start)
        }
        return nil
    }
}
