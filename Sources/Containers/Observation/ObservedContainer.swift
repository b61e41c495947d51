import Model

/// A container as it is found.
public struct ObservedContainer: Hashable, Sendable {
    /// What it is doing.
    public enum State: String, Hashable, Sendable {
        case running
        /// Its process ended; ``ObservedContainer/exitCode`` is known where its conmon lived to write it.
        case exited
        /// Half-made: a start was cut short. To be deleted, never started.
        case created
    }

    /// Name and incarnation.
    public var id: ContainerID
    /// The set that owns it.
    public var set: String
    /// The text of `reconcile.spec`; empty for a half-made one.
    public var spec: String
    /// The digest it was started from; empty for a half-made one.
    public var image: String
    /// running, exited or created.
    public var state: State
    /// Process 1 of the container, also after its end; `nil` for a half-made one.
    public var process: ProcessIdentity?
    /// Its conmon, also after its end.
    public var conmon: ProcessIdentity?
    /// `false` means: nobody will ever write an exit code, nor logs. Such a container is replaced, never started.
    public var conmonAlive: Bool
    /// 0–255 as shells have it; `nil` while running, or where nobody was there to see.
    public var exitCode: Int32?
    /// conmon noted that the kernel killed something of it because its memory was used up.
    public var isOutOfMemory = false
    /// Milliseconds since 1970.
    public var startedAt: Int64
    /// Milliseconds since 1970: when the exit code was written.
    public var exitedAt: Int64?

    /// The container's name.
    public var name: String { id.name }

    /// How it ended; `nil` while it runs, and of one half made.
    public var end: ProcessEnd? {
        state == .exited ? ProcessEnd(exitCode: exitCode.map(Int.init), isOutOfMemory: isOutOfMemory) : nil
    }
}
