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
        // A process that is being started elsewhere in the tests has a copy of the lock for some moments.
        var again: DirectoryLock?
        for _ in 0..<30_000 where again == nil {
            again = try? DirectoryLock(path) { _ in Diagnostic(code: "taken", "taken") }
            if again == nil { usleep(1000) }
        }
        #expect(again != nil)
        #expect(throws: Diagnostic.self) { try DirectoryLock(path + "/none") { _ in Diagnostic(code: "x", "x") } }
    }
}
