import Containers
import Glibc
import Model

/// The public keys whose signatures count: those of one file, or of all files of a directory.
struct Keyring: Sendable {
    let path: String
    let files: [KeyFile]
    /// Names the content.
    let hash: String

    /// Reads them; throws `git-keyring`. In a GnuPG home directory only its pubring.kbx (or pubring.gpg) is read.
    static func read(_ path: String) throws(Diagnostic) -> Keyring {
        var files: [KeyFile] = []
        for path in try self.files(path) {
            guard let bytes = Files.bytes(path), access(path, R_OK) == 0 else {
                throw systemError("git-keyring", "cannot read the keyring \(path)", call: "open")
            }
            do throws(KeyFile.Refusal) { files.append(try KeyFile(bytes)) } catch {
                throw Diagnostic(
                    code: "git-keyring", "\(path) is no keyring", cause: error.cause, hint: error.hint)
            }
        }
        guard !files.isEmpty else {
            throw Diagnostic(
                code: "git-keyring", "there is no key in \(path)", hint: "with no key no commit would be accepted")
        }
        let hashes = files.map { String(StableHash.of($0.bytes), radix: 16) }
        return Keyring(path: path, files: files, hash: StableHash.hex(hashes.joined(separator: " "), digits: 16))
    }

    private static func files(_ path: String) throws(Diagnostic) -> [String] {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw systemError("git-keyring", "cannot read the keyring \(path)", call: "stat")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { return [path] }
        for name in ["pubring.kbx", "pubring.gpg"] where Files.exists("\(path)/\(name)") { return ["\(path)/\(name)"] }
        return Files.names(in: path).sorted().filter { !$0.hasPrefix(".") && !$0.hasSuffix("~") }.map {
            "\(path)/\($0)"
        }
    }

    /// The directory in which gpg and ssh-keygen find these keys and nothing else; made where it is not there.
    func prepare(_ layout: GitLayout) throws(Diagnostic) -> String {
        let directory = "\(layout.keyrings)/\(hash)"
        if Files.exists(directory) { return directory }
        for name in Files.names(in: layout.keyrings) { try? Files.removeTree("\(layout.keyrings)/\(name)") }
        let temporary = "\(layout.keyrings)/\(Files.temporaryName())"
        defer { try? Files.removeTree(temporary) }
        try Files.makeDirectory(temporary, mode: 0o700)
        try Files.makeDirectory(temporary + "/gnupg", mode: 0o700)
        // gpg(1). The keyring is the list of those whom the user trusts: no web of trust, no key from elsewhere.
        try Files.writeAtomically(
            """
            batch
            no-tty
            no-autostart
            disable-dirmngr
            no-auto-key-retrieve
            no-auto-key-locate
            no-auto-check-trustdb
            trust-model always

            """, to: temporary + "/gnupg/gpg.conf")
        let signers = files.filter { $0.kind == .allowedSigners }
        try Files.writeAtomically(
            signers.map { String(decoding: $0.bytes, as: UTF8.self) + "\n" }.joined(),
            to: temporary + "/allowed_signers")
        let keys = files.filter { $0.kind != .allowedSigners }
        if !keys.isEmpty { try importKeys(keys, temporary, try Programs.find("gpg")) }
        if !signers.isEmpty { _ = try Programs.find("ssh-keygen") }
        guard rename(temporary, directory) == 0 else { throw systemError("cannot make \(directory)", call: "rename") }
        return directory
    }

    private func importKeys(_ keys: [KeyFile], _ directory: String, _ gpg: String) throws(Diagnostic) {
        for key in keys {
            var source = directory + "/keys"
            try Files.write(key.bytes, to: source)
            if key.kind == .keybox {
                let exported = directory + "/exported"
                unlink(exported)
                try run(
                    gpg, ["--no-default-keyring", "--keyring", source, "--output", exported, "--export"],
                    directory)
                source = exported
            }
            // The status counts, not the exit code: gpg also looks for its agent, whose socket may have too long a path.
            let result = try run(gpg, ["--status-fd", "1", "--import", source], directory)
            guard result.outputText.split(separator: "\n").contains(where: { $0.hasPrefix("[GNUPG:] IMPORT_OK ") })
            else {
                throw Diagnostic(
                    code: "git-keyring", "there is no key in \(path)", cause: "gpg: " + result.errorText)
            }
        }
        for name in ["keys", "exported"] { unlink("\(directory)/\(name)") }
    }

    @discardableResult
    private func run(_ gpg: String, _ arguments: [String], _ directory: String) throws(Diagnostic) -> Helper.Result {
        var helper = Helper(path: gpg, arguments: arguments)
        helper.environment = ["PATH": Helper.plainEnvironment["PATH"] ?? "", "LC_ALL": "C.UTF-8"]
        helper.environment["GNUPGHOME"] = directory + "/gnupg"
        helper.timeout = 60_000
        return try helper.run()
    }
}
