import Model
import Testing

/// Where events cannot be written, the work goes on, and it is told.
@Suite(.serialized, .kernel) struct EventLogTests {
    private func site(_ mtu: Int) -> String {
        Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }]", "mtu: \(mtu)")
    }

    private func count(_ host: TestHost) throws -> Int {
        try host.reconcile("events", "-o", "json").output.lines.map { line in
            try JSONValue(parsing: Array(line.utf8))
        }.count
    }

    /// Each way to spoil the data directory, and back.
    @Test(arguments: [
        ("mount -t tmpfs -o size=4k,nr_inodes=4 tmpfs DATA && cat /dev/zero > DATA/full || true", "umount DATA"),
        ("mount --bind DATA DATA && mount -o remount,ro,bind DATA", "umount DATA"),
        ("mv DATA DATA.away && touch DATA", "rm DATA && mv DATA.away DATA"),
    ])
    func goesOnWithoutThem(spoil: String, mend: String) throws {
        try withHost { host in
            try host.write(site(1500))
            try host.apply()
            let before = try count(host)
            try host.sh(spoil.replacing("DATA", with: host.data))
            try host.write(site(1400))
            let result = try host.apply()
            #expect(
                result.errors.contains("warning: events cannot be written to \(host.data)/events.jsonl"), "\(result)")
            #expect(
                result.errors.components(separatedBy: "events cannot be written").count == 2, "told once: \(result)")
            #expect(try host.sh("ip -o link show br-front").contains("mtu 1400"))
            try host.sh(mend.replacing("DATA", with: host.data))
            #expect(try count(host) == before)
            try host.write(site(1300))
            let mended = try host.apply()
            #expect(!mended.errors.contains("events"), "\(mended)")
            #expect(try count(host) > before)
        }
    }

    /// A disk that is full in the middle of a line: no half line stays, and what fits is kept.
    @Test func fullInTheMiddle() throws {
        try withHost { host in
            try host.sh("mkdir -p DATA && mount -t tmpfs -o size=16k tmpfs DATA".replacing("DATA", with: host.data))
            try host.write(DriftTests.site(host).joined())
            let result = try host.reconcile("apply", host.manifests)
            #expect(result.errors.contains("events cannot be written") || result.code != 0, "\(result)")
            let text = try host.sh("cat \(host.data)/events.jsonl").lines
            for line in text { #expect(throws: Never.self) { try JSONValue(parsing: Array(line.utf8)) } }
            #expect(try host.sh("tail -c 1 \(host.data)/events.jsonl | od -An -c").contains("\\n"))
        }
    }

    @Test func filters() throws {
        try withHost { host in
            try host.write(DriftTests.site(host).joined())
            try host.apply()
            func events(_ arguments: String...) throws -> [String] {
                try host.reconcile(["events"] + arguments).output.lines
            }
            let web = try events("container/web")
            #expect(!web.isEmpty && web.allSatisfy { $0.contains("container/web") })
            #expect(try events("container/web", "network/front", "--since", "1h").count > web.count)
            #expect(try events("--since", "2000-01-01").count == events().count)
            #expect(try events("--since", "0s").isEmpty && events("container/web", "-n", "1").count == 1)
            #expect(
                try host.reconcile("events", "web").code == 64 && host.reconcile("events", "--since", "soon").code == 64
            )
        }
    }
}
