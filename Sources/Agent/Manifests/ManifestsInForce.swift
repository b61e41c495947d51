import LinuxHost
import Manifests
import Model

/// What an agent makes of its manifests, for those who only ask: the same judgement of the same files, with what it
/// remembers as good. Writes nothing.
public enum ManifestsInForce {
    /// What the agent of a set takes its manifests at `root` for, now.
    public static func read(_ root: String, _ settings: EngineSettings) -> PassInput {
        var memory = ManifestMemory(
            dataDirectory: settings.dataDirectory, set: settings.set, root: WorkingDirectory.absolute(root))
        var good = LastGood(memory.recall(mends: false) { ManifestReading.path($0, below: root) })
        let scan = ManifestScan(paths: [root])
        var reader = ManifestReader()
        let files = reader.read(scan)
        // Only of what differs from what is remembered it matters whether somebody is still writing it.
        let known = Dictionary(good.files.map { ($0.path, $0.contentHash) }, uniquingKeysWith: { first, _ in first })
        let changed = files.filter { known[$0.path] != $0.contentHash }.map(\.path)
        let reading = ManifestReading(
            root: root, scan: scan, files: files, unfinished: Set(changed.filter(OpenForWriting.check)))
        return good.take(reading).input
    }
}
