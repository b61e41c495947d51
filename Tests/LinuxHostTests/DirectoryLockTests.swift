import Glibc
import LinuxHost
import Model
import Testing

@Suite struct DirectoryLockTests {
    @Test func oneAtATimeHoldsADirectory() throws {
        var name = Array("/tmp/reconcile-lock.XXXXXX".utf8CString)
        let path = try #require(mkdtemp(&name).map { String(cString: $0) })
        defer { rmdir(path) }
        var holders: [Int32?] = []
        func take() throws(Diagnostic) -> DirectoryLock {
            try DirectoryLock(path) { pid in
                holders.append(pid)
                return Diagnostic(code: "taken", "taken")
            }
        }
        do {
            let lock = try take()
            #expect(throws: Diagnostic.self) { try take() }
            #expect(holders == [getpid()])
            withExtendedLifetime(lock) {}
        }
        _ = try take()
        #expect(holders.count == 1)
        #expect(throws: Diagnostic.self) { try DirectoryLock(path + "/none") { _ in Diagnostic(code: "x", "x") } }
    }
}
