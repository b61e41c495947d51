/// The names of one network, and where they are served: a configuration file of aardvark-dns
/// (config.md of github.com/containers/aardvark-dns; the format of 1.4 is that of all later versions).
public struct NameZone: Hashable, Sendable {
    /// One container.
    public struct Entry: Hashable, Sendable {
        /// Its addresses on the network: one a family at most.
        public var addresses: [IPAddress]
        /// Its names beside its own, sorted.
        public var aliases: [String]
        /// Whom its other questions are handed on to; empty: the host's servers.
        public var servers: [IPAddress]

        /// An entry.
        public init(addresses: [IPAddress], aliases: [String] = [], servers: [IPAddress] = []) {
            self.addresses = addresses
            self.aliases = aliases
            self.servers = servers
        }
    }

    /// The addresses at which the network's names are served.
    public var listens: [IPAddress]
    /// The containers, by name.
    public var entries: [String: Entry]

    /// A zone.
    public init(listens: [IPAddress], entries: [String: Entry] = [:]) {
        self.listens = listens
        self.entries = entries
    }

    /// The file. First where to listen; then a line a container: its id, IPv4 addresses, IPv6 addresses, names, and
    /// servers where it has its own. The id is the container's name, so that the server knows the same container on
    /// several networks.
    public var text: String {
        // In one piece: a network may have ten thousand lines.
        var text = Self.list(listens) + "\n"
        text.reserveCapacity(64 * (entries.count + 1))
        for (name, entry) in entries.sorted(by: { $0.key < $1.key }) {
            text += name
            for family in IPAddress.Family.allCases {
                text += " "
                text += Self.list(entry.addresses.filter { $0.family == family })
            }
            text += " "
            text += name
            for alias in entry.aliases {
                text += ","
                text += alias
            }
            if !entry.servers.isEmpty {
                text += " "
                text += Self.list(entry.servers)
            }
            text += "\n"
        }
        return text
    }

    /// Reads what ``text`` wrote; `nil` where it is something else. Read by bytes: a network may have thousands of lines,
    /// and nothing in them is a combination of several.
    public init?(text: String) {
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.popLast()?.isEmpty == true, let first = lines.first, let listens = Self.addresses(first),
            !listens.isEmpty
        else { return nil }
        self.init(listens: listens)
        entries.reserveCapacity(lines.count)
        for line in lines.dropFirst() {
            let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
            guard words.count == 4 || words.count == 5, let ipv4 = Self.addresses(words[1]),
                let ipv6 = Self.addresses(words[2]),
                let servers = words.count == 5 ? Self.addresses(words[4]) : []
            else { return nil }
            let names = words[3].split(separator: UInt8(ascii: ","))
            guard names.first.map({ $0.elementsEqual(words[0]) }) == true else { return nil }
            entries[String(Substring(words[0]))] = Entry(
                addresses: ipv4 + ipv6, aliases: names.dropFirst().map { String(Substring($0)) }, servers: servers)
        }
    }

    private static func list(_ addresses: [IPAddress]) -> String {
        addresses.map(\.description).joined(separator: ",")
    }

    private static func addresses(_ text: Substring.UTF8View) -> [IPAddress]? {
        let words = text.split(separator: UInt8(ascii: ","))
        let addresses = words.compactMap { IPAddress(String(Substring($0))) }
        return addresses.count == words.count ? addresses : nil
    }
}

extension NameZone {
    /// Takes in or out what an object stands for: a container of this zone.
    public mutating func set(_ name: String, _ object: KernelObject?) {
        entries[name] = object.map { Entry($0) }
    }

    /// The addresses that an object names as its target.
    public static func addresses(of object: KernelObject) -> [IPAddress] {
        (object.string(.target) ?? "").split(separator: ",").compactMap { word in
            IPAddress(String(word.drop { $0 == " " }))
        }
    }

    /// Names that a container has beside its own, as an entry has them: in lower case (RFC 4343) and sorted.
    public static func aliases(_ names: [String], of container: String) -> [String] {
        Set(names.map { $0.lowercased() }).subtracting([container]).sorted()
    }

    /// The fields of a container's object.
    public static func fields(_ entry: Entry) -> [Field] {
        var fields = [Field(.target, .string(target(entry.addresses)))]
        if !entry.aliases.isEmpty { fields.append(Field(.aliases, .list(entry.aliases))) }
        if !entry.servers.isEmpty { fields.append(Field(.servers, .list(entry.servers.map(\.description)))) }
        return fields
    }

    /// Addresses as a target: `10.20.0.10, fd00:20::a`.
    public static func target(_ addresses: [IPAddress]) -> String {
        addresses.map(\.description).joined(separator: ", ")
    }
}

extension NameZone.Entry {
    /// What a container's object says: the way back from ``NameZone/fields(_:)``.
    public init(_ object: KernelObject) {
        self.init(
            addresses: NameZone.addresses(of: object), aliases: object.list(.aliases) ?? [],
            servers: (object.list(.servers) ?? []).compactMap { IPAddress($0) })
    }

    /// The same with another name, or without it.
    public func answering(to name: String, _ does: Bool) -> NameZone.Entry {
        var entry = self
        entry.aliases = Set(aliases.filter { $0 != name } + (does ? [name] : [])).sorted()
        return entry
    }
}
