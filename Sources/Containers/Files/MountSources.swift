import Glibc
import Model

/// The host's side of bind mounts.
public enum MountSources {
    /// The sources that do not exist. One that cannot be looked at may exist.
    public static func missing(_ containers: [Container]) -> Set<String> {
        var status = stat()
        return containers.reduce(into: []) { missing, container in
            for source in container.mounts.compactMap(\.source)
            where stat(source, &status) != 0 && (errno == ENOENT || errno == ENOTDIR) {
                missing.insert(source)
            }
        }
    }
}
