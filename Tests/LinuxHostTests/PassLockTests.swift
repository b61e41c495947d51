import Glibc
import LinuxHost
import Testing

@Suite struct PassLockTests {
    /// Once a holder answered the first few only, and then everybody who asked hung.
    @Test func tellsItsHolderAsOftenAsItIsAsked() throws {
        let set = "test-\(getpid())-asked"
        let lock = try PassLock(set: set)
        for _ in 0..<100 { #expect(PassLock.holder(set) == getpid()) }
        withExtendedLifetime(lock) {}
    }

    @Test func isFreeAgainAfterItsHolder() throws {
        let set = "test-\(getpid())-freed"
        do {
            let lock = try PassLock(set: set)
            #expect(throws: (any Error).self) { try PassLock(set: set) }
            withExtendedLifetime(lock) {}
        }
        var isFree = false
        for _ in 0..<30_000 where !isFree {
            isFree = PassLock.holder(set) == nil && (try? PassLock(set: set)) != nil
            usleep(1000)
        }
        #expect(isFree)
    }
}
