/// What is written beside a container once it runs, and read back at every observation: one small file.
///
/// First line: `1 PID START CONMON START STARTED`, ids with their start times (``ProcessIdentity``) and milliseconds
/// since 1970. Second: image digest. The rest, to the byte: the spec's text.
struct ContainerRecord: Hashable {
    var process: ProcessIdentity
    var conmon: ProcessIdentity
    var startedAt: Int64
    var image: String
    var spec: String

    var text: String {
        "1 \(process.pid) \(process.startTime) \(conmon.pid) \(conmon.startTime) \(startedAt)\n\(image)\n\(spec)"
    }

    init(process: ProcessIdentity, conmon: ProcessIdentity, startedAt: Int64, image: String, spec: String) {
        self.process = process
        self.conmon = conmon
        self.startedAt = startedAt
        self.image = image
        self.spec = spec
    }

    /// `nil` for another form: such a container counts as half-made.
    init?(bytes: [UInt8]) {
        let newline = UInt8(ascii: "\n")
        guard let first = bytes.firstIndex(of: newline),
            let second = bytes[(first + 1)...].firstIndex(of: newline)
        else { return nil }
        var numbers: [UInt64] = []
        for field in bytes[..<first].split(separator: UInt8(ascii: " ")) {
            var number: UInt64 = 0
            for byte in field {
                guard byte >= 0x30, byte <= 0x39 else { return nil }
                number = number &* 10 &+ UInt64(byte &- 0x30)
            }
            numbers.append(number)
        }
        guard numbers.count == 6, numbers[0] == 1 else { return nil }
        process = ProcessIdentity(pid: Int32(truncatingIfNeeded: numbers[1]), startTime: numbers[2])
        conmon = ProcessIdentity(pid: Int32(truncatingIfNeeded: numbers[3]), startTime: numbers[4])
        startedAt = Int64(truncatingIfNeeded: numbers[5])
        image = String(decoding: bytes[(first + 1)..<second], as: UTF8.self)
        spec = String(decoding: bytes[(second + 1)...], as: UTF8.self)
    }
}
