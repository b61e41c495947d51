import Glibc
import Model

extension Files {
    /// Removes a tree without following symbolic links or leaving its file system; what is gone already is success.
    package static func removeTree(_ path: String) throws(Diagnostic) {
        var failure: CInt = 0
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        remove(AT_FDCWD, path, device: status.st_dev, failure: &failure)
        if failure != 0 {
            throw systemError("remove-failed", "cannot remove \(path)", call: "unlinkat", errno: failure)
        }
    }

    private static func remove(_ parent: CInt, _ name: String, device: dev_t, failure: inout CInt) {
        if unlinkat(parent, name, 0) == 0 || errno == ENOENT { return }
        guard errno == EISDIR || errno == EPERM else {
            failure = errno
            return
        }
        let number = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard number >= 0, let stream = fdopendir(number) else {
            failure = errno
            if number >= 0 { close(number) }
            return
        }
        var status = stat()
        if fstat(number, &status) == 0, status.st_dev == device {
            var names: [String] = []
            while let entry = readdir(stream) {
                names.append(
                    withUnsafePointer(to: &entry.pointee.d_name) {
                        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                    })
            }
            for child in names where child != "." && child != ".." {
                remove(number, child, device: device, failure: &failure)
            }
        }
        closedir(stream)
        if unlinkat(parent, name, AT_REMOVEDIR) != 0, errno != ENOENT, failure == 0 { failure = errno }
    }
}
