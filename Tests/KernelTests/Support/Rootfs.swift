import Foundation

/// A root file system of busybox: enough to serve pages and answer datagrams.
enum Rootfs {
    private static let applets = [
        "cat", "chmod", "date", "df", "echo", "env", "false", "grep", "head", "hostname", "httpd", "id", "ip", "ls",
        "mount", "nc", "ping", "ps", "pwd", "sh", "sleep", "touch", "true", "ulimit", "wc",
    ]

    static func make(_ path: String) throws {
        let files = FileManager.default
        for name in ["bin", "dev", "etc", "proc", "sys", "tmp", "www/cgi-bin"] {
            try files.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
        }
        try files.copyItem(atPath: "/bin/busybox", toPath: path + "/bin/busybox")
        for applet in applets { symlink("busybox", "\(path)/bin/\(applet)") }
        try Files.write("hello\n", to: path + "/www/index.html")
        // Tells a client what the server takes it for, and which container answers.
        let script = "#!/bin/sh\nprintf 'Content-Type: text/plain\\r\\n\\r\\n'\n"
        try Files.write(script + "echo \"$REMOTE_ADDR\"\n", to: path + "/www/cgi-bin/client", mode: 0o755)
        try Files.write(script + "hostname\n", to: path + "/www/cgi-bin/name", mode: 0o755)
        try Files.write("root:x:0:0:root:/:/bin/sh\nweb:x:101:102::/:/bin/sh\n", to: path + "/etc/passwd")
        try Files.write("root:x:0:\nweb:x:102:\n", to: path + "/etc/group")
    }
}
