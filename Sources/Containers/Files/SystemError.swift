import CLinux
import Glibc
import Model

/// A failed system call as a diagnostic: what was tried, then the call with its errno and the kernel's words.
package func systemError(
    _ code: String, _ message: String, call: String, errno number: CInt = errno, hint: String? = nil
) -> Diagnostic {
    Diagnostic(code: code, message, cause: "\(call): \(String(cString: strerror(number)))", hint: hint)
}

/// The same with a code that says no more than that a system call failed.
package func systemError(_ message: String, call: String, errno number: CInt = errno) -> Diagnostic {
    systemError("system-call", message, call: call, errno: number)
}

/// Repeats a call that a signal interrupted.
@discardableResult
package func retrying<T: FixedWidthInteger>(_ body: () -> T) -> T {
    while true {
        let result = body()
        if result == -1, errno == EINTR { continue }
        return result
    }
}
