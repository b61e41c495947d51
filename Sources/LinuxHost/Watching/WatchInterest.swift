/// What of a watched directory matters.
struct WatchInterest: Hashable {
    /// It is part of the tree: manifests, directories and links in it matter.
    var isTree = false
    /// Names that are looked up on the way to the tree or to what a link in it leads to.
    var names: Set<String> = []
    /// Names of files that are read.
    var files: Set<String> = []

    /// What to ask the kernel for.
    var mask: UInt32 {
        var mask = InotifyMask.itself | InotifyMask.adding
        if isTree || !names.isEmpty || !files.isEmpty { mask |= InotifyMask.names }
        if isTree || !files.isEmpty { mask |= InotifyMask.content }
        return mask
    }

    /// Adds another interest in the same directory.
    mutating func formUnion(_ other: WatchInterest) {
        isTree = isTree || other.isTree
        names.formUnion(other.names)
        files.formUnion(other.files)
    }

    /// What an event in the directory means.
    enum Meaning {
        case nothing
        /// What is read may have changed.
        case content
        /// Also which directories have to be watched.
        case structure
    }

    /// Judges an event; `isLink` tells whether a name is a symbolic link now.
    func meaning(of event: InotifyEvent, _ filter: TreeFilter, isLink: (String) -> Bool) -> Meaning {
        if event.has(InotifyMask.itself | InotifyMask.lost) { return .structure }
        guard let name = event.name else { return isTree ? .content : .nothing }
        if event.has(InotifyMask.names), names.contains(name) || files.contains(name) { return .structure }
        if files.contains(name) { return .content }
        guard isTree, !filter.isIgnored(name) else { return .nothing }
        if event.has(InotifyMask.directory) { return .structure }
        if event.has(InotifyMask.arrival), isLink(name) { return .structure }
        return filter.isFile(name) ? .content : .nothing
    }
}

/// Which names in a tree matter.
public struct TreeFilter: Sendable {
    /// Names that are neither read nor entered.
    let isIgnored: @Sendable (String) -> Bool
    /// Names of files that are read.
    let isFile: @Sendable (String) -> Bool

    /// A filter; directories and links count unless they are ignored, whatever their name.
    public init(isIgnored: @escaping @Sendable (String) -> Bool, isFile: @escaping @Sendable (String) -> Bool) {
        self.isIgnored = isIgnored
        self.isFile = isFile
    }
}
