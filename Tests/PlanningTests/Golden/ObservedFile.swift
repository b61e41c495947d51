import Model
import Planning
import Testing

/// `observed.json`: how the observed side differs from what `before/` would have made.
///
/// - `objects`: further objects, each `{id, owner, fields, hangsOn, keys, foreign, unmarked}`; only `id` is needed.
/// - `remove`: ids of objects that are gone, with all that hangs on them.
/// - `set`: `{id, field, value}`, in order; a null value removes the field.
/// - `rename`: `{id, to}`, a link in a sandbox that somebody renamed.
/// - `unmark`: ids that lost their mark.
struct ObservedFile {
    let json: JSONValue

    func apply(to observation: inout Observation) throws {
        for item in json["remove"]?.array ?? [] {
            var kernel = FakeKernel(observation)
            kernel.remove(try find(item, observation))
            observation = kernel.observation
        }
        for item in json["set"]?.array ?? [] { try set(item, &observation) }
        for item in json["rename"]?.array ?? [] { try rename(item, &observation) }
        for item in json["unmark"]?.array ?? [] { observation.unmarked.insert(try find(item, observation)) }
        for item in json["objects"]?.array ?? [] { try add(item, &observation) }
    }

    private func id(_ json: JSONValue?) throws -> ObjectID {
        let text = try #require(json?.string, "an id is missing")
        return try #require(ObjectID(text: text), "\(text) is no id")
    }

    private func find(_ json: JSONValue?, _ observation: Observation) throws -> ObjectID {
        let id = try id(json)
        _ = try #require(observation.objects[id], "\(id) is not observed")
        return id
    }

    private func set(_ item: JSONValue, _ observation: inout Observation) throws {
        let id = try find(item["id"], observation)
        let name = FieldName(try #require(item["field"]?.string))
        let value = try #require(item["value"])
        var fields = observation.objects[id]?.fields ?? []
        let index = fields.firstIndex { $0.name == name }
        if value == .null {
            fields.removeAll { $0.name == name }
        } else {
            let field = Field(name, try #require(FieldValue(json: value)))
            if let index { fields[index] = field } else { fields.append(field) }
        }
        observation.objects[id]?.fields = fields
    }

    private func add(_ item: JSONValue, _ observation: inout Observation) throws {
        let fields = try (item["fields"]?.members ?? []).map {
            Field(FieldName($0.name), try #require(FieldValue(json: $0.value)))
        }
        let object = KernelObject(
            try id(item["id"]), owner: item["owner"]?.string.flatMap { ResourceID($0) }, fields: fields,
            hangsOn: try (item["hangsOn"]?.array ?? []).map { try id($0) },
            keys: item["keys"]?.array?.compactMap(\.string) ?? [])
        let ownership: Ownership =
            item["foreign"]?.string.map { .foreign($0) } ?? (item["unmarked"]?.bool == true ? .unmarked : .ours)
        observation.insert(object, ownership)
    }

    private func rename(_ item: JSONValue, _ observation: inout Observation) throws {
        let old = try find(item["id"], observation)
        let new = ObjectID(old.kind, try #require(item["to"]?.string), in: old.sandbox)
        let objects = observation.objects.values.map { object in
            var id = object.id == old ? new : object.id
            if id.link == old.name, id.sandbox == old.sandbox {
                id = ObjectID(id.kind, id.name, on: new.name, in: id.sandbox)
            }
            return KernelObject(
                id, owner: object.owner, fields: object.fields,
                hangsOn: object.hangsOn.map { $0 == old ? new : $0 }, after: object.after, keys: object.keys)
        }
        observation = Observation(
            objects: objects, foreign: observation.foreign, unmarked: observation.unmarked)
    }
}
