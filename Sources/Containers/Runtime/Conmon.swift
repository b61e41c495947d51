import FoundationEssentials
import Glibc
import Model

/// Runs `RUNTIME create` under conmon, which then stays as the container's parent: it holds its output, writes its
/// log and its exit code, and outlives us.
struct Conmon {
    let runtime: ContainerRuntime
    let launch: ContainerLaunch

    /// Bytes after which conmon begins the log anew.
    static let logSize = 10 << 20

    /// What conmon writes into its sync pipe: the container's pid, or -1 and what the runtime said.
    private struct Answer: Decodable {
        var data: Int32?
        var message: String?
    }

    /// Creates the container and returns the pid of its process, which waits to be started.
    func create() throws(Diagnostic) -> pid_t {
        // conmon writes its answer here. It has to be read: conmon dies at a closed pipe, and the container stays
        // created without anyone who would write its exit code.
        var sync = try Pipe()
        // conmon waits for this byte before it forks, so that all its children are in our group from the start.
        let go = try Pipe()
        var helper = Helper(path: runtime.conmon, arguments: arguments)
        helper.environment["_OCI_SYNCPIPE"] = "3"
        helper.environment["_OCI_STARTPIPE"] = "4"
        // Where memory ran out conmon leaves an empty file `oom` in its working directory (before 2.1.13), or in the bundle.
        helper.directory = runtime.layout.container(launch.id)
        helper.descriptors = [sync.write.number, go.read.number]
        helper.cgroup = Cgroup(runtime.layout.conmonCgroup, runtime.cgroups)
        helper.timeout = 60_000
        let release = go.write.number
        let result = try helper.run {
            var byte: UInt8 = 0
            _ = write(release, &byte, 1)
        }
        guard result.code == 0 else {
            throw Diagnostic(
                code: "start-failed", "conmon failed for container \(launch.id.name)",
                cause: result.timedOut ? "conmon did not answer within 60 s" : "conmon: \(result.errorText)")
        }
        sync.closeWrite()
        return try answer(from: sync.read.number)
    }

    private var arguments: [String] {
        let layout = runtime.layout
        let directory = layout.container(launch.id)
        return [
            "--api-version", "1",
            "--cid", launch.id.text, "--cuuid", launch.id.text, "--name", launch.id.name,
            "--runtime", runtime.choice.path, "--runtime-arg", "--root", "--runtime-arg", layout.runtimeRoot,
            "--bundle", directory,
            "--container-pidfile", directory + "/pid", "--conmon-pidfile", directory + "/conmon.pid",
            "--exit-dir", directory + "/exit",
            // Without an existing directory conmon exits 0 and has made nothing.
            "--socket-dir-path", directory, "--full-attach",
            "--log-path", "k8s-file:" + layout.log(launch.id), "--log-size-max", String(Self.logSize),
            "--no-sync-log", "--log-level", "error",
        ]
    }

    /// Waits for conmon's answer: until its line is whole, the pipe is closed, or a minute has passed.
    private func answer(from descriptor: CInt) throws(Diagnostic) -> pid_t {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !bytes.contains(UInt8(ascii: "\n")) {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard retrying({ poll(&entry, 1, 60_000) }) > 0 else { break }
            let count = retrying { read(descriptor, &buffer, buffer.count) }
            if count <= 0 { break }
            bytes += buffer[..<count]
        }
        let answer = try? JSONDecoder().decode(Answer.self, from: Data(bytes))
        if let pid = answer?.data, pid > 0 { return pid }
        let said = answer?.message.map(Self.plain) ?? "conmon ended without an answer"
        throw Self.failure(of: launch, runtime: runtime.choice.name, said: said)
    }

    /// What the runtime said, with the program that it could not run in the message.
    static func failure(of launch: ContainerLaunch, runtime: String, said: String) -> Diagnostic {
        let program = (try? OCIBundle.arguments(launch))?.first ?? ""
        let words = said.lowercased()
        let missing = ["executable file", "open executable", "process: exec:"].contains { words.contains($0) }
        return Diagnostic(
            code: "start-failed",
            missing
                ? "container \(launch.id.name) cannot run \(program)" : "container \(launch.id.name) cannot be created",
            cause: "\(runtime): \(said)",
            hint: missing ? "the program has to be in the image, on its PATH, and executable" : nil,
            position: missing ? launch.container.metadata.position(of: "command") : nil)
    }

    /// The last words of a runtime, without what its log format adds (`time="…" level=error msg="…"`).
    static func plain(_ said: String) -> String {
        let lines = said.split(separator: "\n").map { line -> String in
            guard let start = line.firstRange(of: "msg=\""), line.hasPrefix("time=") else { return String(line) }
            var text = line[start.upperBound...]
            if let end = text.lastIndex(of: "\"") { text = text[..<end] }
            return String(text.replacing("\\\"", with: "\""))
        }
        return lines.suffix(4).joined(separator: "\n")
    }
}
