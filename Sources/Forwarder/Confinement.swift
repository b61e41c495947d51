import CLinux
import Glibc

/// Gives up what a server of ours does not need: it takes bytes from anybody.
public enum Confinement {
    /// Waits until the engine has put this process into its control group (a byte at descriptor 3), then runs this
    /// program anew with one capability, CAP_NET_BIND_SERVICE, and with these arguments (the first is its name).
    ///
    /// Capabilities belong to a thread, and there are several by now: only execve(2) makes those of this one the whole
    /// process's. Returns only where something fails, with what it is.
    public static func enter(_ arguments: [String]) -> String {
        giveUp() ?? execute("/proc/self/exe", arguments)
    }

    /// The same for another program, given by its path and its arguments: it gets no descriptor beyond the standard ones.
    public static func become(_ command: [String]) -> String {
        guard let program = command.first, program.hasPrefix("/") else { return "a program is missing" }
        if let failure = giveUp() { return failure }
        close(3)
        return execute(program, command)
    }

    private static func giveUp() -> String? {
        var byte: UInt8 = 0
        // At the end of the pipe the engine is gone: nobody would ever find this process.
        guard read(3, &byte, 1) == 1 else { return "reconcile starts this command by itself, when it is needed" }
        let bind: CUnsignedLong = 10
        for capability in CUnsignedLong(0)..<64 where capability != bind {
            // What cannot be dropped is not there, or was never to be had.
            _ = reconcile_prctl(CInt(PR_CAPBSET_DROP), capability, 0, 0, 0)
        }
        _ = reconcile_prctl(CInt(PR_SET_NO_NEW_PRIVS), 1, 0, 0, 0)
        return nil
    }

    private static func execute(_ path: String, _ arguments: [String]) -> String {
        // Threads of a pool block all signals, and whoever is blocked at execve(2) stays so: the program would never hear
        // that it is to read its files anew.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigprocmask(SIG_SETMASK, &signals, nil)
        var pointers = arguments.map { strdup($0) } + [nil]
        execv(path, &pointers)
        return "execve: \(String(cString: strerror(errno)))"
    }
}
