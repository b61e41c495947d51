import Glibc
import Synchronization

/// SIGINT and SIGTERM during a pass: the first one lets it end in order, the second ends the process at once.
///
/// Either way nothing is lost: what is half done is finished, or taken away, by the next pass.
enum Interrupts {
    /// The first signal that came; 0: none.
    private static let first = Atomic<Int32>(0)

    private static let words: StaticString =
        "\nInterrupted: finishing what is under way. Once more ends at once.\n"

    /// Takes over both signals.
    static func watch() {
        // Made here: a handler must not be what makes it.
        first.store(0, ordering: .relaxed)
        for signal in [SIGINT, SIGTERM] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { number in
                let saved = errno
                // Only what signal-safety(7) allows.
                if Interrupts.first.compareExchange(expected: 0, desired: number, ordering: .relaxed).exchanged {
                    _ = write(STDERR_FILENO, Interrupts.words.utf8Start, Interrupts.words.utf8CodeUnitCount)
                } else {
                    _exit(128 + number)
                }
                errno = saved
            }
            action.sa_flags = SA_RESTART
            sigaction(signal, &action, nil)
        }
    }

    /// Whether one came.
    static var came: Bool { status != nil }

    /// The exit status of a process that ended because of it, as shells have it; `nil` where none came.
    static var status: Int32? {
        let number = first.load(ordering: .relaxed)
        return number == 0 ? nil : 128 + number
    }
}
