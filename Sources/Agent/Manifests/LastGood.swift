import Manifests
import Model

/// The last manifests that were good as a whole, and what is used where newer ones are not. Pure.
///
/// A file with an error is used as it last was without; one that never was without adds nothing. Where the files do not
/// fit together (a resource in two of them, a reference to nothing), all stay as they last fitted. What cannot be looked
/// at is not gone. Until all is good nothing is pruned, and what a removed file said goes on.
struct LastGood {
    /// What comes of a reading.
    struct Verdict {
        let input: PassInput
        /// What is out of the ordinary, in a few words each.
        let conditions: [String]
    }

    /// Without errors, each by itself and all together; in the order of reading.
    private(set) var files: [ManifestFile]

    /// - Parameter files: those of an earlier run; empty where there was none.
    init(_ files: [ManifestFile] = []) { self.files = files }

    /// Judges a reading, and remembers what is good of it.
    mutating func take(_ reading: ManifestReading) -> Verdict {
        if reading.isMissing { return missing(reading) }
        let old = Dictionary(files.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        let bad = reading.files.filter { $0.hasErrors || reading.unfinished.contains($0.path) }
        let present = Set(reading.files.map(\.path))
        let absent = files.filter { !present.contains($0.path) }
        let hidden = absent.filter { reading.isHidden($0.path) }
        // What is being written is not judged: its errors may be gone when it is finished.
        let judged = reading.files.compactMap { reading.unfinished.contains($0.path) ? old[$0.path] : $0 }
        let actual = ManifestSnapshot(
            files: judged, isPartial: reading.scan.isPartial, diagnostics: reading.scan.diagnostics)
        if bad.isEmpty, hidden.isEmpty, !actual.hasErrors {
            files = reading.files
            return Verdict(input: PassInput(actual, paths: [reading.root]), conditions: [])
        }
        let badPaths = Set(bad.map(\.path))
        let good = reading.files.compactMap { badPaths.contains($0.path) ? old[$0.path] : $0 } + hidden
        // A file that was removed goes when the others are good: its resources may be on their way into a bad one.
        let declared = Set(good.flatMap(\.declared))
        let mayMove = !bad.isEmpty || !hidden.isEmpty
        let removed = absent.filter {
            mayMove && !reading.isHidden($0.path) && declared.isDisjoint(with: $0.declared)
        }
        var rejected = actual.diagnostics.filter { $0.severity == .error }
        rejected += bad.compactMap { reading.unfinished.contains($0.path) ? Self.unfinished($0.path) : nil }
        rejected += Self.silent(hidden, reading)
        var conditions = bad.map { condition($0, reading, hasOld: old[$0.path] != nil) }
        conditions += Self.unreadable(hidden, reading)
        var held: [String: String] = [:]
        for file in bad where old[file.path] != nil { held[file.path] = Self.held(Self.problem(file, reading)) }
        for file in hidden { held[file.path] = Self.held("\(reading.name(file.path)) cannot be read") }

        var trial = ManifestSnapshot(files: Self.ordered(good + removed))
        if trial.hasErrors, !removed.isEmpty {
            trial = ManifestSnapshot(files: Self.ordered(good))
        } else {
            conditions += removed.map { "\(reading.name($0.path)) was removed: it stays until all manifests are good" }
            for file in removed {
                held[file.path] = "kept until all manifests are good: \(reading.name(file.path)) was removed"
            }
        }
        if !trial.hasErrors {
            files = trial.files
        } else if files.isEmpty {
            conditions.append("the manifests do not fit together: what has no error is used, nothing is removed")
        } else {
            conditions.append("the manifests do not fit together: all files stay as they last did")
            // Where only the old version of a file does not fit, nothing else says so. Without an old one, what the
            // others miss is in the bad file, whose errors are told.
            if !hidden.isEmpty || badPaths.contains(where: { old[$0] != nil }) {
                rejected += trial.diagnostics.filter { $0.severity == .error && !rejected.contains($0) }
            }
            trial = ManifestSnapshot(files: files)
            let why = rejected.first.map { Self.words($0, reading) } ?? "the manifests do not fit together"
            for file in files where held[file.path] == nil {
                held[file.path] = "held as the manifests last fitted together: \(why)"
            }
        }
        let input = PassInput(insteadOf: rejected, trial, paths: [reading.root], held: held)
        return Verdict(input: input, conditions: conditions)
    }

    private func missing(_ reading: ManifestReading) -> Verdict {
        let isReadable = !reading.scan.unreadable.contains(reading.root)
        let isAbsent = reading.scan.absent.contains(reading.root)
        let what =
            isReadable
            ? "there are no manifests in \(reading.root)"
            : isAbsent ? "\(reading.root) does not exist" : "\(reading.root) cannot be read"
        let then = files.isEmpty ? "nothing is removed" : "all stays as it was"
        var rejected = reading.scan.diagnostics.filter { $0.code != "no-manifests" }
        if isReadable {
            rejected.append(
                Diagnostic(
                    .warning, code: "no-manifests", "\(what): \(then)",
                    hint: "manifests are files named *.yaml or *.yml; they are read as soon as there are some"))
        } else if isAbsent {
            rejected = [
                Diagnostic(
                    code: "unreadable", "\(what): waiting for it, and \(then)",
                    hint: "make it, and its manifests are read at once; or start the agent with another path")
            ]
        }
        let held = Dictionary(files.map { ($0.path, Self.held(what)) }, uniquingKeysWith: { first, _ in first })
        let input = PassInput(insteadOf: rejected, ManifestSnapshot(files: files), paths: [reading.root], held: held)
        return Verdict(input: input, conditions: ["\(what): \(isAbsent ? "waiting for it, and " : "")\(then)"])
    }

    private func condition(_ file: ManifestFile, _ reading: ManifestReading, hasOld: Bool) -> String {
        let errors = file.diagnostics.count { $0.severity == .error }
        let what =
            if reading.unfinished.contains(file.path) {
                "is still being written"
            } else if !file.isRead {
                "cannot be read"
            } else {
                errors == 1 ? "has an error" : "has \(errors) errors"
            }
        let then = hasOld ? "its last good version stays" : "it never was good, and adds nothing"
        return "\(reading.name(file.path)) \(what): \(then)"
    }

    private static func held(_ why: String) -> String { "held at its last good version: \(why)" }

    /// The first thing that is wrong with a file.
    private static func problem(_ file: ManifestFile, _ reading: ManifestReading) -> String {
        if reading.unfinished.contains(file.path) { return "\(reading.name(file.path)) is still being written" }
        let error = file.diagnostics.first { $0.severity == .error }
        return error.map { words($0, reading) } ?? "\(reading.name(file.path)) cannot be read"
    }

    /// An error in a line, with the place as the manifests' folder has it.
    private static func words(_ error: Diagnostic, _ reading: ManifestReading) -> String {
        let place = error.position.map { "\(reading.name($0.file)):\($0.line):\($0.column): " } ?? ""
        return place + error.message
    }

    private static func unfinished(_ path: String) -> Diagnostic {
        Diagnostic(
            code: "being-written", "\(path) is open for writing: it is read when it is closed",
            hint: "who has it open: fuser -v \(path)")
    }

    /// What lies below a path that cannot be looked at.
    private static func lost(_ hidden: [ManifestFile], at path: String) -> Bool {
        hidden.contains { $0.path == path || $0.path.hasPrefix(path + "/") }
    }

    /// Whether the walk has said that a path cannot be looked at: it does so for manifests and directories.
    private static func isTold(_ path: String, _ scan: ManifestScan) -> Bool {
        let message = "cannot read \(path)"
        return scan.diagnostics.contains { $0.message == message || $0.message.hasPrefix(message + ":") }
    }

    private static func unreadable(_ hidden: [ManifestFile], _ reading: ManifestReading) -> [String] {
        reading.scan.unreadable.compactMap { path in
            let isLost = lost(hidden, at: path)
            guard isLost || isTold(path, reading.scan) else { return nil }
            let then = isLost ? "what was last good there stays" : "nothing is removed"
            return "\(reading.name(path)) cannot be read: \(then)"
        }
    }

    /// Links beside manifests that lead nowhere are no error by themselves; they are where manifests were behind them.
    private static func silent(_ hidden: [ManifestFile], _ reading: ManifestReading) -> [Diagnostic] {
        reading.scan.unreadable.filter { !isTold($0, reading.scan) && lost(hidden, at: $0) }.map {
            Diagnostic(
                code: "unreadable", "cannot read \($0)",
                hint: "manifests were there; remove the link if they are not wanted any more")
        }
    }

    /// In the order of a walk: name by name, by bytes.
    private static func ordered(_ files: [ManifestFile]) -> [ManifestFile] {
        files.map { (key: $0.path.utf8.split(separator: UInt8(ascii: "/")).map(Array.init), file: $0) }
            .sorted { left, right in
                left.key.lexicographicallyPrecedes(right.key) { $0.lexicographicallyPrecedes($1) }
            }
            .map(\.file)
    }
}
