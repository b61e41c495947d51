import Glibc

/// The way along a path, link by link, as path_resolution(7) has it: which directories' entries decide where it leads.
struct PathTrace: Hashable {
    /// A name that is looked up in a directory.
    struct Step: Hashable {
        /// Absolute and without links.
        let directory: String
        let name: String
    }

    enum End: Hashable {
        /// Absolute and without links.
        case directory(String)
        case file(Step)
        /// A name is missing, or the links lead in a circle.
        case nothing
    }

    /// The links on the way, then the last name, or the one that is missing.
    private(set) var steps: [Step] = []
    /// Every directory that is gone through, absolute and without links.
    private(set) var directories: [String] = []
    private(set) var end = End.nothing

    /// As many links as the kernel follows.
    private static let limit = 40

    /// - Parameter path: absolute.
    init(_ path: String) {
        var pending = Self.parts(path)
        var current: [String] = []
        var last: Step?
        var links = 0
        while let name = pending.popLast() {
            if name == ".." {
                _ = current.popLast()
                last = nil
                continue
            }
            let directory = "/" + current.joined(separator: "/")
            directories.append(directory)
            let step = Step(directory: directory, name: name)
            var status = stat()
            guard lstat(directory + "/" + name, &status) == 0 else {
                steps.append(step)
                return
            }
            switch status.st_mode & S_IFMT {
            case S_IFLNK:
                steps.append(step)
                links += 1
                guard links <= Self.limit, let target = Self.target(directory + "/" + name) else { return }
                if target.hasPrefix("/") { current = [] }
                pending += Self.parts(target)
            case S_IFDIR:
                current.append(name)
                last = step
            default:
                steps.append(step)
                // More names behind a file lead nowhere.
                if pending.isEmpty { end = .file(step) }
                return
            }
        }
        if let last { steps.append(last) }
        end = .directory("/" + current.joined(separator: "/"))
    }

    /// The names in a path, last first.
    private static func parts(_ path: String) -> [String] {
        path.split(separator: "/").reversed().filter { $0 != "." }.map(String.init)
    }

    private static func target(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    }
}
