import CLinux
import Glibc
import Model

/// The root file system of one container: an image's directory below, a layer of its own above (overlayfs).
struct Overlay {
    /// Holds `upper`, `work` and the mount point `rootfs`.
    let directory: String

    var mountPoint: String { directory + "/rootfs" }

    /// Makes the directories and mounts.
    func mountOver(_ lower: String) throws(Diagnostic) {
        for name in ["upper", "work", "rootfs"] {
            try Files.makeDirectory(directory + "/" + name)
        }
        let places = [("lowerdir", lower), ("upperdir", directory + "/upper"), ("workdir", directory + "/work")]
        let options = places.map { "\($0.0)=\(Self.escape($0.1))" }.joined(separator: ",")
        // volatile: no sync when it is unmounted. The layer never outlives its incarnation, so nothing is lost.
        if mount("overlay", mountPoint, "overlay", 0, options + ",volatile") == 0 { return }
        if errno == EINVAL, mount("overlay", mountPoint, "overlay", 0, options) == 0 { return }
        throw systemError("overlay-failed", "the root file system over \(lower) cannot be mounted", call: "mount")
    }

    /// Unmounts and removes; what is gone already is success.
    func remove() throws(Diagnostic) {
        Self.unmount(mountPoint)
        try Files.removeTree(directory)
    }

    /// Unmounts whatever is at a path, also while something still uses it.
    static func unmount(_ path: String) {
        while umount2(path, RECONCILE_MNT_DETACH) == 0 {}
    }

    /// overlayfs splits its options at commas and its layers at colons; a backslash keeps them.
    static func escape(_ path: String) -> String {
        var text = ""
        for character in path {
            if character == "\\" || character == "," || character == ":" { text.append("\\") }
            text.append(character)
        }
        return text
    }
}
