import Model

/// What the documents of a file describe, as far as they can be read.
struct ManifestContent: Sendable {
    var networks: [Network] = []
    var containers: [Container] = []
    var services: [Service] = []
    /// Every resource whose kind and name could be read, those with errors too.
    var declared: [ResourceID] = []
    /// Those that can be read but break a rule: they count where the whole set is checked, so that all errors come at
    /// once, and nothing comes of them.
    var unsound: Set<ResourceID> = []
    /// Those among them of which some fields could not be read, and have their defaults.
    var partial: Set<ResourceID> = []
    /// Something here may describe a network whose name could not be read: that one is missing proves nothing.
    var mayHideNetworks = false

    /// The resources that nothing is wrong with.
    var sound: ResourceSet {
        unsound.isEmpty
            ? ResourceSet(networks: networks, containers: containers, services: services)
            : ResourceSet(
                networks: networks.filter { !unsound.contains($0.id) },
                containers: containers.filter { !unsound.contains($0.id) },
                services: services.filter { !unsound.contains($0.id) })
    }
}
