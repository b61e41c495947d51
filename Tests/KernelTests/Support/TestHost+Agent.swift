import Glibc
import Model
import Testing

/// An agent on a test host.
struct RunningAgent {
    let host: TestHost
    let set: String
    let command: RunningCommand

    /// The events on disk so far, oldest first.
    var events: [JSONValue] {
        (Files.read(host.data + "/events.jsonl.1") + Files.read(host.data + "/events.jsonl")).lines
            .compactMap { try? JSONValue(parsing: Array($0.utf8)) }
    }

    /// Waits until an event of this agent's host fulfils a condition; fails where none does.
    @discardableResult
    func awaitEvent(
        _ what: String, after count: Int = 0, within timeout: Duration = .seconds(30),
        source: SourceLocation = #_sourceLocation, _ condition: (JSONValue) -> Bool
    ) throws -> JSONValue {
        var found: JSONValue?
        _ = eventually(within: timeout) {
            found = events.dropFirst(count).first(where: condition)
            return found != nil
        }
        guard let found else {
            let seen = events.dropFirst(count).map { $0.text() }.joined(separator: "\n")
            throw Failure("no event of \(what) within \(timeout)\n\(seen)")
        }
        return found
    }

    /// Waits until the agent says something in these words, as events give a cause.
    func awaitCause(after count: Int, _ words: String) throws {
        try awaitEvent(words, after: count, within: .seconds(30)) { $0["cause"]?.string?.contains(words) ?? false }
    }

    /// What the events since some moment say, a line each: for comparing.
    func told(after count: Int) -> [String] {
        events.dropFirst(count).map { event in
            [event["event"], event["object"] ?? .null, event["field"] ?? .null].compactMap { $0?.string }
                .joined(separator: " ")
        }
    }

    /// Ends it as a service manager does.
    func stop(_ signal: Int32 = SIGTERM, source: SourceLocation = #_sourceLocation) throws {
        kill(try process, signal)
        // What is waited for counts from its start.
        _ = eventually(within: .seconds(120)) { !command.isRunning }
        let result = try command.wait(.seconds(300))
        #expect(signal == SIGKILL || result.code == 0, "\(result)", sourceLocation: source)
    }

    /// The agent itself, below whatever started it in the host's namespaces.
    var process: pid_t {
        get throws {
            guard let pid = try host.agentProcess(set) else { throw Failure("no agent runs") }
            return pid
        }
    }
}

extension TestHost {
    /// Starts an agent over the manifests and waits until its first pass is done.
    func startAgent(
        _ options: String..., set: String = "default", over directory: String? = nil,
        environment: [String: String] = [:], binary: String? = nil, expectReady: Bool = true
    ) throws -> RunningAgent {
        let path = options.contains("--git") ? [] : [directory ?? manifests]
        let command = try startReconcile(
            ["agent", "--set", set] + options + path, environment: environment, binary: binary)
        let agent = RunningAgent(host: self, set: set, command: command)
        onCleanup { command.stop() }
        guard expectReady else { return agent }
        let isReady = try eventually(within: .seconds(60)) {
            guard command.isRunning else { throw Failure("\(try command.wait(.seconds(1)))") }
            return try agentProcess(set) == command.pid
        }
        guard isReady else { throw Failure("the agent is not ready: \(command.errors)") }
        return agent
    }

    /// The process of the agent that has done its first pass; `nil` where there is none.
    func agentProcess(_ set: String = "default") throws -> pid_t? {
        let text = try sh("cat /run/reconcile/\(set)/agent.json 2>/dev/null || true")
        guard let pid = (try? JSONValue(parsing: Array(text.utf8)))?["pid"]?.int else { return nil }
        return isAlive(pid_t(pid)) ? pid_t(pid) : nil
    }
}

extension JSONValue {
    /// True for drift of an object that was repaired, in one of some fields.
    func isRepair(of object: String, _ field: String?) -> Bool {
        self["event"]?.string == "drift" && self["object"]?.string == object && self["action"]?.string == "repaired"
            && (field == nil || self["field"]?.string == field)
    }
}

extension TestHost {
    /// The CPU time of a process in clock ticks (proc_pid_stat(5), fields 14 and 15).
    func cpuTicks(of pid: pid_t) throws -> Int {
        let text = Files.read("/proc/\(pid)/stat")
        guard let end = text.lastIndex(of: ")") else { throw Failure("no process \(pid)") }
        let fields = text[end...].split(separator: " ")
        return (Int(fields[12]) ?? 0) + (Int(fields[13]) ?? 0)
    }

    /// What a process holds in memory, in KiB (VmRSS of proc_pid_status(5)).
    func resident(_ pid: pid_t) -> Int {
        let line = Files.read("/proc/\(pid)/status").lines.first { $0.hasPrefix("VmRSS:") } ?? ""
        return Int(line.filter(\.isNumber)) ?? 0
    }
}

extension TestHost {
    /// Waits until a link has an MTU.
    func awaitMTU(
        _ mtu: Int, of link: String = "br-front", _ what: String = "", source: SourceLocation = #_sourceLocation
    ) throws {
        var seen = ""
        let isThere = try eventually(within: .seconds(30)) {
            seen = try attempt("ip -o link show \(link)").text
            return seen.contains("mtu \(mtu) ")
        }
        #expect(isThere, "\(what): \(seen)", sourceLocation: source)
    }
}
