extension ContainerObserver {
    /// The containers of some names, each read afresh, by id: all their incarnations.
    public func observe(named names: Set<String>) -> [ObservedContainer] {
        Files.names(in: layout.containers).compactMap { ContainerID($0) }.filter { names.contains($0.name) }
            .map { observe($0) }.sorted { $0.id.text < $1.id.text }
    }
}
