import Containers
import Glibc

/// Which directories are mounted somewhere, in whatever mount namespace.
enum MountUse {
    /// Those of the names that are a part of a mount's source in any process's mountinfo (proc(5)).
    static func names(among names: Set<String>) -> Set<String> {
        var used: Set<String> = []
        var seen: Set<ino_t> = []
        for pid in Files.names(in: "/proc") where pid.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            var status = stat()
            guard stat("/proc/\(pid)/ns/mnt", &status) == 0, seen.insert(status.st_ino).inserted,
                let text = Files.text("/proc/\(pid)/mountinfo")
            else { continue }
            used.formUnion(self.names(in: text, among: names))
        }
        return used
    }

    /// The same of one mountinfo.
    static func names(in mountinfo: String, among names: Set<String>) -> Set<String> {
        var used: Set<String> = []
        for line in mountinfo.split(separator: "\n") {
            // The fourth field is the root of the mount within its file system.
            let fields = line.split(separator: " ", maxSplits: 4)
            guard fields.count == 5 else { continue }
            used.formUnion(fields[3].split(separator: "/").map { String($0) }.filter(names.contains))
        }
        return used
    }
}
