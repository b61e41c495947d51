import Glibc
import Model

/// Where the helpers are, found once by looking along PATH and the directories of system programs.
public enum Programs {
    /// The path of a program; throws `program-missing`, which names the Debian package, where there is none.
    public static func find(_ name: String) throws(Diagnostic) -> String {
        if let path = lookup(name) { return path }
        throw Diagnostic(
            code: "program-missing", "\(name) is not installed",
            hint: "apt install \(packages[name] ?? name)")
    }

    static func lookup(_ name: String) -> String? {
        let own = environmentValue("PATH")?.split(separator: ":").map { String($0) } ?? []
        for directory in own + ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"] {
            let path = directory + "/" + name
            if directory.hasPrefix("/"), access(path, X_OK) == 0 { return path }
        }
        return nil
    }

    private static let packages = [
        "tini-static": "tini", "docker-init": "tini", "gpg": "gnupg", "ssh-keygen": "openssh-client",
    ]
}
