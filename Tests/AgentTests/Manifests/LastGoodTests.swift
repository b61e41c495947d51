import Manifests
import Model
import Testing

@testable import Agent

/// What is used where manifests are bad. No file system: files are given as text.
@Suite struct LastGoodTests {
    private let network = "apiVersion: reconcile/v1\nkind: Network\nmetadata: { name: front }\nspec: {}\n"

    private func container(_ name: String, image: String = "one", on network: String? = nil) -> String {
        let networks = network.map { ", networks: [\($0)]" } ?? ""
        return "apiVersion: reconcile/v1\nkind: Container\nmetadata: { name: \(name) }\n"
            + "spec: { image: \(image)\(networks) }\n---\n"
    }

    private func reading(_ files: [(String, String)], unfinished: Set<String> = []) -> ManifestReading {
        ManifestReading(
            root: "m", scan: ManifestScan(paths: []),
            files: files.map { ManifestDecoder.decode(text: $0.1, path: "m/\($0.0)", directory: "/m") },
            unfinished: unfinished)
    }

    private func images(_ verdict: LastGood.Verdict) -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: verdict.input.resources.containers.map { ($0.metadata.name, $0.image.text) })
    }

    private func names(_ verdict: LastGood.Verdict) -> [String] { images(verdict).keys.sorted() }

    private func codes(_ verdict: LastGood.Verdict) -> [String] { verdict.input.rejected.map(\.code) }

    private func isHeld(_ verdict: LastGood.Verdict) -> Bool {
        verdict.input.isDegraded && !verdict.input.prunes && !verdict.input.hasErrors && !verdict.conditions.isEmpty
    }

    @Test func whatIsGoodIsUsedAsItIs() {
        var good = LastGood()
        let verdict = good.take(reading([("a.yaml", container("a")), ("b.yaml", container("b"))]))
        #expect(names(verdict) == ["a", "b"] && verdict.conditions.isEmpty)
        #expect(!verdict.input.isDegraded && !verdict.input.hasErrors)
        #expect(good.files.map(\.path) == ["m/a.yaml", "m/b.yaml"])
    }

    @Test(arguments: ["{", "kind: Nothing\n", "apiVersion: reconcile/v1\nkind: Container\nmetadata: { name: b }\n"])
    func aBadFileKeepsItsLastGoodVersionAndTheOthersGoOn(_ bad: String) {
        var good = LastGood()
        let before = good.take(reading([("a.yaml", container("a")), ("b.yaml", container("b"))]))
        let verdict = good.take(reading([("a.yaml", container("a", image: "two")), ("b.yaml", bad)]))
        #expect(isHeld(verdict) && images(verdict)["a"]?.contains("two") == true)
        #expect(images(verdict)["b"] == images(before)["b"])
        #expect(verdict.input.rejected.allSatisfy { $0.severity == .error && $0.position?.file == "m/b.yaml" })
        #expect(verdict.conditions.first?.hasPrefix("b.yaml has ") == true)
        #expect(verdict.input.held.keys.sorted() == ["m/b.yaml"])
        #expect(verdict.input.held["m/b.yaml"]?.hasPrefix("held at its last good version: b.yaml:") == true)
        // Also later, when another file changes again.
        let later = good.take(reading([("a.yaml", container("a", image: "three")), ("b.yaml", bad)]))
        #expect(images(later)["a"]?.contains("three") == true && names(later) == ["a", "b"])
        let mended = good.take(reading([("a.yaml", container("a")), ("b.yaml", container("b", image: "two"))]))
        #expect(!mended.input.isDegraded && images(mended)["b"]?.contains("two") == true)
    }

    @Test func aBadFileThatNeverWasGoodAddsNothing() {
        var good = LastGood()
        let verdict = good.take(reading([("a.yaml", container("a")), ("b.yaml", container("b") + "kind: {\n")]))
        #expect(isHeld(verdict) && names(verdict) == ["a"])
        #expect(verdict.conditions.first?.hasSuffix("it never was good, and adds nothing") == true)
    }

    @Test func aDeletedFileGoes() {
        var good = LastGood()
        _ = good.take(reading([("a.yaml", container("a")), ("b.yaml", container("b"))]))
        let verdict = good.take(reading([("a.yaml", container("a"))]))
        #expect(names(verdict) == ["a"] && !verdict.input.isDegraded)
    }

    /// Half of a move: the resource is in both files. All changed files go back together.
    @Test func whatDoesNotFitTogetherGoesBackTogether() {
        var good = LastGood()
        let whole = good.take(reading([("a.yaml", container("a") + container("x")), ("b.yaml", container("b"))]))
        let both = good.take(
            reading([
                ("a.yaml", container("a", image: "two") + container("x")), ("b.yaml", container("b") + container("x")),
                ("c.yaml", container("c")),
            ]))
        #expect(isHeld(both) && images(both) == images(whole) && codes(both) == ["duplicate-resource"])
        #expect(both.input.revision == whole.input.revision)
        #expect(both.input.held.keys.sorted() == ["m/a.yaml", "m/b.yaml"])
        #expect(both.input.held["m/a.yaml"]?.hasPrefix("held as the manifests last fitted together: ") == true)
        let moved = good.take(
            reading([("a.yaml", container("a")), ("b.yaml", container("b") + container("x"))]))
        #expect(images(moved) == images(whole) && !moved.input.isDegraded)
    }

    @Test func aDanglingReferenceBringsTheNetworkBack() {
        var good = LastGood()
        _ = good.take(reading([("n.yaml", network), ("w.yaml", container("w", on: "front"))]))
        let verdict = good.take(reading([("w.yaml", container("w", image: "two", on: "front"))]))
        #expect(isHeld(verdict) && codes(verdict) == ["unknown-network"])
        #expect(verdict.input.resources.networks.map(\.metadata.name) == ["front"])
        #expect(images(verdict)["w"]?.contains("one") == true)
    }

    /// Without an earlier whole what has no error is used, and nothing is removed.
    @Test func whatNeverFittedTogether() {
        var good = LastGood()
        let verdict = good.take(reading([("a.yaml", container("a")), ("w.yaml", container("w", on: "nowhere"))]))
        #expect(isHeld(verdict) && names(verdict) == ["a"] && good.files.isEmpty)
    }

    /// The old version of a bad file no longer fits to the others: then they wait for it.
    @Test func anOldVersionThatDoesNotFit() {
        var good = LastGood()
        let whole = good.take(reading([("a.yaml", container("a") + container("x")), ("b.yaml", container("b"))]))
        let verdict = good.take(reading([("a.yaml", "{"), ("b.yaml", container("b") + container("x"))]))
        #expect(isHeld(verdict) && images(verdict) == images(whole))
        #expect(codes(verdict).contains("duplicate-resource"))
    }

    /// The others refer to what only the bad file has: its error is told, not theirs.
    @Test func referencesIntoABadFile() {
        var good = LastGood()
        _ = good.take(reading([("a.yaml", container("a"))]))
        let verdict = good.take(
            reading([
                ("a.yaml", container("a")), ("n.yaml", network.replacing("spec: {}", with: "spec: { mtu: x }")),
                ("w.yaml", container("w", on: "front")),
            ]))
        #expect(isHeld(verdict) && names(verdict) == ["a"])
        #expect(verdict.input.rejected.allSatisfy { $0.position?.file == "m/n.yaml" })
    }

    @Test func whatIsBeingWrittenIsNotJudged() {
        var good = LastGood()
        let whole = good.take(reading([("a.yaml", container("a") + container("x"))]))
        for half in ["", "{", container("a")] {
            let verdict = good.take(reading([("a.yaml", half)], unfinished: ["m/a.yaml"]))
            #expect(isHeld(verdict) && images(verdict) == images(whole) && codes(verdict) == ["being-written"])
        }
        let new = good.take(
            reading([("a.yaml", container("a") + container("x")), ("b.yaml", "{")], unfinished: ["m/b.yaml"]))
        #expect(names(new) == ["a", "x"] && codes(new) == ["being-written"])
    }

    /// Once only an error said so, as if something had failed.
    @Test func whatDoesNotExistIsWaitedFor() {
        var good = LastGood()
        let nowhere = "/nowhere/at/all"
        let verdict = good.take(ManifestReading(root: nowhere, scan: ManifestScan(paths: [nowhere]), files: []))
        #expect(verdict.conditions == ["\(nowhere) does not exist: waiting for it, and nothing is removed"])
        #expect(codes(verdict) == ["unreadable"] && verdict.input.rejected.first?.hint?.contains("make it") == true)
    }

    @Test func nothingAtAllRemovesNothing() {
        var good = LastGood()
        let never = good.take(reading([]))
        #expect(isHeld(never) && never.input.resources.ids.isEmpty)
        let whole = good.take(reading([("a.yaml", container("a"))]))
        let empty = good.take(reading([]))
        #expect(isHeld(empty) && images(empty) == images(whole) && codes(empty) == ["no-manifests"])
        #expect(empty.conditions == ["there are no manifests in m: all stays as it was"])
        #expect(empty.input.held == ["m/a.yaml": "held at its last good version: there are no manifests in m"])
        // It is still the last good one after that.
        #expect(images(good.take(reading([("a.yaml", "{")]))) == images(whole))
    }

    /// While a file is bad: what a removed one said may be on its way into it.
    @Test func aFileThatIsRemovedWhileAnotherIsBad() {
        var good = LastGood()
        let whole = good.take(reading([("a.yaml", container("a")), ("x.yaml", container("x"))]))
        let renamed = good.take(reading([("a.yaml", container("a")), ("y.yaml", container("x") + "{")]))
        #expect(isHeld(renamed) && images(renamed) == images(whole))
        #expect(renamed.conditions.last == "x.yaml was removed: it stays until all manifests are good")
        let moved = good.take(
            reading([("a.yaml", container("a")), ("y.yaml", "{"), ("z.yaml", container("x", image: "two"))]))
        #expect(isHeld(moved) && images(moved)["x"]?.contains("two") == true)
        let gone = good.take(reading([("a.yaml", container("a"))]))
        #expect(names(gone) == ["a"] && !gone.input.isDegraded)
    }
}
