import CLinux
import Glibc
import Model

/// The forwarder as a process of its own: `reconcile forward CONFIGURATION`.
///
/// What it serves it says in a file in memory, open as ``ForwardTable/stateDescriptor``: the engine reads it from
/// `/proc/PID/fd` without asking, so neither has to wait for the other, and nobody else can change it.
public enum ForwarderProcess {
    /// Serves the ports of a configuration until SIGTERM, and reads it anew at each SIGHUP. Blocks.
    public static func serve(configuration path: String) throws -> Never {
        // What `ss -p` and our own errors call it: it was started as /proc/self/exe.
        try? File.write("reconcile", to: "/proc/self/comm")
        let hangups = try Hangups()
        let forwarder = Forwarder()
        var table = ForwardTable()
        try publish(table)
        try reload(forwarder, path, &table)
        while true {
            hangups.wait()
            try reload(forwarder, path, &table)
        }
    }

    /// A configuration that cannot be read changes nothing: the engine sees by the generation that it was not taken.
    private static func reload(_ forwarder: Forwarder, _ path: String, _ table: inout ForwardTable) throws {
        guard let text = File.read(path), let wanted = ForwardTable(text: text) else { return }
        table = try forwarder.load(wanted).wait()
        try publish(table)
    }

    /// Puts a new state in the place of the old one, in one step: a reader sees one or the other.
    private static func publish(_ table: ForwardTable) throws {
        let file = memfd_create(ForwardTable.stateName, 0)
        guard file >= 0 else { throw LoopbackSocket.Failure("memfd_create") }
        try File.write(table.text, to: file)
        guard dup3(file, ForwardTable.stateDescriptor, O_CLOEXEC) >= 0 else { throw LoopbackSocket.Failure("dup3") }
        if file != ForwardTable.stateDescriptor { close(file) }
    }
}
