import Containers
import Foundation

/// Keys of a test, each person's in a GnuPG home of their own below the fixture's directory.
struct GitKeys {
    let fixture: GitFixture
    /// Keys made then are expired now.
    static let longAgo = "20200601T000000"

    /// Makes an OpenPGP key and exports it to `NAME.asc`; answers with what signs a commit with it.
    ///
    /// - Parameter time: when it is made and signs; it expires a year later.
    func openPGP(_ name: String, at time: String? = nil) throws -> [String: String] {
        let home = "\(fixture.directory)/\(name)"
        let faked = time.map { "--faked-system-time \($0)" } ?? ""
        // gpg itself gives its agent only some seconds to start.
        try fixture.sh(
            """
            mkdir -m 700 \(home)
            for n in 1 2 3 4 5 6; do gpgconf --homedir \(home) --launch gpg-agent && break; done
            printf '#!/bin/sh\\nexec gpg --homedir \(home) \(faked) "$@"\\n' >\(home)/gpg; chmod 755 \(home)/gpg
            \(home)/gpg --quiet --batch --passphrase '' --quick-generate-key '\(name) <\(name)@example.com>' ed25519 sign 1y
            \(home)/gpg --quiet --armor --export >\(name).asc
            """)
        return signing("openpgp", key: "\(name)@example.com", program: "gpg.program", "\(home)/gpg")
    }

    /// Makes an SSH key, and `NAME.signers` that allows it.
    func ssh(_ name: String) throws -> [String: String] {
        try fixture.sh(
            """
            ssh-keygen -q -t ed25519 -N '' -C \(name) -f \(name).key
            echo "\(name)@example.com namespaces=\\"git\\" $(cat \(name).key.pub)" >\(name).signers
            """)
        return signing(
            "ssh", key: "\(fixture.directory)/\(name).key", program: "gpg.ssh.program", try Programs.find("ssh-keygen"))
    }

    /// Ends what gpg started.
    func finish(_ name: String) throws { try fixture.sh("gpgconf --homedir \(fixture.directory)/\(name) --kill all") }

    private func signing(_ format: String, key: String, program: String, _ path: String) -> [String: String] {
        let values = [("gpg.format", format), ("user.signingKey", key), (program, path)]
        var environment = ["GIT_CONFIG_COUNT": "\(values.count)"]
        for (index, value) in values.enumerated() {
            environment["GIT_CONFIG_KEY_\(index)"] = value.0
            environment["GIT_CONFIG_VALUE_\(index)"] = value.1
        }
        return environment
    }
}
