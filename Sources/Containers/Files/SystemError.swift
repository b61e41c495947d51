import CLinux
import Glibc
import Model

/// A failed system call as a diagnostic: what was tried, then the call with its errno and the kernel's words.
func systemError(
    _ code: String = "system-call", _ message: String, call: String, errno number: CInt = errno, hint: String? = nil
) -> Diagnostic {
    Diagnostic(code: code, message, cause: "\(call): \(String(cString: strerror(number)))", hint: hint)
}

/// Repeats a call that a signal interrupted.
@discardableResult
func retrying<T: FixedWidthInteger>(_ body: () -> T) -> T {
    while true {
        let result = body()
        if result == -1, errno == EINTR { continue }
        return result
    }
}
