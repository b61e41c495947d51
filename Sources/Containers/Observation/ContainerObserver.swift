import Glibc

/// Reads which containers of a set exist. Spawns nothing: a directory scan, and about a dozen system calls each.
public struct ContainerObserver: Sendable {
    /// Where to look.
    public let layout: StateLayout

    /// An observer of one set.
    public init(layout: StateLayout) { self.layout = layout }

    /// All containers of the set, by id. After a reboot there are none: `/run` is empty.
    public func observe() -> [ObservedContainer] {
        Files.names(in: layout.containers).compactMap { ContainerID($0) }
            .map { observe($0) }
            .sorted { $0.id.text < $1.id.text }
    }

    /// One container, whose directory exists.
    public func observe(_ id: ContainerID) -> ObservedContainer {
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
        seen.conmonAlive = record.conmon.isAlive
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
        var status = stat()
        if stat(path, &status) == 0 {
            seen.exitedAt = Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
        }
        return seen
    }
}
