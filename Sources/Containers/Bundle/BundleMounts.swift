import Model

/// The mounts of a container: Docker's, the three files that we write, then the manifest's.
enum BundleMounts {
    /// Where `init: true` puts the init, as in Docker.
    static let initTarget = "/sbin/docker-init"

    static func list(_ launch: ContainerLaunch, _ facts: BundleFacts) throws(Diagnostic) -> [JSONValue] {
        let container = launch.container
        var mounts: [JSONValue] = [
            mount("/proc", "proc", "proc", ["nosuid", "noexec", "nodev"]),
            mount("/dev", "tmpfs", "tmpfs", ["nosuid", "strictatime", "mode=755", "size=65536k"]),
            mount(
                "/dev/pts", "devpts", "devpts",
                ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
            mount("/sys", "sysfs", "sysfs", ["nosuid", "noexec", "nodev", "ro"]),
            mount("/sys/fs/cgroup", "cgroup", "cgroup", ["ro", "nosuid", "noexec", "nodev"]),
            mount("/dev/mqueue", "mqueue", "mqueue", ["nosuid", "noexec", "nodev"]),
            mount("/dev/shm", "tmpfs", "shm", ["nosuid", "noexec", "nodev", "mode=1777", "size=67108864"]),
        ]
        // The manifest's own mount of one of these files wins.
        let taken = Set(container.mounts.map { $0.target })
        for name in ["hosts", "hostname", "resolv.conf"] where !taken.contains("/etc/" + name) {
            mounts.append(
                mount("/etc/" + name, "bind", facts.directory + "/" + name, ["rbind", "rprivate"]))
        }
        if container.`init` {
            guard let path = facts.initPath else {
                throw Diagnostic(
                    code: "init-missing", "init: true needs a small init program, and none is installed",
                    hint: "apt install catatonit", resource: container.id,
                    position: container.metadata.position(of: "init"))
            }
            mounts.append(mount(initTarget, "bind", path, ["bind", "ro", "rprivate"]))
        }
        mounts += container.mounts.map { own($0) }
        // A mount replaces an earlier one at the same place instead of lying over it.
        return mounts.enumerated().filter { index, item in
            !mounts[(index + 1)...].contains { $0["destination"] == item["destination"] }
        }.map { $0.element }
    }

    private static func own(_ item: Mount) -> JSONValue {
        let access = item.readOnly ? "ro" : "rw"
        switch item.kind {
        case .bind:
            return mount(item.target, "bind", item.source ?? "/", ["rbind", "rprivate", access])
        case .tmpfs:
            let size = item.size.map { ["size=\($0)"] } ?? []
            return mount(
                item.target, "tmpfs", "tmpfs", ["nosuid", "noexec", "nodev", "mode=1777", access] + size)
        }
    }

    private static func mount(_ target: String, _ type: String, _ source: String, _ options: [String]) -> JSONValue {
        [
            "destination": .string(target), "type": .string(type), "source": .string(source),
            "options": .strings(options),
        ]
    }
}
