import Netlink

/// Removes many links at once.
///
/// One by one each removal waits for the kernel's readers (16 ms a veth, measured), also within one batch. Links of one
/// group go together: a thousand in half a second. So they get a group of their own first, which nothing else has; by
/// their alias they stay ours if we are interrupted.
struct LinkRemoval {
    /// "rd": one more than the group of our links.
    private static let group: UInt32 = 0x7264

    let socket: NetlinkSocket

    /// Removes links by index; those that are gone are success.
    func remove(_ indexes: [Int32]) {
        guard indexes.count > 1 else {
            _ = socket.transact(indexes.map { LinkRequest.delete(.index($0)) })
            return
        }
        _ = socket.transact(indexes.map { LinkRequest.set(.index($0), LinkAttributes(group: Self.group)) })
        _ = socket.transact([LinkRequest.delete(group: Self.group)])
    }
}
