import Glibc
import Model

extension ImageStore {
    /// The image of a digest whose directory is here; its configuration is read once.
    func unpacked(_ digest: String) throws(Diagnostic) -> Image? {
        if let known = cache.withLock({ $0.images[digest] }), Files.exists(known.rootfs) { return known }
        let rootfs = directory(of: digest)
        guard Files.exists(rootfs) else { return nil }
        let config = try OCILayout(directory: layout.images).config(manifest: digest)
        let image = Image(digest: digest, config: config, rootfs: rootfs)
        cache.withLock { $0.images[digest] = image }
        return image
    }

    private func directory(of digest: String) -> String {
        layout.unpacked + "/" + (digest.split(separator: ":").last.map { String($0) } ?? digest)
    }

    /// Unpacks a digest whose blobs are here, once: a second process waits for the first and finds it done.
    func unpack(_ digest: String) throws(Diagnostic) -> Image {
        if let ready = try unpacked(digest) { return ready }
        try Files.makeDirectory(layout.unpacked, mode: 0o711)
        let lock = try Descriptor.lock(directory(of: digest) + ".lock")
        defer { withExtendedLifetime(lock.number) {} }
        if let ready = try unpacked(digest) { return ready }
        let temporary = layout.unpacked + "/" + Files.temporaryName()
        try Files.makeDirectory(temporary, mode: 0o700)
        defer { try? Files.removeTree(temporary) }
        let single = OCILayout(directory: temporary + "/layout")
        var index = OCILayout.Index()
        let path = OCILayout(directory: layout.images).blobPath(digest)
        var status = stat()
        guard stat(path, &status) == 0 else { throw systemError("image-unreadable", "\(path) is gone", call: "stat") }
        let type = "application/vnd.oci.image.manifest.v1+json"
        var only = OCILayout.Descriptor(mediaType: type, digest: digest, size: Int64(status.st_size))
        only.tag = "image"
        index.manifests = [only]
        try single.create(blobs: "../../../images/blobs", index: index)
        var umoci = Helper(
            path: try Programs.find("umoci"),
            arguments: ["raw", "unpack", "--image", single.directory + ":image", temporary + "/rootfs"])
        umoci.cgroup = helpers
        try umoci.succeed("unpack-failed", "the image \(digest) cannot be unpacked")
        try Files.sync(temporary)
        guard rename(temporary + "/rootfs", directory(of: digest)) == 0 || errno == EEXIST || errno == ENOTEMPTY else {
            throw systemError("unpack-failed", "the unpacked image cannot be put in place", call: "rename")
        }
        guard let ready = try unpacked(digest) else {
            throw Diagnostic(code: "unpack-failed", "umoci left no root file system for \(digest)")
        }
        return ready
    }
}
