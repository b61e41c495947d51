import Glibc
import Model

/// Where aardvark-dns is: packages put it beside Podman's helpers, not on PATH.
public enum NameServerProgram {
    private static let places = ["/usr/lib/podman/aardvark-dns", "/usr/libexec/podman/aardvark-dns"]

    /// Its path; `nil` where it is not installed.
    public static var path: String? {
        places.first { access($0, X_OK) == 0 } ?? Programs.lookup("aardvark-dns")
    }

    /// What it is started with, to read a directory.
    static func arguments(_ directory: String) -> [String] { ["--config", directory, "--port", "53", "run"] }
}
