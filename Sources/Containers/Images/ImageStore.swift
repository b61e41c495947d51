import Glibc
import Model
import Synchronization

/// The images of this host: one content-addressed OCI layout, and one unpacked directory a manifest digest.
///
/// Several processes may use one store: layouts are made beside it and merged under a lock, directories are renamed
/// into place. Nothing here is per set.
public final class ImageStore: Sendable {
    let layout: StateLayout
    let helpers: Cgroup?
    let cache = Mutex(Cache())

    struct Cache {
        /// Parsed index files by path, valid while the fingerprint holds.
        var indexes: [String: (fingerprint: String, manifests: [OCILayout.Descriptor])] = [:]
        var images: [String: Image] = [:]
    }

    /// Where a descriptor of ours came from, so that a changed `oci:` directory or archive is seen.
    static let originKey = "reconcile.origin"

    /// The store below a data directory. `cgroups: nil` leaves helpers in our own control group.
    public init(layout: StateLayout, cgroups: Cgroups? = nil) {
        self.layout = layout
        helpers = cgroups.map { Cgroup(layout.helperCgroup, $0) }
    }

    /// The digest that a source stands for now, without network and in a few microseconds; `nil` where only a pull
    /// can tell. For a registry reference that is what this store holds under it.
    public func resolve(_ source: ImageSource) -> String? {
        if case .rootfs(let directory) = source { return Files.exists(directory) ? "rootfs:\(directory)" : nil }
        guard let origin = try? origin(of: source), let found = try? stored(source.text),
            found.annotations?[Self.originKey] == origin
        else { return nil }
        return found.digest
    }

    /// Why a source on this host's own disk holds no such image; `nil` where it does, and for registries, which only
    /// a pull asks.
    public func problem(_ source: ImageSource) -> Diagnostic? {
        do throws(Diagnostic) {
            switch source {
            case .rootfs(let directory): try Self.check(rootfs: directory)
            default: _ = try origin(of: source)
            }
            return nil
        } catch {
            return error
        }
    }

    private static func check(rootfs directory: String) throws(Diagnostic) {
        var status = stat()
        guard stat(directory, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw Diagnostic(code: "image-not-found", "the root file system \(directory) is not a directory")
        }
    }

    /// An image that is already unpacked; `nil` where it has to be pulled (or, after a crash, unpacked) first.
    public func image(_ source: ImageSource) throws(Diagnostic) -> Image? {
        guard let digest = resolve(source) else { return nil }
        if case .rootfs(let directory) = source { return Image(digest: digest, rootfs: directory) }
        return try unpacked(digest)
    }

    /// Brings an image here and unpacks it. A registry is asked even where the store has the reference already, so
    /// that a moved tag is noticed; blobs that are here are not fetched again.
    ///
    /// Throws `image-not-found`, `image-unauthorized`, `registry-unreachable`, `registry-tls`, `image-unreadable` or
    /// `pull-failed`. A failure leaves what was here before as it was.
    public func pull(_ source: ImageSource) async throws -> Image {
        try await OwnThread.run { try self.pullNow(source) }
    }

    /// The same, on the calling thread, which it blocks.
    public func pullNow(_ source: ImageSource) throws(Diagnostic) -> Image {
        if case .rootfs(let directory) = source {
            try Self.check(rootfs: directory)
            return Image(digest: "rootfs:\(directory)", rootfs: directory)
        }
        let origin = try origin(of: source)
        let store = OCILayout(directory: layout.images)
        try Files.makeDirectory(layout.images + "/blobs/sha256")
        let temporary = OCILayout(directory: layout.images + "/" + Files.temporaryName())
        try temporary.create()
        defer { try? Files.removeTree(temporary.directory) }
        // skopeo writes manifests in place: one that is shared would be empty for a moment while others read it.
        let manifests = Files.exists(store.indexPath) ? try index(store) : []
        try store.share(with: temporary, except: Set(manifests.map { $0.digest }))
        try copy(source, to: temporary)
        guard var descriptor = try temporary.index().manifests.first else {
            throw Diagnostic(code: "pull-failed", "skopeo copied nothing for \(source.text)")
        }
        try temporary.share(with: store)
        let image = try unpack(descriptor.digest)
        descriptor.tag = source.text
        descriptor.annotations?[Self.originKey] = origin
        try remember(descriptor)
        return image
    }

    /// What identifies a source's present content without reading it all.
    private func origin(of source: ImageSource) throws(Diagnostic) -> String {
        switch source {
        case .registry, .rootfs: return ""
        case .dockerArchive(let path):
            guard let print = Files.fingerprint(path) else {
                throw systemError("image-not-found", "cannot read the archive \(path)", call: "stat")
            }
            return print
        case .oci(let directory, let tag):
            let manifests = try index(OCILayout(directory: directory))
            if let tag {
                if let found = manifests.first(where: { $0.tag == tag }) { return found.digest }
                let known = manifests.compactMap { $0.tag }.sorted().joined(separator: ", ")
                throw Diagnostic(
                    code: "image-not-found", "the image layout \(directory) has no tag \(tag)",
                    hint: known.isEmpty ? nil : "it has \(known)")
            }
            guard manifests.count == 1 else {
                let known = manifests.map { $0.tag ?? "(none)" }.sorted().joined(separator: ", ")
                throw Diagnostic(
                    code: "image-not-found", "the image layout \(directory) holds \(manifests.count) images",
                    hint: "write oci:\(directory):TAG with one of: \(known)")
            }
            return manifests[0].digest
        }
    }

    private func stored(_ tag: String) throws(Diagnostic) -> OCILayout.Descriptor? {
        let store = OCILayout(directory: layout.images)
        guard Files.exists(store.indexPath) else { return nil }
        return try index(store).first { $0.tag == tag }
    }

    private func index(_ source: OCILayout) throws(Diagnostic) -> [OCILayout.Descriptor] {
        let print = Files.fingerprint(source.indexPath)
        if let print, let known = cache.withLock({ $0.indexes[source.directory] }), known.fingerprint == print {
            return known.manifests
        }
        let manifests = try source.index().manifests
        if let print { cache.withLock { $0.indexes[source.directory] = (print, manifests) } }
        return manifests
    }

    /// Writes a descriptor into the store's index in place of that tag's old one.
    private func remember(_ descriptor: OCILayout.Descriptor) throws(Diagnostic) {
        let lock = try Descriptor.lock(layout.images + "/.lock")
        defer { withExtendedLifetime(lock.number) {} }
        let store = OCILayout(directory: layout.images)
        if !Files.exists(store.indexPath) { try store.create() }
        var index = try store.index()
        if index.manifests.contains(descriptor) { return }
        index.manifests.removeAll { $0.tag == descriptor.tag }
        index.manifests.append(descriptor)
        try store.write(index)
    }
}
