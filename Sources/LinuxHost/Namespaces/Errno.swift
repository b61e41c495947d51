import Glibc
import Model

/// A failed system call's errno (errno(3)).
public struct Errno: Error, Hashable, Sendable, CustomStringConvertible {
    /// The number.
    public let code: Int32

    /// That of the calling thread's last failed call.
    public init() { code = errno }

    /// An errno by its number.
    public init(code: Int32) { self.code = code }

    /// The words of strerror(3), with the number.
    public var description: String { "\(String(cString: strerror(code))) (errno \(code))" }

    /// As a diagnostic: what was tried, and the call that failed.
    public func diagnostic(code name: String, _ message: String, call: String) -> Diagnostic {
        Diagnostic(code: name, message, cause: "\(call): \(self)")
    }
}
