import CLinux
import Containers
import Glibc
import Model

/// Where one branch of one repository lies: `<data-dir>/git/SET/HASH`. A set has its own, so that what one agent accepts
/// without a signature never comes to another that asks for one.
struct GitLayout: Hashable, Sendable {
    private let dataDirectory: String
    /// The directory of all below.
    let directory: String

    init(dataDirectory: String, set: String, source: String) {
        self.dataDirectory = dataDirectory
        directory = "\(dataDirectory)/git/\(set)/\(StableHash.hex(source, digits: 16))"
    }

    /// A bare mirror of the branch. It is a cache: losing it costs one more fetch.
    var repository: String { "\(directory)/repository" }
    /// One complete tree a commit.
    var checkouts: String { "\(directory)/checkouts" }
    /// A symbolic link to the checkout that counts.
    var current: String { "\(directory)/current" }
    /// Imported keys, one directory a state of the keyring.
    var keyrings: String { "\(directory)/keyrings" }
    /// What the last commits were accepted under.
    var accepted: String { "\(directory)/accepted" }
    /// The only configuration that git sees.
    var configuration: String { "\(directory)/gitconfig" }
    /// An empty home directory: no ~/.netrc, no ~/.gnupg.
    var home: String { "\(directory)/home" }

    /// Makes the directories, for our eyes only.
    func make() throws(Diagnostic) {
        for path in [dataDirectory, "\(dataDirectory)/git", directory, checkouts, keyrings, home] {
            try Files.makeDirectory(path, mode: 0o700)
        }
    }

    /// Keeps others from this directory as long as the lock lives, here or in a git that was given it: one that an agent
    /// left behind when it was killed still works in the mirror.
    ///
    /// - Parameter patience: milliseconds to wait for it. What git started may end a moment after git, and any process
    ///   that is just being spawned holds copies of all descriptors until it runs its program.
    func lock(patience: Int = 3000) throws(Diagnostic) -> Descriptor {
        let path = "\(directory)/lock"
        let lock = Descriptor(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600))
        guard lock.number >= 0 else { throw systemError("cannot open the lock file \(path)", call: "open") }
        var left = patience
        while left > 0, retrying({ flock(lock.number, LOCK_EX | LOCK_NB) }) != 0, errno == EWOULDBLOCK {
            usleep(20_000)
            left -= 20
        }
        guard retrying({ flock(lock.number, LOCK_EX | LOCK_NB) }) == 0 else {
            throw systemError(
                "git-busy", "another git is at work in \(directory)", call: "flock",
                hint: "one that an earlier agent started ends by itself within minutes; \(path) names no process, "
                    + "fuser \(path) does")
        }
        return lock
    }
}
