import Containers
import Drivers
import LinuxHost
import Model

/// How containers ended that are not to run again: what tells a finished job, also after a reboot, from one that never
/// ran.
struct ExitMemory {
    private let file: MemoryFile

    init(dataDirectory: String, set: String) {
        file = MemoryFile(directory: "\(dataDirectory)/memory", name: "exits-\(set).json")
    }

    func records() -> [String: ExitRecord] {
        var records: [String: ExitRecord] = [:]
        for member in file.read()?.members ?? [] {
            guard let code = member.value["code"]?.int, let specification = member.value["specification"]?.string else {
                continue
            }
            records[member.name] = ExitRecord(code: Int(code), specification: specification)
        }
        return records
    }

    /// Notes the containers that have ended and whose restart policy lets them rest.
    func note(_ look: Look) {
        let known = records()
        if known.isEmpty, look.containers.values.allSatisfy({ $0.exitCode == nil }) { return }
        var records = known.filter { look.desired.endpoints[$0.key] != nil }
        for object in look.desired.objects where object.id.kind == .process {
            let name = object.id.name
            guard let found = look.containers[name] else { continue }
            if object.string(.state) == "exited", let code = found.exitCode {
                records[name] = ExitRecord(code: Int(code), specification: FieldCoding.hash(object.fields))
            } else {
                records[name] = nil
            }
        }
        if records != known { write(records) }
    }

    /// Remembers these records and no others.
    func write(_ records: [String: ExitRecord]) {
        let members = records.sorted { $0.key < $1.key }.map { name, record in
            JSONValue.Member(
                name, ["code": .int(Int64(record.code)), "specification": .string(record.specification)])
        }
        try? file.write(members.isEmpty ? nil : .object(members))
    }

    func forget() { try? file.write(nil) }
}
