import CLinux
import Glibc

/// File systems where changes come about that inotify(7) does not tell of: by other hosts, or in a layer below.
enum RemoteFileSystem {
    /// By `f_type` of statfs(2), as linux/magic.h and the kernel's sources number them.
    private static let names: [UInt64: String] = [
        0x6969: "nfs", 0xff53_4d42: "cifs", 0xfe53_4d42: "smb2", 0x517b: "smb", 0x6573_5546: "fuse",
        0x0102_1997: "9p", 0x00c3_6400: "ceph", 0x7375_7245: "coda", 0x5346_414f: "afs", 0x6b41_4653: "afs",
        0x794c_7630: "overlay", 0x4750_4653: "gpfs", 0x0bd0_0bd0: "lustre", 0x786f_4256: "vboxsf",
        0x0116_1970: "gfs2", 0x7461_636f: "ocfs2",
    ]

    /// The name of the file system that a path lies on; `nil` where inotify sees every change, or nothing is there.
    static func name(of path: String) -> String? {
        var status = statfs()
        guard statfs(path, &status) == 0 else { return nil }
        return name(type: Int(status.f_type))
    }

    /// By the number alone; on some architectures it has a sign.
    static func name(type: Int) -> String? { names[UInt64(truncatingIfNeeded: type) & 0xffff_ffff] }
}
