import Containers
import Manifests
import Model
import Planning

/// What manifests would do on a node: the question that `apply --dry-run --node` asks, and its answer.
///
/// The manifests go as text, with the directory that each file is in. A node that follows a directory of its own takes
/// what was asked about in that one's place: so a relative path means what it would mean if the manifests came there.
public struct PlanQuestion: Hashable, Sendable {
    /// The kind of question.
    public static let kind = "plan"

    /// A manifest.
    struct File: Hashable, Sendable {
        /// As who asks wrote it: plans and errors name it so.
        var path: String
        /// What relative paths in it are relative to, absolute.
        var directory: String
        var text: String
    }

    /// As text, or else as JSON.
    public var style: TextStyle?
    /// A plan that deletes most of what is there is no error.
    public var allowsMassDelete: Bool
    /// Names the state of the manifests.
    var revision: String
    /// The directory that all of them are in; `nil` where files were named, which never prune.
    var root: String?
    /// Nothing is pruned.
    var isPartial: Bool
    var files: [File]
    /// What bind mounts lead to and comes with the manifests: absolute, below the root.
    var arriving: [String]

    /// Asks about manifests that were read.
    ///
    /// - Parameters:
    ///   - style: how to set off the text; `nil` asks for JSON.
    ///   - paths: as the user gave them.
    public init(
        _ snapshot: ManifestSnapshot, paths: [String], revision: String, style: TextStyle?, allowsMassDelete: Bool
    ) {
        self.style = style
        self.allowsMassDelete = allowsMassDelete
        self.revision = revision
        isPartial = snapshot.isPartial
        let top = paths.count == 1 && !snapshot.isPartial ? PlanPaths.absolute(paths[0]) : nil
        root = top
        files = snapshot.files.map {
            File(path: $0.path, directory: $0.directory, text: String(decoding: $0.bytes, as: UTF8.self))
        }
        let containers = snapshot.resources.containers + snapshot.resources.services.map(\.template)
        let missing = MountSources.missing(containers)
        let sources = Set(containers.flatMap { $0.mounts.compactMap(\.source) }).subtracting(missing)
        arriving = top.map { top in sources.filter { PlanPaths.isBelow($0, top) }.sorted() } ?? []
    }

    /// What a node would make of it, whose own manifests are in `ownRoot`.
    func input(ownRoot: String?) -> PassInput {
        func here(_ path: String) -> String { PlanPaths.moved(path, from: root, to: ownRoot) }
        let read = files.map { file in
            ManifestDecoder.decode(text: file.text, path: file.path, directory: here(file.directory))
        }
        var input = PassInput(ManifestSnapshot(files: read, isPartial: isPartial), paths: [])
        input.revision = revision
        input.arriving = Set(arriving.map(here))
        return input
    }
}

extension PlanQuestion {
    /// Reads a question; throws for what is none.
    init(_ json: JSONValue) throws(Diagnostic) {
        let problem = Diagnostic(
            code: "question-unreadable", "the question is not understood",
            hint: "a newer version may have asked it; bring all nodes to one version")
        guard let entries = json["files"]?.array, let allowsMassDelete = json["allowMassDelete"]?.bool,
            let isPartial = json["partial"]?.bool
        else { throw problem }
        files = []
        for entry in entries {
            guard let path = entry["path"]?.string, let directory = entry["directory"]?.string,
                directory.hasPrefix("/"), let text = entry["text"]?.string
            else { throw problem }
            files.append(File(path: path, directory: directory, text: text))
        }
        switch json["style"]?.string {
        case "plain": style = .plain
        case "ansi": style = .ansi
        case nil: style = nil
        default: throw problem
        }
        self.allowsMassDelete = allowsMassDelete
        self.isPartial = isPartial
        revision = json["revision"]?.string ?? ""
        root = json["root"]?.string
        arriving = (json["arriving"]?.array ?? []).compactMap(\.string)
    }

    /// What is sent.
    public var json: JSONValue {
        let style: String? =
            switch self.style {
            case .plain: "plain"
            case .ansi: "ansi"
            case nil: nil
            }
        return [
            "style": .optional(style), "allowMassDelete": .bool(allowsMassDelete), "revision": .string(revision),
            "root": .optional(root), "partial": .bool(isPartial), "arriving": .strings(arriving),
            "files": .array(
                files.map {
                    ["path": .string($0.path), "directory": .string($0.directory), "text": .string($0.text)]
                }),
        ]
    }
}
