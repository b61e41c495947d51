import FoundationEssentials
import Model

/// JSON text as a value. Members are sorted by name, since Foundation's decoder forgets their order.
enum JSONReading {
    static func value(_ bytes: [UInt8]) -> JSONValue? {
        (try? JSONDecoder().decode(Box.self, from: Data(bytes)))?.value
    }

    private struct Box: Decodable {
        let value: JSONValue

        init(from decoder: any Decoder) throws {
            let single = try decoder.singleValueContainer()
            if single.decodeNil() {
                value = .null
            } else if let bool = try? single.decode(Bool.self) {
                value = .bool(bool)
            } else if let int = try? single.decode(Int64.self) {
                value = .int(int)
            } else if let double = try? single.decode(Double.self) {
                value = .double(double)
            } else if let text = try? single.decode(String.self) {
                value = .string(text)
            } else if let list = try? single.decode([Box].self) {
                value = .array(list.map { $0.value })
            } else {
                let members = try single.decode([String: Box].self)
                value = .object(members.sorted { $0.key < $1.key }.map { .init($0.key, $0.value.value) })
            }
        }
    }
}
