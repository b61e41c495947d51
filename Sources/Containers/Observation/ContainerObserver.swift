import CLinux
import Glibc
import Synchronization

/// Reads which containers of a set exist, without spawning anything.
///
/// The first look at a container reads its record and a line of /proc (about 20 µs). An observer that is to look again
/// and again then holds each living process by a pidfd, so that a later look is a directory scan and one poll(2) over
/// all of them: a pidfd cannot mean another process, and whoever rewrites a record says so.
public final class ContainerObserver: Sendable {
    /// Where to look.
    public let layout: StateLayout
    private let holds: Bool
    private let known = Mutex<[String: Known]>([:])

    /// A container that was seen running, with descriptors of its two processes; or one whose end is on record.
    private struct Known {
        var seen: ObservedContainer
        var process: CInt
        var conmon: CInt

        var isFinal: Bool { process < 0 }

        func close() {
            if process >= 0 { Glibc.close(process) }
            if conmon >= 0 { Glibc.close(conmon) }
        }
    }

    /// An observer of one set; with `holds` one that is kept for as long as one looks again and again.
    public init(layout: StateLayout, holds: Bool = false) {
        self.layout = layout
        self.holds = holds
    }

    deinit { known.withLock { for one in $0.values { one.close() } } }

    /// All containers of the set, by id. After a reboot there are none: `/run` is empty.
    public func observe() -> [ObservedContainer] {
        let names = Files.names(in: layout.containers).sorted()
        guard holds else { return observeOnce(names) }
        var all: [ObservedContainer] = []
        all.reserveCapacity(names.count)
        known.withLock { known in
            forgetEnded(&known, present: Set(names))
            for name in names {
                if let one = known[name] {
                    all.append(one.seen)
                } else if let id = ContainerID(name) {
                    let seen = observe(id)
                    if let one = hold(seen) { known[name] = one }
                    all.append(seen)
                }
            }
        }
        return all
    }

    /// One look at all, without descriptors. Which conmons live is one file to read: they have a control group of their
    /// own, in which a number can only mean one of ours. Only where two records name one number is it looked at closer.
    private func observeOnce(_ names: [String]) -> [ObservedContainer] {
        let group = (try? Cgroups.read()).map { Cgroup(layout.conmonCgroup, $0) }
        let living = Set(group?.processes ?? [])
        var claims: [Int32: Int] = [:]
        var all: [ObservedContainer] = []
        all.reserveCapacity(names.count)
        for name in names {
            guard let id = ContainerID(name) else { continue }
            let seen = observe(id) { living.contains($0.pid) || $0.isAlive }
            if let conmon = seen.conmon { claims[conmon.pid, default: 0] += 1 }
            all.append(seen)
        }
        for index in all.indices {
            guard let conmon = all[index].conmon, claims[conmon.pid, default: 0] > 1 else { continue }
            all[index].conmonAlive = conmon.isAlive
        }
        return all
    }

    /// Descriptors that become readable (POLLIN) when a container or its conmon ends. They say "look again", belong to
    /// this observer and are valid until the next ``observe()``.
    public var wakeDescriptors: [Int32] {
        known.withLock { $0.values.flatMap { [$0.process, $0.conmon] }.filter { $0 >= 0 } }
    }

    /// Drops what is gone from the directory, and what has ended since: it is looked at afresh.
    private func forgetEnded(_ known: inout [String: Known], present: Set<String>) {
        for (name, one) in known where !present.contains(name) {
            one.close()
            known[name] = nil
        }
        var names: [String] = []
        var entries: [pollfd] = []
        for (name, one) in known where !one.isFinal {
            names.append(name)
            for descriptor in [one.process, one.conmon] {
                entries.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
            }
        }
        guard retrying({ poll(&entries, nfds_t(entries.count), 0) }) != 0 else { return }
        for (index, name) in names.enumerated()
        where entries[2 * index].revents != 0 || entries[2 * index + 1].revents != 0 {
            known[name]?.close()
            known[name] = nil
        }
    }

    /// What may be remembered of a container: a running one with its conmon, held by descriptors, or the end of one
    /// that nothing will change any more. `nil` also where we have no descriptors left: it is then read each time.
    private func hold(_ seen: ObservedContainer) -> Known? {
        guard let process = seen.process, let conmon = seen.conmon else { return nil }
        if seen.state == .exited {
            return seen.exitCode != nil && !seen.conmonAlive ? Known(seen: seen, process: -1, conmon: -1) : nil
        }
        guard seen.state == .running, seen.conmonAlive else { return nil }
        let one = Known(seen: seen, process: pidfd_open(process.pid, 0), conmon: pidfd_open(conmon.pid, 0))
        // Compared after the descriptors pinned both.
        if one.process >= 0, one.conmon >= 0, process.isAlive, conmon.isAlive { return one }
        one.close()
        return nil
    }

    /// One container, read afresh. One without a directory counts as half-made.
    public func observe(_ id: ContainerID) -> ObservedContainer { observe(id) { $0.isAlive } }

    private func observe(_ id: ContainerID, isConmonAlive: (ProcessIdentity) -> Bool) -> ObservedContainer {
        let directory = layout.container(id)
        var seen = ObservedContainer(
            id: id, set: layout.set, spec: "", image: "", state: .created, conmonAlive: false, startedAt: 0)
        guard let bytes = Files.bytes(directory + "/record"), let record = ContainerRecord(bytes: bytes) else {
            return seen
        }
        seen.spec = record.spec
        seen.image = record.image
        seen.process = record.process
        seen.conmon = record.conmon
        seen.startedAt = record.startedAt
        seen.conmonAlive = isConmonAlive(record.conmon)
        if record.process.isAlive {
            seen.state = .running
            return seen
        }
        seen.state = .exited
        // conmon drains the output before it writes the file: a moment, in which an exit code would be lost for good.
        let path = directory + "/exit/" + id.text
        for _ in 0..<100 where seen.conmonAlive && !Files.exists(path) {
            usleep(2000)
            seen.conmonAlive = record.conmon.isAlive
        }
        seen.exitCode = Files.text(path).flatMap { Int32($0.split(separator: "\n").first ?? "") }
        // conmon makes this file in the bundle's directory (cgroup.c, create_oom_files).
        seen.isOutOfMemory = Files.exists(directory + "/oom")
        var status = stat()
        if stat(path, &status) == 0 {
            seen.exitedAt = Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
        }
        return seen
    }
}
