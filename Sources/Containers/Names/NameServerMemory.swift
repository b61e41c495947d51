import Model
import Synchronization

/// What was read of the servers of names before. Their files are read each time and compared with these: only what is
/// other than it was then is understood anew, of which ten thousand names are long.
public final class NameServerMemory: Sendable {
    private struct Zone {
        let text: String
        let zone: NameZone?
        /// Its containers' names, once they were asked for.
        var objects: [KernelObject]?
    }

    private struct Memory {
        var zones: [String: Zone] = [:]
        var notes: [NameServer: (text: String, note: NameServerNote?)] = [:]
    }

    private let memory = Mutex(Memory())

    /// Nothing was read yet.
    public init() {}

    /// The names that a network's file says; `nil` where it is something else.
    func zone(_ network: String, _ text: String) -> NameZone? { read(network, text).zone }

    /// The objects of a network's names.
    func names(_ network: String, _ text: String) -> [KernelObject] {
        let known = read(network, text)
        if let objects = known.objects { return objects }
        let objects = (known.zone?.entries ?? [:]).map { name, entry in
            KernelObject(
                .name(name, on: network), owner: .container(name), fields: NameZone.fields(entry),
                hangsOn: [.dns(network)])
        }
        memory.withLock { memory in
            if memory.zones[network]?.text == text { memory.zones[network]?.objects = objects }
        }
        return objects
    }

    /// Keeps what was just written.
    func keep(_ network: String, _ text: String, _ zone: NameZone) {
        memory.withLock { memory in
            if memory.zones[network]?.text != text { memory.zones[network] = Zone(text: text, zone: zone) }
        }
    }

    /// Keeps the networks' files that are there, and forgets the others.
    func forget(but networks: Set<String>) {
        memory.withLock { $0.zones = $0.zones.filter { networks.contains($0.key) } }
    }

    /// What a server's note says; `nil` where it is something else.
    func note(_ server: NameServer, _ text: String) -> NameServerNote? {
        if let known = memory.withLock({ $0.notes[server] }), known.text == text { return known.note }
        let note = NameServerNote(text: text)
        memory.withLock { $0.notes[server] = (text, note) }
        return note
    }

    private func read(_ network: String, _ text: String) -> Zone {
        if let known = memory.withLock({ $0.zones[network] }), known.text == text { return known }
        let zone = Zone(text: text, zone: NameZone(text: text))
        memory.withLock { $0.zones[network] = zone }
        return zone
    }
}
